"""The paths of ``metadata.managedFields``: who owns what, as sets.

A path is a tuple of elements as managedFields write them: ``("f:spec", "f:containers", 'k:{"name":"web"}', "f:image")``.

Source: structured-merge-diff v6, fieldpath/serialize.go and fieldpath/path.go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from kmagic.api.door import read_json, read_object
from kmagic.api.types import JSONObject

__all__ = ("Path", "Paths", "decode_fields", "encode_fields", "only", "path_text", "prefixes", "without")

Path = tuple[str, ...]
Paths = set[Path]

_encode: Callable[[Any], bytes] = msgspec.json.Encoder(order="sorted").encode


def decode_fields(fields: JSONObject) -> Paths:
    """The paths of a ``fieldsV1`` tree."""
    found: Paths = set()
    stack: list[tuple[Path, JSONObject]] = [((), fields)]
    while stack:
        path, node = stack.pop()
        if path and not node:
            found.add(path)
        for element, child in node.items():
            if element == ".":
                found.add(path)
            else:
                stack.append(((*path, element), child))
    return found


def encode_fields(paths: Paths) -> JSONObject:
    """The ``fieldsV1`` tree of paths: ``{"f:spec": {"f:replicas": {}}}``; "." marks a node owned beside its children."""
    root: JSONObject = {}
    for path in sorted(paths):
        node = root
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    _trim(root)
    return root


def _trim(node: JSONObject) -> None:
    for child in node.values():
        if child == {".": {}}:
            child.clear()
        else:
            _trim(child)


def path_text(path: Path) -> str:
    """A path as messages write it: ``.spec.containers[name="web"].image``."""
    words = []
    for element in path:
        kind, _, rest = element.partition(":")
        if kind == "f":
            words.append(f".{rest}")
        elif kind == "k":
            keys = read_object(rest, "the key of a list's item")
            words.append("[" + ",".join(f"{key}={_encode(keys[key]).decode()}" for key in sorted(keys)) + "]")
        elif kind == "i":
            words.append(f"[{rest}]")
        else:
            words.append(f"[={rest}]")
    return "".join(words)


def prefixes(paths: Collection[Path]) -> Paths:
    """The paths and every path above one of them."""
    return {path[:length] for path in paths for length in range(1, len(path) + 1)}


def without(value: Any, gone: Paths) -> Any:
    """A value without the parts at some paths; parts that stay are shared with the original.

    Args:
        value: An object as the server sends it.
        gone: A part whose path is named goes with all that is below it.
    """
    return _without(value, encode_fields(gone)) if gone else value


def _without(value: Any, gone: JSONObject) -> Any:
    if isinstance(value, dict):
        return {
            key: _without(item, gone[f"f:{key}"]) if f"f:{key}" in gone else item
            for key, item in value.items()
            if not _whole(gone.get(f"f:{key}"))
        }
    if isinstance(value, list):
        return [_without(item, node or {}) for node, item in _nodes(value, gone) if not _whole(node)]
    return value


def only(value: Any, kept: Paths) -> Any:
    """The parts of a value at some paths; they are shared with the original.

    Args:
        value: An object as the server sends it.
        kept: Of a part whose path is named, but none below it, all is kept.
    """
    return _only(value, encode_fields(kept)) if kept else {}


def _only(value: Any, kept: JSONObject) -> Any:
    if not kept.keys() - {"."}:
        return value
    if isinstance(value, dict):
        return {key: _only(item, kept[f"f:{key}"]) for key, item in value.items() if f"f:{key}" in kept}
    if isinstance(value, list):
        return [_only(item, node) for node, item in _nodes(value, kept) if node is not None]
    return value


def _nodes(items: list[Any], tree: JSONObject) -> list[tuple[JSONObject | None, Any]]:
    """Each item with its node of a tree; None where the tree does not name it."""
    elements = [
        (element[0], read_json(element[2:], "a field's path"), node) for element, node in tree.items() if element != "."
    ]
    return [
        (next((node for kind, key, node in elements if _is_at(kind, key, place, item)), None), item)
        for place, item in enumerate(items)
    ]


def _is_at(kind: str, key: Any, place: int, item: Any) -> bool:
    if kind == "k":
        return (
            isinstance(item, dict)
            and isinstance(key, dict)
            and all(item.get(name) == value for name, value in key.items())
        )
    return bool(place == key if kind == "i" else item == key)


def _whole(node: JSONObject | None) -> bool:
    return node is not None and (not node or "." in node)
