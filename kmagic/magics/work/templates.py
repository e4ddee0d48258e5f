"""``-o go-template`` and its relatives: a template in the line or in a file, rendered as kubectl renders it.

Source: k8s.io/cli-runtime/pkg/genericclioptions/template_flags.go, k8s.io/cli-runtime/pkg/printers/template.go.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kmagic.api.codec import YAMLError, decode_text
from kmagic.api.go_template import GoTemplate, GoTemplateError
from kmagic.errors import ArgumentError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.magics.language.grammar import Command

__all__ = ("GO_TEMPLATES", "allows_missing", "go_template_of", "rendered", "text_of_file")

_IN_FILES = ("go-template-file", "templatefile")
GO_TEMPLATES = ("go-template", "template", *_IN_FILES)


def go_template_of(command: Command, kind: str, template: str) -> GoTemplate:
    """Reads a Go template of the command.

    Args:
        command: For the place of what is wrong in it.
        kind: One of `GO_TEMPLATES`.
        template: The template, or the file that holds it.

    Raises:
        UsageError: There is none, or it cannot be read.
    """
    if not template:
        raise command.usage_error("template format specified but no template given", at=kind)
    text = text_of_file(command, template) if kind in _IN_FILES else template
    try:
        return GoTemplate(text, allow_missing=allows_missing(command))
    except GoTemplateError as error:
        raise command.usage_error(f"error parsing template {text}, {error}", at=template) from error


def allows_missing(command: Command) -> bool:
    """Returns whether a field that is not there is empty, instead of an error; also where the flag is not taken."""
    return command.value("allow-missing-template-keys") is not False


def rendered(template: GoTemplate, obj: JSONObject) -> str:
    """The text of an object.

    Raises:
        ArgumentError: The template does not fit it.
    """
    try:
        return template.render(obj)
    except GoTemplateError as error:
        decodes = "base64decode" in template.text
        hint = "values of Secrets are masked, so that there is nothing to decode" if decodes else ""
        raise ArgumentError(f'error executing template "{template.text}": {error}', hint=hint) from error


def text_of_file(command: Command, name: str) -> str:
    """The template in a file of ``-o go-template-file=``, ``jsonpath-file=`` or ``custom-columns-file=``.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        return decode_text(Path(name).expanduser().read_bytes())
    except OSError as error:
        raise command.usage_error(f"error reading template {name}: {error.strerror}", at=name) from error
    except YAMLError as error:
        raise command.usage_error(f"error reading template {name}: {error.message}", at=name) from error
