"""The view of server-side apply on a value: the parts with owners of their own, and the keys of list items.

Source: structured-merge-diff v6, value and typed; kube-openapi, pkg/schemaconv.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.field_paths import Path, Paths
from kmagic.sandbox.schema.schemas import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.sandbox.schema.schemas import Schema

__all__ = (
    "children",
    "field_schema",
    "field_set",
    "is_atomic",
    "is_granular_list",
    "item_elements",
)

encode: Callable[[Any], bytes] = msgspec.json.Encoder(order="sorted").encode
UNKNOWN: Schema = {"x-kubernetes-preserve-unknown-fields": True}


def is_atomic(value: Any, schema: Schema) -> bool:
    """Returns whether the value is owned as a whole."""
    target = resolve(schema)
    if isinstance(value, dict):
        marks = {schema.get("x-kubernetes-map-type"), target.get("x-kubernetes-map-type")}
        return "atomic" in marks
    if isinstance(value, list):
        return not is_granular_list(schema)
    return True


def is_granular_list(schema: Schema) -> bool:
    """Returns whether the list's items are owned one by one: a map by keys, or a set."""
    return _list_type(schema) in ("map", "set")


def children(value: Any, schema: Schema) -> Iterator[tuple[str, Any, Schema]]:
    """Path element, value and schema of the parts of a value that is not atomic."""
    target = resolve(schema)
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"f:{name}", item, field_schema(target, name)
    elif isinstance(value, list):
        for element, item in item_elements(value, schema):
            yield element, item, target.get("items", UNKNOWN)


def field_schema(schema: Schema, name: str) -> Schema:
    """The schema of a field of a struct or of a map's values."""
    target = resolve(schema)
    found = (target.get("properties") or {}).get(name)
    if found is None:
        found = target.get("additionalProperties")
    return found if isinstance(found, dict) else UNKNOWN


def item_elements(items: list[Any], schema: Schema) -> list[tuple[str, Any]]:
    """Path element and value of the items of a granular list."""
    target = resolve(schema)
    if _list_type(schema) == "set":
        return [("v:" + encode(item).decode(), item) for item in items]
    keys = schema.get("x-kubernetes-list-map-keys") or target.get("x-kubernetes-list-map-keys") or ()
    properties = resolve(target.get("items", UNKNOWN)).get("properties") or {}
    return [(_key_element(item, keys, properties), item) for item in items]


def field_set(value: Any, schema: Schema, path: Path = ()) -> Paths:
    """The paths an applied configuration owns."""
    if is_atomic(value, schema):
        return {path}
    found: Paths = set()
    properties = resolve(schema).get("properties") or {}
    for element, item, child in children(value, schema):
        below = (*path, element)
        if item is None or item == {}:
            found.add(below)
            continue
        found |= field_set(item, child, below)
        if element[0] != "f" or element[2:] not in properties:
            found.add(below)
    return found


def _list_type(schema: Schema) -> str:
    return str(schema.get("x-kubernetes-list-type") or resolve(schema).get("x-kubernetes-list-type") or "atomic")


def _key_element(item: Any, keys: Any, properties: dict[str, Any]) -> str:
    found = {}
    for key in keys:
        value = item.get(key) if isinstance(item, dict) else None
        if value is None:
            value = properties.get(key, {}).get("default")
        if value is not None:
            found[key] = value
    return "k:" + encode(found).decode()
