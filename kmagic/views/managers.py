"""The manager of each line of an object's YAML, from its managed fields; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from kmagic.api.door import read_json
from kmagic.api.types import JSONObject
from kmagic.errors import DecodeError

__all__ = ("line_managers",)


def line_managers(text: str, obj: JSONObject) -> list[str]:
    """Returns the managers of each line of an object's YAML: ``kubectl-client-side-apply, kmagic``; "" for none.

    Args:
        text: The object, or a part of it, as YAML in block style.
        obj: The object with its ``metadata.managedFields``.
    """
    found: list[dict[str, None]] = [{} for _ in text.split("\n")]
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    managed = (obj.get("metadata") or {}).get("managedFields")
    for entry in managed if isinstance(managed, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("fieldsV1"), Mapping):
            name = str(entry.get("manager") or "unknown")
            for line in _lines(root, entry["fieldsV1"]):
                found[line][name] = None
    return [", ".join(names) for names in found]


def _lines(node: Any, fields: Mapping[str, Any]) -> Iterator[int]:
    """The lines of the fields of a tree of ``fieldsV1`` that the node has."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = fields.get(f"f:{key.value}")
            if isinstance(below, Mapping):
                yield from _line(key, value, below)
    elif isinstance(node, yaml.SequenceNode):
        items = [(element, below) for element, below in fields.items() if isinstance(below, Mapping)]
        for at, value in enumerate(node.value):
            for element, below in items:
                if _is(value, at, element):
                    yield from _line(value, value, below)


def _line(mark: Any, value: Any, below: Mapping[str, Any]) -> Iterator[int]:
    if not below or "." in below or isinstance(value, yaml.ScalarNode):
        yield mark.start_mark.line
    yield from _lines(value, below)


def _is(item: Any, at: int, element: str) -> bool:
    """Returns whether an item of a list is what an element of a path names: by its keys, its value or its index."""
    kind, _, rest = element.partition(":")
    if kind == "i":
        return rest == str(at)
    try:
        wanted = read_json(rest, "a path of managed fields")
    except DecodeError:
        return False
    if kind == "v":
        return isinstance(item, yaml.ScalarNode) and item.value == _plain(wanted)
    if kind != "k" or not isinstance(wanted, Mapping) or not isinstance(item, yaml.MappingNode):
        return False
    has = {key.value: value.value for key, value in item.value if isinstance(value, yaml.ScalarNode)}
    return all(has.get(str(key)) == _plain(value) for key, value in wanted.items())


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
