"""Label and field selectors: read, match, write.

Source: k8s.io/apimachinery/pkg/labels/selector.go, pkg/fields/selector.go
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = (
    "FieldSelector",
    "LabelSelector",
    "Requirement",
    "SelectorError",
    "label_selector_of",
    "parse_fields",
    "parse_labels",
)

_TOKEN = re.compile(r"\s*(==|!=|=|,|\(|\)|!|<|>|[^\s=!,()<>]+)")
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_SETS = ("in", "notin")
_UNARY = ("exists", "!")


class SelectorError(ValueError):
    """A selector that cannot be read.

    Attributes:
        position: Where in the text, from 0.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class Requirement(msgspec.Struct, frozen=True):
    """One term of a label selector.

    Attributes:
        key: The label.
        operator: ``=``, ``!=``, ``in``, ``notin``, ``exists``, ``!`` (does not exist), ``>`` or ``<``.
        values: What it is compared with; sorted.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels meet it; a missing label meets the negative operators."""
        value = labels.get(self.key)
        match self.operator:
            case "exists":
                return value is not None
            case "!":
                return value is None
            case "=" | "in":
                return value in self.values
            case "!=" | "notin":
                return value is None or value not in self.values
        try:
            number, bound = int(value or ""), int(self.values[0])
        except ValueError:
            return False
        return number > bound if self.operator == ">" else number < bound

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "in" | "notin":
                return f"{self.key} {self.operator} ({','.join(self.values)})"
        return f"{self.key}{self.operator}{self.values[0]}"


class LabelSelector(msgspec.Struct, frozen=True):
    """All of its requirements together; without any it matches everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels meet every requirement."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    @property
    def empty(self) -> bool:
        """Whether it matches everything."""
        return not self.requirements

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


class FieldSelector(msgspec.Struct, frozen=True):
    """``status.phase=Running,spec.nodeName!=n1``: (field path, equal or not, value)."""

    terms: tuple[tuple[str, bool, str], ...] = ()

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Whether a plain object meets every term; a missing field is ""."""
        return all((_field(obj, path) == value) is equal for path, equal, value in self.terms)

    @property
    def empty(self) -> bool:
        """Whether it matches everything."""
        return not self.terms

    def __str__(self) -> str:
        return ",".join(f"{path}{'=' if equal else '!='}{_escape(value)}" for path, equal, value in self.terms)


class _Reader:
    """The tokens of a label selector with their positions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        position = 0
        while match := _TOKEN.match(text, position):
            self.tokens.append((match[1], match.start(1)))
            position = match.end()
        if text[position:].strip():
            raise SelectorError(f"unable to parse selector {text!r}", position)
        self.index = 0

    def peek(self) -> str:
        return self.tokens[self.index][0] if self.index < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.index += 1
        return token

    def fail(self, expected: str) -> SelectorError:
        at = self.tokens[self.index][1] if self.index < len(self.tokens) else len(self.text)
        found = repr(self.peek()) if self.peek() else "the end"
        return SelectorError(f"unable to parse selector {self.text!r}: found {found}, expected {expected}", at)


def parse_labels(text: str) -> LabelSelector:
    """Reads ``app=web,tier!=db,env in (a, b),!legacy,gpu,cores>4``.

    Raises:
        SelectorError: Not a selector; its position says where.
    """
    reader = _Reader(text)
    requirements: list[Requirement] = []
    while reader.peek():
        requirements.append(_requirement(reader))
        if reader.peek() == ",":
            reader.take()
            if not reader.peek():
                raise reader.fail("a label")
        elif reader.peek():
            raise reader.fail("',' or an operator")
    return LabelSelector(tuple(requirements))


def _requirement(reader: _Reader) -> Requirement:
    if reader.peek() == "!":
        reader.take()
        return Requirement(_key(reader), "!")
    key = _key(reader)
    operator = reader.peek()
    if operator in _SETS:
        reader.take()
        return Requirement(key, operator, _values(reader))
    if operator in ("=", "==", "!=", ">", "<"):
        reader.take()
        value = _value(reader)
        if operator in "<>" and not re.fullmatch(r"-?\d+", value):
            reader.index -= 1
            raise reader.fail("a whole number")
        return Requirement(key, "=" if operator == "==" else operator, (value,))
    return Requirement(key, "exists")


def _key(reader: _Reader) -> str:
    prefix, slash, name = reader.peek().rpartition("/")
    if not _NAME.fullmatch(name) or (slash and not prefix):
        raise reader.fail("a label key")
    return reader.take()


def _value(reader: _Reader) -> str:
    token = reader.peek()
    if token in ("", ","):
        return ""
    if not _NAME.fullmatch(token) and not re.fullmatch(r"-?\d+", token):
        raise reader.fail("a label value")
    return reader.take()


def _values(reader: _Reader) -> tuple[str, ...]:
    if reader.peek() != "(":
        raise reader.fail("'('")
    reader.take()
    values = {_value(reader)}
    while reader.peek() == ",":
        reader.take()
        values.add(_value(reader))
    if reader.peek() != ")":
        raise reader.fail("',' or ')'")
    reader.take()
    return tuple(sorted(values))


def label_selector_of(selector: Mapping[str, Any] | None) -> LabelSelector | None:
    """The selector of an object's spec: ``{"matchLabels": {...}, "matchExpressions": [...]}``.

    Returns:
        None for None, which matches nothing; an empty selector matches everything.

    Raises:
        ValueError: An operator that does not exist.
    """
    if selector is None:
        return None
    found = [Requirement(key, "=", (value,)) for key, value in sorted((selector.get("matchLabels") or {}).items())]
    operators = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
    for expression in selector.get("matchExpressions") or ():
        operator = operators.get(expression["operator"])
        if operator is None:
            raise ValueError(f'"{expression["operator"]}" is not a valid label selector operator')
        values = () if operator in _UNARY else tuple(sorted(expression.get("values") or ()))
        found.append(Requirement(expression["key"], operator, values))
    return LabelSelector(tuple(found))


def parse_fields(text: str) -> FieldSelector:
    r"""Reads ``metadata.name=web,status.phase!=Running``; ``\`` escapes ``,`` ``=`` and itself in values.

    Raises:
        SelectorError: A term without an operator, or a wrong escape.
    """
    terms: list[tuple[str, bool, str]] = []
    position = 0
    for term in re.split(r"(?<!\\),", text):
        if term.strip():
            match = re.match(r"\s*([^=!\s]+)\s*(==|!=|=)(.*)", term, re.DOTALL)
            if not match:
                raise SelectorError(
                    f"invalid selector: {text!r}; can't understand {term.strip()!r}, expected field=value or field!=value",
                    position,
                )
            terms.append((match[1], match[2] != "!=", _unescape(match[3], position + match.start(3))))
        position += len(term) + 1
    return FieldSelector(tuple(terms))


def _unescape(value: str, position: int) -> str:
    if wrong := re.search(r"(?<!\\)(?:\\\\)*(\\(?![\\,=])|=)", value):
        raise SelectorError(f"invalid field selector value {value!r}", position + wrong.start(1))
    return re.sub(r"\\(.)", r"\1", value)


def _escape(value: str) -> str:
    return re.sub(r"([\\,=])", r"\\\1", value)


def _field(obj: Mapping[str, Any], path: str) -> str:
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
