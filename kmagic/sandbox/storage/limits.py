"""The limits of etcd: the size of an object.

Source: etcd's --max-request-bytes, etcd v3.6
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("MAX_OBJECT", "is_too_big")

MAX_OBJECT = 1536 * 1024


def is_too_big(raw: bytes, obj: JSONObject) -> bool:
    """Returns whether etcd refuses an object: ``raw`` is its JSON, of which only a long one is looked at closer.

    Built-in kinds are stored as protobuf, without quotes, escapes and field names: only their texts count here.
    """
    return len(raw) > MAX_OBJECT and _weight(obj) > MAX_OBJECT


def _weight(value: Any) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    if isinstance(value, dict):
        return sum(map(_weight, value.values()))
    return sum(map(_weight, value)) if isinstance(value, list) else 1
