"""The conditions in an object's status."""

from __future__ import annotations

from kmagic.api.types import JSONObject

__all__ = ("condition_of", "is_true")


def condition_of(obj: JSONObject, kind: str) -> JSONObject:
    """The condition of a type in an object's status, {} when it has none."""
    known = (obj.get("status") or {}).get("conditions") or ()
    return next((each for each in known if each["type"] == kind), {})


def is_true(obj: JSONObject, kind: str) -> bool:
    """Returns whether the condition of a type is true."""
    return bool(condition_of(obj, kind).get("status") == "True")
