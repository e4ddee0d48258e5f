"""The forms of ``-o``: text as kubectl prints it, and the Python value behind it.

Source: k8s.io/kubectl/pkg/cmd/get (get_flags.go, sorter.go), k8s.io/cli-runtime/pkg/printers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api import meta
from kmagic.api.door import UNREADABLE
from kmagic.api.go_values import go_text
from kmagic.api.jsonpath import JSONPath, JSONPathError, html_safe
from kmagic.api.quantity import Quantity
from kmagic.api.table import Column, TableRow, row_object
from kmagic.api.terminal import escape_json
from kmagic.api.times import age
from kmagic.magics.language.selection import selected
from kmagic.magics.results.objects import Objects
from kmagic.magics.results.table_text import Looks, Style, style_of
from kmagic.magics.results.values import KGroup, KList, KMapping, KObject, KText, KValues
from kmagic.magics.work.fetched import Fetched, Need
from kmagic.magics.work.templates import GO_TEMPLATES, allows_missing, go_template_of, rendered, text_of_file
from kmagic.safety.salt import SALT
from kmagic.views.kyaml import to_kyaml
from kmagic.views.masking import mask_object
from kmagic.views.order import natural
from kmagic.views.table import Table, name_column, row_of
from kmagic.views.text import aligned, several
from kmagic.views.yaml import to_yaml, without_managed_fields

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.results.outcome import Outcome
    from kmagic.safety.target import Target

__all__ = ("KINDS", "check_output", "json_text", "jsonpath_of", "need_of", "nothing_found", "show", "show_objects")

KINDS = (
    "wide",
    "yaml",
    "kyaml",
    "json",
    "name",
    "jsonpath=",
    "jsonpath-file=",
    "jsonpath-as-json=",
    "go-template=",
    "go-template-file=",
    "custom-columns=",
    "custom-columns-file=",
    "df",
)


def check_output(command: Command, *, tables: bool = True) -> None:
    """Refuses an ``-o`` that means nothing, before any request.

    Args:
        command: The command.
        tables: Whether its result is a table, so that it has other columns and a DataFrame, too.
    """
    kind, equals, template = command.text("output").partition("=")
    if kind in GO_TEMPLATES:
        go_template_of(command, kind, template)
        return
    if kind in _OF_FILES and template:
        text_of_file(command, template)
        return
    if kind in ("", "yaml", "kyaml", "json", "name") and not equals:
        return
    if tables and kind in _OF_TABLES and not equals:
        return
    if kind in ("jsonpath", "jsonpath-as-json", "custom-columns"):
        if not template:
            raise command.usage_error(f"-o {kind} needs a template, for example -o {kind}={_TEMPLATES[kind]}", at=kind)
        return
    known = [each for each in KINDS if tables or each not in _OF_TABLES]
    raise command.usage_error(f"-o {command.text('output')} is not known; use one of {', '.join(known)}", at=kind)


# Objects that become text at once.
_AT_ONCE = 100
# A number that Go, Python and msgspec write each in its own way.
_EXPONENT = re.compile(rb"[:,\[]-?[0-9.]+[eE]")
_OF_FILES = ("jsonpath-file", "custom-columns-file")
_OF_TABLES = ("wide", "df")
_TEMPLATES = {
    "jsonpath": "{.items[*].metadata.name}",
    "jsonpath-as-json": "{.items[*].metadata.name}",
    "custom-columns": "NAME:.metadata.name",
}


def need_of(command: Command) -> Need:
    """Returns what of a list the form needs that ``-o`` and the flags of tables ask for."""
    kind = command.text("output").partition("=")[0]
    if kind not in ("", "name", *_OF_TABLES):
        return Need.OBJECTS
    if command.text("sort-by") or command.value("server-print") is False:
        return Need.ROWS_AND_OBJECTS
    if kind == "df" or command.values("label-columns") or command.on("show-labels"):
        return Need.ROWS_AND_METADATA
    return Need.NAMES if kind == "name" else Need.ROWS


def show_objects(command: Command, outcomes: Sequence[Outcome], target: Target) -> object:
    """The form that ``-o`` asks for of the objects that were changed, as they are now."""
    whole = [each for each in outcomes if each.resource is not None and each.after is not None]
    found = [
        Fetched(each.resource, (), [TableRow((), each.after)], single=len(whole) == 1)
        for each in whole
        if each.resource is not None
    ]
    return show(command, found, target)


def show(command: Command, found: Sequence[Fetched], target: Target) -> object:
    """The result of a reading command in the form its flags ask for."""
    if command.text("output") not in ("", *_OF_TABLES) and _ignored(command, found):
        return KText("")
    ordered = [_sorted(command, each) for each in found]
    if command.value("server-print") is False:
        ordered = [_by_name_and_age(each) for each in ordered]
    kind, _, template = command.text("output").partition("=")
    match kind:
        case "" | "wide":
            return _tables(command, ordered, target)
        case "df":
            return _list(command, ordered[0], style_of(command), target).df
        case "name":
            names = [f"{each.resource.kind_name}/{name}" for each in ordered for _, name in each.keys]
            return KValues(names, "\n".join(names))
        case "yaml":
            return KText(_yaml(command, ordered).rstrip("\n"))
        case "kyaml":
            return KText(to_kyaml(_whole(command, ordered)).rstrip("\n"))
        case "json":
            return KText(_json(command, ordered))
        case _ if kind in GO_TEMPLATES:
            return KText(rendered(go_template_of(command, kind, template), _whole(command, ordered)))
        case "custom-columns":
            return _custom_columns(command, template.split(","), ordered)
        case "custom-columns-file":
            heads, _, paths = text_of_file(command, template).strip("\n").partition("\n")
            columns = zip(heads.split(), paths.split(), strict=False)
            return _custom_columns(command, [f"{head}:{path}" for head, path in columns], ordered)
        case "jsonpath-file":
            return _jsonpath(command, kind, text_of_file(command, template), ordered)
        case _:
            return _jsonpath(command, kind, template, ordered)


def _ignored(command: Command, found: Sequence[Fetched]) -> bool:
    """Returns whether all that was named is missing and may be."""
    named = bool(command.values("filename")) or (
        bool(command.objects) and all(each.names for each in selected(command))
    )
    return command.on("ignore-not-found") and named and not any(each.rows for each in found)


# -- tables


def _tables(command: Command, found: Sequence[Fetched], target: Target) -> object:
    style = style_of(command)
    if len(found) > 1:
        kinds = Style(**{**style.__dict__, "kind": True})
        lists = [_list(command, each, kinds, target) for each in found]
        tables = [each._looks.table for each in lists if len(each)]
        text = several(tables, wide=style.wide, namespace=style.namespace, headers=style.headers)
        return KGroup(lists, text or ("" if _ignored(command, found) else nothing_found(command, target)))
    whole = _list(command, found[0], style, target)
    return whole[0] if found[0].single and len(whole) == 1 else whole


def _list(command: Command, found: Fetched, style: Style, target: Target) -> KList:
    now = datetime.now(UTC)
    table = _table(found, now)
    footer = " · ".join(filter(None, (target.badge, found.note)))
    nothing = "" if _ignored(command, [found]) else nothing_found(command, target)
    looks = Looks(table, style, nothing, footer, now)
    objects = Objects.of(
        (row.object for row in found.rows),
        looks,
        lambda obj, looks: KObject(obj, looks, found.resource),
        found.unread,
    )
    return KList(objects, looks, found.resource, found.resource_version)


def _table(found: Fetched, now: datetime) -> Table:
    resource, came, named, namespace = found.resource, now.timestamp(), name_column(found.columns), found.namespace
    return Table(
        found.columns,
        tuple(
            row_of(row.cells, row_object(row.object), came=came, named=named, namespace=namespace) for row in found.rows
        ),
        f"{resource.kind}.{resource.group}" if resource.group else resource.kind,
        resource.namespaced,
        found.resource_version,
        found.remaining_item_count,
    )


def nothing_found(command: Command, target: Target) -> str:
    """Kubectl's words for an empty answer."""
    if command.on("all-namespaces"):
        return "No resources found"
    return f"No resources found in {command.text('namespace') or target.namespace} namespace."


def _by_name_and_age(found: Fetched) -> Fetched:
    """The same objects without the server's columns, as kubectl shows kinds that it does not know."""
    columns = (Column("Name", format="name"), Column("Age"))
    now = datetime.now(UTC)
    rows = [
        TableRow((meta.name(obj), age(meta.creation_timestamp(obj), now)), row.object)
        for row, obj in zip(found.rows, found.each(), strict=True)
    ]
    return replace(found, columns=columns, rows=rows)


# -- objects


def _shown(command: Command, obj: JSONObject) -> JSONObject:
    return mask_object(obj if command.on("show-managed-fields") else without_managed_fields(obj), SALT)


def _shown_ones(command: Command, found: Sequence[Fetched]) -> Iterator[JSONObject]:
    """The objects as they are shown, one after the other: of a long list only the text stays."""
    return (_shown(command, obj) for each in found for obj in each.each())


def _is_one(found: Sequence[Fetched]) -> bool:
    return len(found) == 1 and found[0].single and len(found[0].rows) == 1


def _list_of(objects: list[JSONObject]) -> JSONObject:
    return {"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}}


def _whole(command: Command, found: Sequence[Fetched]) -> JSONObject:
    """One object as it is, several as a List."""
    objects = list(_shown_ones(command, found))
    return objects[0] if _is_one(found) else _list_of(objects)


def _json(command: Command, found: Sequence[Fetched]) -> str:
    """The same as `_whole`, as JSON."""
    if _is_one(found):
        return json_text(_whole(command, found))
    head, empty, tail = json_text(_list_of([])).partition("[]")
    items = [json_text(obj).replace("\n", "\n" + 8 * " ") for obj in _shown_ones(command, found)]
    return f"{head}[\n{8 * ' '}{f',{chr(10)}{8 * chr(32)}'.join(items)}\n    ]{tail}" if items else head + empty + tail


def _yaml(command: Command, found: Sequence[Fetched]) -> str:
    """The same as `_whole`, as YAML."""
    if _is_one(found):
        return to_yaml(_whole(command, found))
    head, empty, tail = to_yaml(_list_of([])).partition(" []")
    shown, texts = _shown_ones(command, found), []
    while some := list(islice(shown, _AT_ONCE)):
        # Without the line "items:", which the list has once.
        texts.append(to_yaml({"items": some}).partition("\n")[2].rstrip("\n"))
    return "\n".join([head, *texts]) + tail if texts else head + empty + tail


def _jsonpath(command: Command, kind: str, template: str, found: Sequence[Fetched]) -> object:
    if kind != "jsonpath-as-json" and "{" not in template:
        # What stands outside of braces is text, as with kubectl.
        return KText(template)
    path = jsonpath_of(command, template)
    whole = _whole(command, found)
    if kind == "jsonpath-as-json":
        values = path.find(whole)
        return KValues(values, json_text(values))
    text = path.render(whole)
    values = path.find(whole)
    if not _is_one_path(template):
        return KText(text)
    if len(values) == 1 and "[*]" not in template and ".." not in template:
        value = values[0]
        return KText(value) if isinstance(value, str) else _with_text(value, text)
    return KValues(values, text)


def _with_text(value: Any, text: str) -> Any:
    """A value that shows itself as kubectl prints it; numbers and truths are as they are."""
    if isinstance(value, dict):
        return KMapping(value, text)
    return KValues(value, text) if isinstance(value, list) else value


def json_text(value: Any) -> str:
    """The value as kubectl writes JSON, with nothing in it that a terminal obeys."""
    try:
        packed = msgspec.json.encode(value, order="sorted")
        if not _EXPONENT.search(packed):
            return escape_json(html_safe(msgspec.json.format(packed, indent=4).decode()))
    except UNREADABLE:  # a number or a text that it cannot write
        pass
    return escape_json(html_safe(json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False)))


def _is_one_path(template: str) -> bool:
    return template.startswith("{") and template.endswith("}") and template.count("{") == 1


def jsonpath_of(command: Command, template: str) -> JSONPath:
    """Reads a template of the command.

    Raises:
        UsageError: It is none.
    """
    try:
        return JSONPath(template, allow_missing=allows_missing(command))
    except JSONPathError as error:
        raise command.usage_error(f"the jsonpath cannot be read: {error}", at=template) from error


def _custom_columns(command: Command, columns: Sequence[str], found: Sequence[Fetched]) -> object:
    """A table of columns such as ``NAME:.metadata.name`` and ``IMAGE:.spec.containers[*].image``."""
    names, paths = [], []
    for column in columns:
        name, colon, path = column.partition(":")
        if not colon or not path:
            raise command.usage_error(f"a custom column is HEADER:.json.path, not {column!r}", at=column)
        names.append(name)
        paths.append(jsonpath_of(command, "{" + _dotted(path) + "}"))
    rows = [
        [_joined(path.find(shown)) for path in paths]
        for each in found
        for shown in map(partial(_shown, command), each.each())
    ]
    head = [] if command.on("no-headers") else [names]
    return KValues([dict(zip(names, row, strict=True)) for row in rows], aligned([*head, *rows]))


def _dotted(path: str) -> str:
    """Kubectl's relaxed spelling: ``metadata.name``, ``.metadata.name`` and ``{.metadata.name}`` are one."""
    bare = path[1:-1] if path.startswith("{") and path.endswith("}") else path
    return bare if bare.startswith((".", "[")) else f".{bare}"


def _joined(values: list[Any]) -> str:
    if not values:
        return "<none>"
    return ",".join(map(go_text, values))


# -- order


def _sorted(command: Command, found: Fetched) -> Fetched:
    """Rows by ``--sort-by``; objects without the field, or with null there, come first, as in kubectl."""
    template = command.text("sort-by")
    if not template:
        return found
    path = jsonpath_of(command, "{" + _dotted(template) + "}")
    values = [path.find(obj)[:1] for obj in found.each()]
    if found.rows and not any(values):
        raise command.usage_error(f"no object has the field {template}", at=template)
    keys: list[Any] = [[] if value == [None] else value for value in values]
    key = _key_for([value[0] for value in keys if value])
    order = sorted(range(len(keys)), key=lambda at: (bool(keys[at]), key(keys[at][0]) if keys[at] else 0))
    found.rows[:] = [found.rows[at] for at in order]
    return found


def _key_for(values: Sequence[Any]) -> Callable[[Any], Any]:
    """Returns the sort key of one field's values: numbers, quantities, then text with its numbers by value."""
    if all(isinstance(value, bool | int | float) for value in values):
        return float
    try:
        quantities = {value: Quantity(value) for value in values}
    except (ValueError, TypeError):
        return lambda value: natural(value if isinstance(value, str) else json.dumps(value, sort_keys=True))
    return quantities.__getitem__
