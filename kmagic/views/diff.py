"""The difference between two objects, by meaning: list items are matched by their name, noise is left out.

A `Change` is one field; `changes` finds them and masks first, with marks that show whether a hidden value changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kmagic.api.door import reads_objects
from kmagic.api.terminal import escape_terminal
from kmagic.api.types import JSON, JSONObject
from kmagic.views.masking import mask_object
from kmagic.views.yaml import neat

__all__ = ("Change", "changes", "changes_text")

# Fields that name the items of Kubernetes' lists, in the order they are tried.
_ITEM_KEYS = ("name", "mountPath", "containerPort", "port", "type", "key", "ip", "uid", "topologyKey", "devicePath")


class Change(msgspec.Struct, frozen=True):
    """One field that differs.

    Attributes:
        path: ``"spec.containers[web].image"``.
        action: ``"+"`` added, ``"-"`` removed, ``"~"`` changed.
        before: Value before; None when added.
        after: Value after; None when removed.
    """

    path: str
    action: str
    before: JSON = None
    after: JSON = None


@reads_objects
def changes(
    before: JSONObject | None, after: JSONObject | None, *, salt: bytes, status: bool = False
) -> tuple[Change, ...]:
    """The fields that differ, in the order of their paths.

    Args:
        before: None for an object that did not exist.
        after: None for an object that is gone.
        salt: Salt of the masks.
        status: Also the status, which no one applies.
    """
    left, right = _shown(before, salt, status), _shown(after, salt, status)
    return tuple(_compare("", left, right))


def _shown(obj: JSONObject | None, salt: bytes, status: bool) -> JSONObject:
    if obj is None:
        return {}
    shown = neat(mask_object(obj, salt))
    if shown.get("kind") == "Scale" and isinstance(shown.get("spec"), dict):
        shown = {**shown, "spec": {"replicas": 0, **shown["spec"]}}  # a scale leaves a zero out
    meta = shown.get("metadata")
    if isinstance(meta, dict):
        shown = {**shown, "metadata": {k: v for k, v in meta.items() if k != "creationTimestamp"}}
    return shown if status else {key: value for key, value in shown.items() if key != "status"}


def _compare(path: str, left: Any, right: Any) -> Iterator[Change]:
    if left == right:
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in dict.fromkeys((*left, *right)):
            yield from _member(f"{path}.{_key(key)}" if path else _key(key), key, left, right)
    elif isinstance(left, list) and isinstance(right, list):
        yield from _lists(path, left, right)
    else:
        yield Change(path, "~", left, right)


def _member(path: str, key: Any, left: Mapping[Any, Any], right: Mapping[Any, Any]) -> Iterator[Change]:
    if key not in left:
        yield Change(path, "+", None, right[key])
    elif key not in right:
        yield Change(path, "-", left[key], None)
    else:
        yield from _compare(path, left[key], right[key])


def _lists(path: str, left: list[Any], right: list[Any]) -> Iterator[Change]:
    name = _item_key(left + right)
    one: dict[Any, Any]
    other: dict[Any, Any]
    if name is None:
        one, other = dict(enumerate(left)), dict(enumerate(right))
    else:
        one, other = {item[name]: item for item in left}, {item[name]: item for item in right}
        if len(one) != len(left) or len(other) != len(right):  # names that repeat identify nothing
            one, other = dict(enumerate(left)), dict(enumerate(right))
    found = False
    for key in dict.fromkeys((*one, *other)):
        for change in _member(f"{path}[{key}]", key, one, other):
            found = True
            yield change
    if not found:
        yield Change(path, "~", left, right)  # only the order differs


def _item_key(items: list[Any]) -> str | None:
    if not all(isinstance(item, Mapping) for item in items):
        return None
    return next((key for key in _ITEM_KEYS if all(isinstance(i.get(key), str | int) for i in items)), None)


def _key(key: str) -> str:
    return f"[{key}]" if "." in key or "/" in key else key


def changes_text(found: tuple[Change, ...]) -> str:
    """One line a field: ``~ spec.replicas: 2 → 3``."""
    return escape_terminal("\n".join(_change_line(change) for change in found)) or "no differences"


def _change_line(change: Change) -> str:
    if change.action == "+":
        return f"+ {change.path}: {_brief(change.after)}"
    if change.action == "-":
        return f"- {change.path}: {_brief(change.before)}"
    return f"~ {change.path}: {_brief(change.before)} → {_brief(change.after)}"


def _brief(value: JSON) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 120 else text[:119] + "…"
