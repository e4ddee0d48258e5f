"""Judging the values of custom resources by their structural schema.

Covers what CustomResourceDefinitions use: types are checked when the object is read; here are required, enum,
pattern, minimum and maximum, lengths and item counts. Rules in CEL are in ``rules/schema_rules``.

Source: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation import patterns
from kmagic.sandbox.validation.rules.causes import duplicate, go_value, required, too_long, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.sandbox.schema.schemas import Schema

__all__ = ("causes",)


def causes(value: Any, schema: Schema, path: str = "") -> Iterator[Cause]:
    """Yields the problems of a value, field by field."""
    if isinstance(value, dict):
        yield from _object(value, schema, path)
    elif isinstance(value, list):
        yield from _size(len(value), schema, path, "Items", "items", value)
        items = schema.get("items") or {}
        yield from _duplicates(value, schema, path)
        for index, item in enumerate(value):
            yield from causes(item, items, f"{path}[{index}]")
    elif isinstance(value, str):
        yield from _size(len(value), schema, path, "Length", "chars long", value)
        pattern = schema.get("pattern")
        if pattern and not patterns.matches(pattern, value):
            yield wrong(path, value, f"{path} in body should match '{pattern}'")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _range(value, schema, path)
    allowed = schema.get("enum")
    if allowed and value not in allowed:
        words = ", ".join(word if word[0] == '"' else f'"{word}"' for word in map(go_value, allowed))
        message = f"Unsupported value: {go_value(value)}: supported values: {words}"
        yield Cause("FieldValueNotSupported", path, message)


def _object(value: dict[str, Any], schema: Schema, path: str) -> Iterator[Cause]:
    for name in schema.get("required") or ():
        if name not in value:
            yield required(f"{path}.{name}".removeprefix("."))
    properties = schema.get("properties") or {}
    extra = schema.get("additionalProperties")
    for name, item in value.items():
        child = properties.get(name) or (extra if isinstance(extra, dict) else None)
        if child and "$ref" not in child:
            yield from causes(item, child, f"{path}.{name}".removeprefix("."))


def _duplicates(items: list[Any], schema: Schema, path: str) -> Iterator[Cause]:
    """Items of a set, and keys of a list that is a map, occur once."""
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or ()
    if kind not in ("set", "map"):
        return
    seen: list[Any] = []
    for index, item in enumerate(items):
        identity = {key: item.get(key) for key in keys} if kind == "map" else item
        if identity in seen:
            yield duplicate(f"{path}[{index}]", identity)
        seen.append(identity)


def _size(size: int, schema: Schema, path: str, word: str, unit: str, value: Any) -> Iterator[Cause]:
    least, most = schema.get(f"min{word}"), schema.get(f"max{word}")
    if least is not None and size < least:
        yield wrong(
            path, value if isinstance(value, str) else size, f"{path} in body should be at least {least} {unit}"
        )
    if most is not None and size > most:
        yield too_long(path, most)


def _range(value: float, schema: Schema, path: str) -> Iterator[Cause]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and value < least:
        yield _invalid(path, f"Invalid value: {value}: {path} in body should be greater than or equal to {least}")
    if most is not None and value > most:
        yield _invalid(path, f"Invalid value: {value}: {path} in body should be less than or equal to {most}")


def _invalid(path: str, message: str) -> Cause:
    return Cause("FieldValueInvalid", path, message)
