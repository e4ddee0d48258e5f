"""Label and field selectors: text to a value that matches objects, and back.

Source: k8s.io/apimachinery/pkg/labels/selector.go, pkg/fields/selector.go, pkg/apis/meta/v1/helpers.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from kmagic.api import names
from kmagic.api.paths import get_path
from kmagic.errors import ArgumentError

__all__ = (
    "FieldRequirement",
    "FieldSelector",
    "LabelRequirement",
    "LabelSelector",
    "SelectorError",
    "label_selector_of",
    "parse_fields",
    "parse_labels",
)

Operator: TypeAlias = Literal["=", "!=", "in", "notin", "exists", "!", "gt", "lt"]


class SelectorError(ArgumentError):
    """A selector that cannot be read.

    Attributes:
        position: Offset in the text, from 0.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class LabelRequirement(msgspec.Struct, frozen=True, order=True):
    """One condition on one label: ``tier in (a,b)`` is ``("tier", "in", ("a", "b"))``."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Returns whether a set of labels meets the condition; ``!=`` and ``notin`` hold where the label is missing."""
        value = labels.get(self.key)
        match self.operator:
            case "exists":
                return value is not None
            case "!":
                return value is None
            case "=" | "in":
                return value is not None and value in self.values
            case "!=" | "notin":
                return value is None or value not in self.values
            case "gt" | "lt":
                return value is not None and self._compares(value)

    def _compares(self, value: str) -> bool:
        number = _int64(value)
        limit = _int64(self.values[0])
        if number is None or limit is None:
            return False
        return number > limit if self.operator == "gt" else number < limit

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "=" | "!=":
                return f"{self.key}{self.operator}{self.values[0]}"
            case "gt" | "lt":
                return f"{self.key}{'>' if self.operator == 'gt' else '<'}{self.values[0]}"
            case _:
                return f"{self.key} {self.operator} ({','.join(sorted(self.values))})"


class LabelSelector(msgspec.Struct, frozen=True):
    """All of the requirements; none of them means every object.

    Attributes:
        requirements: Sorted by key.
        nothing: Matches no object at all: what a missing selector of an object means.
    """

    requirements: tuple[LabelRequirement, ...] = ()
    nothing: bool = False

    @property
    def empty(self) -> bool:
        """True if every object matches."""
        return not self.requirements and not self.nothing

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Returns whether a set of labels meets every requirement."""
        if self.nothing:
            return False
        found = labels or {}
        return all(requirement.matches(found) for requirement in self.requirements)

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


class FieldRequirement(msgspec.Struct, frozen=True):
    """``status.phase=Running``; the operator is ``=`` or ``!=``."""

    field: str
    operator: Literal["=", "!="]
    value: str

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{_escape(self.value)}"


class FieldSelector(msgspec.Struct, frozen=True):
    """All of the requirements; none of them means every object."""

    requirements: tuple[FieldRequirement, ...] = ()

    @property
    def empty(self) -> bool:
        """True if every object matches."""
        return not self.requirements

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Returns whether an object meets every requirement; a field that is missing is "".

        Args:
            obj: A plain object, or a flat set of fields: ``{"metadata.name": "web-0"}``.
        """
        return all(
            (_field(obj, requirement.field) == requirement.value) == (requirement.operator == "=")
            for requirement in self.requirements
        )

    def required_value(self, field: str) -> str | None:
        """The value a field must have, or None when any will do."""
        for requirement in self.requirements:
            if requirement.operator == "=" and requirement.field == field:
                return requirement.value
        return None

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


def parse_labels(text: str) -> LabelSelector:
    """Reads kubectl's ``-l``: ``"app=web,tier!=db,env in (a,b),!legacy,replicas>2"``.

    Raises:
        SelectorError: The text is not a selector, or a key or value cannot be a label's.
    """
    requirements = _LabelParser(text).parse()
    return LabelSelector(tuple(sorted(requirements, key=lambda found: found.key)))


def parse_fields(text: str) -> FieldSelector:
    r"""Reads kubectl's ``--field-selector``: ``"status.phase=Running,metadata.name!=x"``; ``\,`` and ``\=`` escape.

    Raises:
        SelectorError: A term without an operator, or a broken escape.
    """
    requirements: list[FieldRequirement] = []
    position = 0
    for term in _split_terms(text):
        if term:
            requirements.append(_field_requirement(term, position))
        position += len(term) + 1
    return FieldSelector(tuple(requirements))


def label_selector_of(selector: Mapping[str, Any] | None) -> LabelSelector:
    """Reads an object's selector: ``{"matchLabels": {...}, "matchExpressions": [{"key", "operator", "values"}]}``.

    None matches nothing and an empty one everything, as everywhere in Kubernetes.

    Raises:
        SelectorError: An operator that does not exist, or values that do not fit it.
    """
    if selector is None:
        return LabelSelector(nothing=True)
    requirements = [_checked(key, "=", (value,)) for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for expression in selector.get("matchExpressions") or ():
        operator = _EXPRESSION_OPERATORS.get(expression.get("operator", ""))
        if operator is None:
            raise SelectorError(f'"{expression.get("operator", "")}" is not a valid label selector operator')
        requirements.append(_checked(expression.get("key", ""), operator, tuple(expression.get("values") or ())))
    return LabelSelector(tuple(sorted(requirements, key=lambda found: found.key)))


_EXPRESSION_OPERATORS: dict[str, Operator] = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "!",
}
_OPERATOR_TEXTS: dict[str, Operator] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "in": "in",
    "notin": "notin",
    ">": "gt",
    "<": "lt",
}
_TOKEN = re.compile(r"\s*(?:(?P<symbol>==|!=|[=!<>(),])|(?P<word>[^\s=!<>(),]+)|$)")


class _LabelParser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str, int]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.end() == at:
                break
            kind = match.lastgroup
            if kind is not None:
                self._tokens.append((kind, match[kind], match.start(kind)))
            at = match.end()
        self._end = len(text)
        self._at = 0

    def parse(self) -> list[LabelRequirement]:
        requirements: list[LabelRequirement] = []
        if not self._tokens:
            return requirements
        while True:
            requirements.append(self._requirement())
            kind, text, at = self._next()
            if kind == "end":
                return requirements
            if text != ",":
                raise SelectorError(f"found '{text}', expected: ',' or 'end of string'", at)
            if self._peek()[0] == "end":
                raise SelectorError("found '', expected: identifier after ','", at)

    def _requirement(self) -> LabelRequirement:
        negated = self._peek()[1] == "!"
        if negated:
            self._next()
        kind, key, at = self._next()
        if kind != "word":
            raise SelectorError(f"found '{key}', expected: !, identifier, or 'end of string'", at)
        if negated:
            return _checked(key, "!", (), at)
        kind, text, _ = self._peek()
        if kind == "end" or text == ",":
            return _checked(key, "exists", (), at)
        _, text, operator_at = self._next()
        operator = _OPERATOR_TEXTS.get(text)
        if operator is None:
            raise SelectorError(f"found '{text}', expected: in, notin, =, ==, !=, gt, lt", operator_at)
        values = self._set() if operator in ("in", "notin") else (self._value(),)
        return _checked(key, operator, values, at)

    def _set(self) -> tuple[str, ...]:
        _, text, at = self._next()
        if text != "(":
            raise SelectorError(f"found '{text}', expected: '('", at)
        values: list[str] = []
        while True:
            values.append(self._value())
            _, text, at = self._next()
            if text == ")":
                # A set: order and repetition say nothing.
                return tuple(sorted(set(values)))
            if text != ",":
                raise SelectorError(f"found '{text}', expected: ',' or ')'", at)

    def _value(self) -> str:
        kind, text, _ = self._peek()
        if kind == "word":
            self._next()
            return text
        # "key=" and "key in (a,)" mean the empty value.
        if kind == "end" or text in (",", ")"):
            return ""
        raise SelectorError(f"found '{text}', expected: identifier", self._peek()[2])

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "", self._end)

    def _next(self) -> tuple[str, str, int]:
        token = self._peek()
        self._at += 1
        return token


def _checked(key: str, operator: Operator, values: tuple[str, ...], at: int = 0) -> LabelRequirement:
    if problem := names.label_key_problem(key):
        raise SelectorError(f'key: Invalid value: "{key}": {problem}', at)
    if operator in ("in", "notin") and not values:
        raise SelectorError("values: Invalid value: for 'in', 'notin' operators, values set can't be empty", at)
    if operator in ("exists", "!") and values:
        raise SelectorError("values: Invalid value: values set must be empty for exists and does not exist", at)
    for value in values:
        if operator in ("gt", "lt") and _int64(value) is None:
            raise SelectorError(
                f"values[0]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer", at
            )
        if problem := names.label_value_problem(value):
            raise SelectorError(f'values[0][{key}]: Invalid value: "{value}": {problem}', at)
    return LabelRequirement(key, operator, values)


def _int64(text: str) -> int | None:
    if re.fullmatch(r"[-+]?[0-9]+", text) is None:
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


def _split_terms(text: str) -> list[str]:
    terms = [""]
    escaped = False
    for character in text:
        if character == "," and not escaped:
            terms.append("")
            continue
        terms[-1] += character
        escaped = character == "\\" and not escaped
    return terms


def _field_requirement(term: str, position: int) -> FieldRequirement:
    for at, character in enumerate(term):
        if character == "\\":
            continue
        for text, operator in (("!=", "!="), ("==", "="), ("=", "=")):
            if term.startswith(text, at):
                value = _unescape(term[at + len(text) :], position + at + len(text))
                return FieldRequirement(term[:at], operator, value)  # type: ignore[arg-type]  # one of the two
    raise SelectorError(f"invalid selector: '{term}'; can't understand '{term}'", position)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")


def _unescape(value: str, position: int) -> str:
    plain = ""
    at = 0
    while at < len(value):
        character = value[at]
        if character == "\\":
            at += 1
            if at == len(value) or value[at] not in "\\,=":
                raise SelectorError(f"invalid field selector: unescaped '\\' in value: {value}", position + at - 1)
            character = value[at]
        elif character in ",=":
            raise SelectorError(f"invalid field selector: unescaped {character} in value: {value}", position + at)
        plain += character
        at += 1
    return plain


def _field(obj: Mapping[str, Any], path: str) -> str:
    value: Any = obj.get(path)
    if value is None:
        value = get_path(obj, path)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
