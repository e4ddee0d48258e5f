"""The fields of a kind explained: the text that ``kubectl explain`` prints, and a tree to open and close.

Source: k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl, v0.37.2; github.com/mitchellh/go-wordwrap (WrapString).
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kmagic.api.terminal import escape_terminal
from kmagic.views.html import STYLE, page_safe

if TYPE_CHECKING:
    from kmagic.api.gvk import GroupVersionKind
    from kmagic.api.types import JSONObject
    from kmagic.views.schema import Field, Schema

__all__ = ("explain_html", "explain_text", "wrapped")

_WIDTH = 80
# So many values of an enum stand in a list of fields; the field's own page has all.
_ENUM_VALUES = 4
# What Go calls space and a line may break at: not the no-break space.
_SPACE = r"[ \t\v\f\r\x85\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_WORD = re.compile(rf"({_SPACE}*)((?:(?!{_SPACE}).)+)", re.DOTALL)


def explain_text(gvk: GroupVersionKind, found: Field, *, recursive: bool = False, depth: int = 0) -> str:
    """Returns the output of ``kubectl explain``, to the last newline.

    Args:
        gvk: The kind that is explained.
        found: The kind itself, or a field of it.
        recursive: The names of all fields below instead of the descriptions of the next ones.
        depth: Levels at most when recursive; 0 for all.
    """
    lines = [f"GROUP:      {gvk.group}"] if gvk.group else []
    lines += [f"KIND:       {gvk.kind}", f"VERSION:    {gvk.version}", ""]
    if found.name:
        values = [f"    {_value(each)}" for each in found.enum]
        lines += [f"FIELD: {found.name} <{found.schema.type}>", *(["ENUM:", *values] if values else [""]), ""]
    lines += ["DESCRIPTION:", _indented(wrapped(found.schema.description or "<empty>", _WIDTH - 4), 4)]
    documents = _external_documents(found.schema.resolved, 0)
    lines += ["", *documents] if documents else []
    # The schema itself, not its reference: that may come again further down.
    fields = list(_field_lines(found.schema, 1, recursive, depth, frozenset(), top=True))
    return escape_terminal("\n".join([*lines, *(["FIELDS:", *fields] if fields else []), "", ""]))


def _field_lines(
    schema: Schema, level: int, recursive: bool, depth: int, seen: frozenset[str], *, top: bool = False
) -> Iterator[str]:
    """The lines of all fields of a schema; one that contains itself ends."""
    reference = "" if top else schema.reference
    if reference and reference in seen:
        return
    seen |= {reference}
    for each in schema.own.values():
        yield from _one_field(each, 2 * level, short=recursive)
        if recursive and (not depth or level < depth):
            yield from _field_lines(each.schema, level + 1, recursive, depth, seen)
    for part in schema.parts:
        yield from _field_lines(part, level, recursive, depth, seen)


def _one_field(each: Field, indent: int, *, short: bool) -> Iterator[str]:
    pad = " " * indent
    yield f"{pad}{each.name}\t<{each.schema.type}>{' -required-' if each.required else ''}"
    if each.enum:
        more = ", ...." if len(each.enum) > _ENUM_VALUES else ""
        yield f"{pad}enum: {', '.join(map(_value, each.enum[:_ENUM_VALUES]))}{more}"
    if short:
        return
    raw = each.schema.raw
    yield _indented(wrapped(raw.get("description") or "<no description>", _WIDTH - 2 - indent), indent + 2)
    if documents := _external_documents(raw, indent + 2, _WIDTH - 4 - indent):
        yield ""
        yield from documents
    yield ""


def _external_documents(raw: JSONObject, indent: int, width: int = _WIDTH - 4) -> list[str]:
    found = raw.get("externalDocs") or {}
    lines = []
    if description := found.get("description"):
        lines.append(_indented(wrapped(description, width), indent + (2 if indent else 4)))
    if url := found.get("url"):
        lines.append(_indented(f"URL: {url}", indent + (2 if indent else 4)))
    return [_indented("EXTERNAL DOCS:", indent), *lines] if found else []


def _value(value: Any) -> str:
    """A value of an enum."""
    if value == "":
        return '""'
    return value if isinstance(value, str) else json.dumps(value)


def _indented(content: str, indent: int) -> str:
    pad = " " * indent
    return pad + content.replace("\n", f"\n{pad}")


def wrapped(content: str, width: int) -> str:
    """Text with every line broken at blanks, where it can be, to at most `width` characters.

    The blanks at a break go; a word that is as long as a line is not moved to the next.
    """
    return "\n".join(_wrapped_line(line, width) for line in content.split("\n"))


def _wrapped_line(line: str, width: int) -> str:
    pieces: list[str] = []
    column = end = 0
    for blank, word in _WORD.findall(line):
        end += len(blank) + len(word)
        if column + len(blank) + min(len(word), width - 1) > width:
            pieces += ["\n", word]
            column = len(word)
        else:
            pieces += [blank, word]
            column += len(blank) + len(word)
    rest = line[end:]
    return "".join([*pieces, rest]) if column + len(rest) <= width else "".join(pieces)


# -- the tree

_STYLE = """<style>
.kmg details{margin:0 0 0 14px}.kmg summary{cursor:pointer;padding:1px 0}
.kmg .kmg-leaf>summary{list-style:none;padding-left:14px;cursor:default}
.kmg .kmg-leaf>summary::-webkit-details-marker{display:none}
.kmg summary code,.kmg .kmg-enum code{font:12px var(--km-code);background:none;\
color:inherit;padding:0}
.kmg .kmg-type,.kmg .kmg-enum{color:var(--km-dim);font-size:12px}
.kmg .kmg-text{margin:0 0 4px 14px;max-width:90ch;white-space:pre-line}
</style>"""

# A saved notebook grows by about so many characters a tree; the first level is always whole.
_CHARACTERS = 30_000
_CHARACTERS_RECURSIVE = 120_000
_MARKUP = 190
_MAX_TEXT = 900
_MAX_VALUE = 80
_SUMMARY_VALUES = 8


@dataclass
class _Twig:
    """A field of the tree: what is shown of it, and the fields below as far as there is room."""

    about: Field
    path: str
    above: frozenset[str]
    text: str
    below: list[_Twig] = field(default_factory=list)
    more: bool = False


def explain_html(gvk: GroupVersionKind, found: Field, path: str, *, recursive: bool = False, depth: int = 0) -> str:
    """The fields as a tree to open and close, with what is required, the values of enums, and defaults.

    Args:
        gvk: The kind that is explained.
        found: The kind itself, or a field of it.
        path: The path as the user writes it: ``"pods.spec"``.
        recursive: More levels and, below the first, no descriptions.
        depth: Levels at most when recursive; 0 for as many as there is room for.
    """
    head = f"<b>{page_safe(path)}</b> {_type_html(found.schema)} · {page_safe(f'{gvk.kind} {gvk.api_version}')}"
    twigs = _tree(found.schema, path, recursive, depth)
    return (
        f'{STYLE}{_STYLE}<div class="kmg"><div>{head}{_facts_html(found, len(found.enum))}</div>'
        f'<div class="kmg-text">{page_safe(found.schema.description.strip())}</div>'
        f"{''.join(map(_twig_html, twigs))}</div>"
    )


def _tree(schema: Schema, path: str, recursive: bool, depth: int) -> list[_Twig]:
    """The fields, level by level while there is room, so that what is cut is what lies deepest."""
    room = _CHARACTERS_RECURSIVE if recursive else _CHARACTERS
    top = _twigs(schema, path, frozenset(), texts=True)
    room -= _size(top)
    queue = deque((each, 1) for each in top)
    while queue:
        twig, level = queue.popleft()
        below = twig.about.schema
        if not below.fields or (depth and level >= depth):
            continue
        twigs = [] if below.references & twig.above else _twigs(below, twig.path, twig.above, texts=not recursive)
        room -= _size(twigs)
        if not twigs or room < 0:
            twig.more = True
            continue
        twig.below = twigs
        queue.extend((each, level + 1) for each in twigs)
    return top


def _twigs(schema: Schema, path: str, above: frozenset[str], *, texts: bool) -> list[_Twig]:
    above |= schema.references
    return [
        _Twig(
            each,
            f"{path}.{each.name}",
            above,
            _cut(each.schema.raw.get("description") or "", _MAX_TEXT) if texts else "",
        )
        for each in schema.fields.values()
    ]


def _size(twigs: Sequence[_Twig]) -> int:
    return sum(_MARKUP + len(each.text) for each in twigs)


def _twig_html(twig: _Twig) -> str:
    each = twig.about
    required = ' <span class="warn">✱ required</span>' if each.required else ""
    facts = f"{_type_html(each.schema)}{required}{_facts_html(each, _SUMMARY_VALUES)}"
    summary = f"<summary><code>{page_safe(each.name)}</code> {facts}</summary>"
    text = f'<div class="kmg-text">{page_safe(twig.text)}</div>' if twig.text else ""
    more = f'<div class="kmg-foot kmg-text">… %kexplain {page_safe(twig.path)}</div>' if twig.more else ""
    inside = f"{text}{''.join(map(_twig_html, twig.below))}{more}"
    leaf = "" if inside else ' class="kmg-leaf"'
    return f"<details{leaf}>{summary}{inside}</details>"


def _type_html(schema: Schema) -> str:
    return f'<span class="kmg-type">{page_safe(schema.type)}</span>'


def _facts_html(each: Field, values: int) -> str:
    """The values a field may have, so many at most, and the one it has by default."""
    facts = []
    if each.enum:
        shown = [f"<code>{page_safe(_cut(_value(value), _MAX_VALUE))}</code>" for value in each.enum[:values]]
        facts.append(" | ".join([*shown, *(["…"] if len(each.enum) > values else [])]))
    # The server's documents have Go's empty values as the default of every struct and many strings.
    if each.default is not None and each.default not in ({}, ""):
        facts.append(f"default <code>{page_safe(_cut(json.dumps(each.default), _MAX_VALUE))}</code>")
    return f' <span class="kmg-enum">· {" · ".join(facts)}</span>' if facts else ""


def _cut(content: str, limit: int) -> str:
    return content if len(content) <= limit else content[: limit - 1] + "…"
