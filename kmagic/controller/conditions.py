"""The conditions of a status, as the API's conventions want them: a time changes only when the status does.

Pure, on plain objects; the caller sends the status.

Source: k8s.io/apimachinery/pkg/api/meta/conditions.go.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from kmagic.api import meta
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject

__all__ = ("find_condition", "is_condition_true", "remove_condition", "set_condition")


def _utc_now() -> datetime:
    return datetime.now(UTC)


def set_condition(
    obj: JSONObject,
    type: str,  # noqa: A002  # the field's name
    status: bool | None,
    *,
    reason: str,
    message: str = "",
    now: Callable[[], datetime] = _utc_now,
) -> bool:
    """Writes a condition into ``status.conditions``, with the generation it was made for.

    ```python
    if set_condition(foo, "Ready", True, reason="Available"):
        foos.update_status(foo)
    ```

    Args:
        obj: The object, a dict; its other conditions stay.
        type: ``"Ready"``.
        status: True, False, or None for ``Unknown``.
        reason: One word in CamelCase, for programs.
        message: For people.
        now: Gives the moment of a transition.

    Returns:
        True if anything changed, so that there is something to send.
    """
    conditions: list[JSONObject] = obj.setdefault("status", {}).setdefault("conditions", [])
    wanted: JSONObject = {"type": type, "status": _word(status), "reason": reason, "message": message}
    if generation := meta.generation(obj):
        wanted["observedGeneration"] = generation
    there = find_condition(obj, type)
    if there is None:
        conditions.append({**wanted, "lastTransitionTime": format_time(now())})
        return True
    if there.get("status") != wanted["status"]:
        wanted["lastTransitionTime"] = format_time(now())
    changed = any(there.get(field) != value for field, value in wanted.items())
    there.update(wanted)
    return changed


def find_condition(obj: JSONObject, type: str) -> JSONObject | None:  # noqa: A002  # the field's name
    """Returns the condition of that type in ``status.conditions``, itself and not a copy; None where there is none."""
    return next((each for each in obj.get("status", {}).get("conditions") or () if each.get("type") == type), None)


def is_condition_true(obj: JSONObject, type: str) -> bool:  # noqa: A002  # the field's name
    """Returns whether there is such a condition and its status is ``True``; unknown is not true."""
    found = find_condition(obj, type)
    return found is not None and found.get("status") == "True"


def remove_condition(obj: JSONObject, type: str) -> bool:  # noqa: A002  # the field's name
    """Takes a condition away and returns whether it was there."""
    found = find_condition(obj, type)
    if found is None:
        return False
    obj["status"]["conditions"] = [each for each in obj["status"]["conditions"] if each.get("type") != type]
    return True


def _word(status: bool | None) -> str:
    return "Unknown" if status is None else str(status)
