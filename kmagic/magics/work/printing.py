"""``-o`` of the verbs that are not for reading lists: objects one by one, as kubectl prints what it changed.

Source: k8s.io/cli-runtime/pkg/genericclioptions/print_flags.go, k8s.io/cli-runtime/pkg/printers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.gvk import GroupVersionKind
from kmagic.magics.results.values import KText
from kmagic.magics.work.output import json_text, jsonpath_of
from kmagic.magics.work.templates import GO_TEMPLATES, go_template_of, rendered
from kmagic.safety.salt import SALT
from kmagic.views.kyaml import to_kyaml
from kmagic.views.masking import mask_object
from kmagic.views.yaml import to_yaml, without_managed_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command

__all__ = ("check_printing", "printed", "printing")

_FORMATS = ("json", "yaml", "kyaml", "name", "jsonpath=…", "jsonpath-as-json=…", "go-template=…", "go-template-file=…")


def check_printing(command: Command) -> None:
    """Refuses an ``-o`` that means nothing here, before any request.

    Raises:
        UsageError: It is none of json, yaml, kyaml, name, jsonpath, go-template.
    """
    kind, equals, template = command.text("output").partition("=")
    if kind in ("", "json", "yaml", "kyaml", "name") and not equals:
        return
    if kind in GO_TEMPLATES:
        go_template_of(command, kind, template)
        return
    if kind in ("jsonpath", "jsonpath-as-json"):
        if not template:
            raise command.usage_error("template format specified but no template given", at=kind)
        jsonpath_of(command, template)
        return
    formats = ", ".join(_FORMATS)
    raise command.usage_error(f'unable to match a printer suitable for the output format "{kind}": {formats}', at=kind)


def printed(command: Command, objects: Sequence[JSONObject], *, salt: bytes | None = SALT) -> KText:
    """The objects in the form that ``-o`` asks for.

    Args:
        command: Its ``-o``; see `check_printing`.
        objects: One by one.
        salt: Masks secrets; None for what holds none any more.
    """
    check_printing(command)
    kind, _, template = command.text("output").partition("=")
    shown = [_shown(command, obj if salt is None else mask_object(obj, salt)) for obj in objects]
    match kind:
        case "name":
            return KText("\n".join(map(_name, shown)))
        case "json":
            return KText("\n".join(json_text(obj) for obj in shown))
        case "kyaml":
            return KText("".join(map(to_kyaml, shown)).rstrip("\n"))
        case _ if kind in GO_TEMPLATES:
            go_template = go_template_of(command, kind, template)
            return KText("".join(rendered(go_template, obj) for obj in shown))
        case "jsonpath":
            return KText("".join(jsonpath_of(command, template).render(obj) for obj in shown))
        case "jsonpath-as-json":
            return KText("\n".join(json_text(jsonpath_of(command, template).find(obj)) for obj in shown))
        case _:
            return KText("---\n".join(to_yaml(obj) for obj in shown).rstrip("\n"))


def printing(command: Command) -> Callable[[Sequence[JSONObject]], str] | None:
    """Returns what ``-o`` makes of changed objects; None where kubectl's lines are shown."""
    if not command.text("output"):
        return None
    check_printing(command)
    return lambda objects: printed(command, objects)


def _shown(command: Command, obj: JSONObject) -> JSONObject:
    return obj if command.on("show-managed-fields") else without_managed_fields(obj)


def _name(obj: JSONObject) -> str:
    gvk = GroupVersionKind.of(obj)
    kind = f"{gvk.kind}.{gvk.group}" if gvk.group else gvk.kind
    return f"{kind.lower()}/{(obj.get('metadata') or {}).get('name') or '<unknown>'}"
