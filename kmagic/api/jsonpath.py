r"""JSONPath templates in kubectl's dialect: ``{.items[*].metadata.name}``.

Text outside braces is literal. Inside: fields ``.a`` ``['a']``, escaped dots ``\\.``, indices and slices, ``*``,
recursive descent ``..``, unions ``[a,b]``, filters ``[?(@.x==1)]``, ``{range X}…{end}``, quoted literals.

Source: k8s.io/client-go/util/jsonpath (parser.go, jsonpath.go)
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kmagic.api.yaml_scalars import format_float
from kmagic.errors import ArgumentError

__all__ = ("JSONPath", "JSONPathError", "html_safe")

_HTML_SAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_FIELD = re.compile(r"(?:\\.|[^\s.\[\]{}()'\",*|@$=<>!?:\\])+")
_FILTER = re.compile(r"\s*(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$", re.DOTALL)


class JSONPathError(ArgumentError):
    """A template that cannot be read, or does not fit the object.

    Attributes:
        position: Offset in the template, from 0, or -1 when the object is at fault.
    """

    def __init__(self, message: str, position: int = -1) -> None:
        super().__init__(message)
        self.position = position


class _Field(msgspec.Struct, frozen=True):
    name: str


class _Key(msgspec.Struct, frozen=True):
    """A quoted key: as it stands where an object has it, else the path kubectl reads in it."""

    name: str
    path: tuple[Any, ...]


class _Every(msgspec.Struct, frozen=True):
    pass


class _Descend(msgspec.Struct, frozen=True):
    pass


class _Slice(msgspec.Struct, frozen=True):
    start: int | None
    end: int | None
    step: int | None
    single: bool


class _Union(msgspec.Struct, frozen=True):
    paths: tuple[tuple[Any, ...], ...]


class _Filter(msgspec.Struct, frozen=True):
    left: Any
    operator: str
    right: Any


class _Literal(msgspec.Struct, frozen=True):
    value: Any


class _Range(msgspec.Struct, frozen=True):
    path: tuple[Any, ...]
    body: tuple[Any, ...]


class JSONPath:
    """A parsed template.

    Args:
        template: ``"{.metadata.name}"``; without any brace it is one path, as in ``--sort-by`` and printer columns.
        allow_missing: A field that is not there yields nothing instead of an error.

    Raises:
        JSONPathError: The template cannot be read.
    """

    def __init__(self, template: str, *, allow_missing: bool = True) -> None:
        self.template = template
        self._allow_missing = allow_missing
        text = template if "{" in template else "{" + ("" if template[:1] in ".[@$" else ".") + template + "}"
        self._nodes = _Parser(text).template()

    def find(self, obj: Any) -> list[Any]:
        """The values of every path in the template, in order."""
        return [value for node in self._nodes for value in self._values(node, obj) if not isinstance(node, str)]

    def render(self, obj: Any) -> str:
        """The template as text: several results are joined by a space, objects and lists are JSON."""
        return "".join(self._texts(self._nodes, obj))

    def _texts(self, nodes: tuple[Any, ...], obj: Any) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, str):
                yield node
            elif isinstance(node, _Range):
                for item in self._walk([obj], node.path):
                    yield from self._texts(node.body, item)
            else:
                yield " ".join(_text(value) for value in self._walk([obj], node))

    def _values(self, node: Any, obj: Any) -> Iterator[Any]:
        if isinstance(node, str):
            return
        if isinstance(node, _Range):
            for item in self._walk([obj], node.path):
                for inner in node.body:
                    yield from self._values(inner, item)
        else:
            yield from self._walk([obj], node)

    def _walk(self, values: list[Any], path: tuple[Any, ...]) -> list[Any]:
        for step in path:
            values = list(self._step(values, step))
        return values

    def _step(self, values: list[Any], step: Any) -> Iterator[Any]:
        match step:
            case _Literal(value):
                yield value
            case _Field(name):
                yield from self._fields(values, name)
            case _Key(name, path):
                for value in values:
                    whole = isinstance(value, dict) and name in value
                    yield from [value[name]] if whole else self._walk([value], path)
            case _Every():
                for value in values:
                    yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            case _Descend():
                for value in values:
                    yield from _descend(value)
            case _Slice():
                for value in values:
                    yield from self._slice(value, step)
            case _Union(paths):
                # All of the first, then all of the second: after a wildcard the values of one field stand together.
                for path in paths:
                    yield from self._walk(values, path)
            case _Filter():
                for value in values:
                    if not isinstance(value, list):
                        raise JSONPathError(f"{_kind(value)} is not array or slice and cannot be filtered")
                    yield from (item for item in value if self._passes(item, step))

    def _fields(self, values: list[Any], name: str) -> Iterator[Any]:
        found = [value[name] for value in values if isinstance(value, dict) and name in value]
        if not found and values and not self._allow_missing:
            raise JSONPathError(f"{name} is not found")
        yield from found

    def _slice(self, value: Any, step: _Slice) -> Iterator[Any]:
        if not isinstance(value, list):
            if value is None and self._allow_missing:
                return
            raise JSONPathError(f"{_kind(value)} is not array or slice")
        length = len(value)
        start = 0 if step.start is None else step.start + length if step.start < 0 else step.start
        if step.single:
            if not 0 <= start < length:
                raise JSONPathError(f"array index out of bounds: index {step.start}, length {length}")
            yield value[start]
            return
        end = length if step.end is None else step.end + length if step.end < 0 else step.end
        if step.step is not None and step.step < 1:
            raise JSONPathError("step must be > 0")
        if start > end:
            raise JSONPathError(f"starting index {start} is greater than ending index {end}")
        yield from value[max(start, 0) : max(end, 0) : step.step]

    def _passes(self, item: Any, test: _Filter) -> bool:
        if test.operator == "exists":
            return self._exists(item, test.left)
        left = self._walk([item], test.left)
        right = self._walk([item], test.right) if left else []
        if len(left) > 1 or len(right) > 1:
            raise JSONPathError("can only compare one element at a time")
        return bool(left and right) and _compare(left[0], test.operator, right[0])

    def _exists(self, item: Any, path: tuple[Any, ...]) -> bool:
        """Returns whether a path leads to anything; where it cannot be walked on, as far as it was walked, as in kubectl."""
        values = [item]
        for step in path:
            try:
                values = list(self._step(values, step))
            except JSONPathError:
                return not isinstance(step, _Field)
        return bool(values)


_KINDS = {bool: "bool", int: "int", float: "float", str: "string"}
_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(a: Any, sign: str, b: Any) -> bool:
    if type(a) not in _KINDS or type(b) not in _KINDS:
        raise JSONPathError("invalid type for comparison")
    if type(a) is not type(b):
        raise JSONPathError(f"incompatible types for comparison: {_kind(a)} and {_kind(b)}")
    if sign in _ORDERS:
        if isinstance(a, bool):
            raise JSONPathError("invalid type for comparison")
        return bool(_ORDERS[sign](a, b))
    return bool((a == b) == (sign == "=="))


def _kind(value: Any) -> str:
    return _KINDS.get(type(value)) or ("null" if value is None else "map" if isinstance(value, dict) else "list")


def _descend(value: Any) -> Iterator[Any]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in inner:
        yield from _descend(child)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        return html_safe(json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True))
    return format_float(value) if isinstance(value, float) else str(value)


def html_safe(text: str) -> str:
    """JSON as Go's encoder writes it: safe to stand in HTML."""
    return text.translate(_HTML_SAFE)


class _Parser:
    """Recursive descent over one template."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str) -> JSONPathError:
        return JSONPathError(f"{message} at position {self.at + 1} of {self.text!r}", self.at)

    def template(self) -> tuple[Any, ...]:
        nodes, ended = self.nodes()
        if ended:
            raise self.fail("{end} without {range}")
        return nodes

    def nodes(self) -> tuple[tuple[Any, ...], bool]:
        """Nodes up to the end of the text (False) or an ``{end}`` (True)."""
        nodes: list[Any] = []
        while self.at < len(self.text):
            brace = self.text.find("{", self.at)
            if brace != self.at:
                stop = len(self.text) if brace < 0 else brace
                nodes.append(self.text[self.at : stop])
                self.at = stop
                continue
            self.at += 1
            self.blanks()
            if match := re.compile(r"end\s*}").match(self.text, self.at):
                self.at = match.end()
                return tuple(nodes), True
            if match := re.compile(r"range\s+").match(self.text, self.at):
                self.at = match.end()
                path = self.path("}")
                # A range that nothing ends goes on to the end, as in kubectl.
                body, _ = self.nodes()
                nodes.append(_Range(path, body))
            else:
                nodes.append(self.path("}"))
        return tuple(nodes), False

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def path(self, closing: str) -> tuple[Any, ...]:
        """One path up to a closing character, which is consumed unless it is ""."""
        steps: list[Any] = []
        while True:
            self.blanks()
            if self.at >= len(self.text):
                if closing:
                    raise self.fail(f"unclosed action, expected {closing!r}")
                return tuple(steps)
            character = self.text[self.at]
            if character == closing:
                self.at += 1
                return tuple(steps)
            steps.extend(self.step(character))

    def step(self, character: str) -> Iterator[Any]:
        if self.text.startswith("..", self.at):
            self.at += 2
            yield _Descend()
            if self.text[self.at : self.at + 1] not in ("[", "*"):
                yield _Field(self.field())
            elif self.text[self.at] == "*":
                self.at += 1
                yield _Every()
        elif character == ".":
            self.at += 1
            following = self.text[self.at : self.at + 1]
            if following == "*":
                self.at += 1
                yield _Every()
            elif following not in ("[", "}", ""):
                yield _Field(self.field())
        elif character == "[":
            self.at += 1
            yield self.bracket()
        elif character in "@$":
            # Both are what is walked over now, as in kubectl: inside of a range its item, in a filter the list's.
            self.at += 1
        elif character in "'\"":
            yield _Literal(self.quoted(character))
        elif match := re.compile(r"-?\d+(\.\d+)?").match(self.text, self.at):
            self.at = match.end()
            yield _Literal(float(match[0]) if match[1] else int(match[0]))
        elif match := re.compile(r"(true|false)\b").match(self.text, self.at):
            self.at = match.end()
            yield _Literal(match[1] == "true")
        else:
            yield _Field(self.field())

    def field(self) -> str:
        match = _FIELD.match(self.text, self.at)
        if not match:
            raise self.fail(f"unexpected character {self.text[self.at : self.at + 1]!r}")
        self.at = match.end()
        return re.sub(r"\\(.)", r"\1", match[0])

    def quoted(self, quote: str) -> str:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != quote:
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise self.fail("unterminated quoted string")
        raw = self.text[self.at + 1 : end]
        self.at = end + 1
        return _unescaped(raw)

    def bracket(self) -> Any:
        inside = self.inside_brackets()
        if inside.startswith("?(") and inside.endswith(")"):
            return _filter(inside[2:-1])
        parts = _split(inside)
        if len(parts) > 1:
            return _Union(tuple(self.item(part) for part in parts))
        steps = self.item(inside)
        return steps[0] if len(steps) == 1 else _Union((steps,))

    def inside_brackets(self) -> str:
        begin, depth, quote = self.at, 1, ""
        while self.at < len(self.text):
            character = self.text[self.at]
            if quote:
                quote = "" if character == quote else quote
            elif character in "'\"":
                quote = character
            else:
                depth += {"[": 1, "]": -1}.get(character, 0)
            self.at += 1
            if depth == 0:
                return self.text[begin : self.at - 1].strip()
        self.at = begin
        raise self.fail("unterminated array")

    def item(self, text: str) -> tuple[Any, ...]:
        text = text.strip()
        if text == "*":
            return (_Every(),)
        if text[:1] in ("'", '"') and text[-1:] == text[:1] and len(text) > 1:
            return (self.key(text[1:-1]),)
        if match := re.fullmatch(r"(-?\d+)?(:(-?\d+)?)?(:(-?\d+)?)?", text):
            if not text:
                raise self.fail("empty array index")
            start, end, step = (int(match[n]) if match[n] else None for n in (1, 3, 5))
            return (_Slice(start, end, step, ":" not in text),)
        # Only what could not be a name or a number in brackets: a path of the object, as in [.a,.b].
        if text[:1] not in (".", "@", "$"):
            raise self.fail(f"invalid array index {text}")
        return _Parser(text).path("")

    def key(self, text: str) -> Any:
        name = _unescaped(text)
        if "." not in text.replace("\\.", ""):
            return _Field(name)
        try:
            return _Key(name, _Parser(f".{text}").path(""))
        except JSONPathError:
            return _Field(name)


def _split(text: str) -> list[str]:
    parts, depth, quote, begin = [], 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]


def _filter(text: str) -> _Filter:
    if match := _FILTER.match(text):
        return _Filter(_Parser(match[1]).path(""), match[2], _Parser(match[3]).path(""))
    return _Filter(_Parser(text).path(""), "exists", ())


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), text)
