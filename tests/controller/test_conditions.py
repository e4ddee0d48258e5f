"""Conditions of a status change as apimachinery changes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kmagic.controller import find_condition, is_condition_true, remove_condition, set_condition

THEN = "2020-01-01T00:00:00Z"
NOW = "2026-11-29T12:00:00Z"
READY = {"type": "Ready", "status": "True", "reason": "Up", "message": "all is well", "lastTransitionTime": THEN}


def foo(*conditions: dict[str, Any], generation: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = {"metadata": {"name": "a"}, "status": {"conditions": [dict(each) for each in conditions]}}
    if generation:
        made["metadata"]["generation"] = generation
    return made


def now() -> datetime:
    return datetime(2026, 11, 29, 12, tzinfo=UTC)


# As TestSetStatusCondition upstream: what is there, what is set, what is there then.
@pytest.mark.parametrize(
    ("before", "status", "reason", "message", "changed", "moment"),
    [
        pytest.param((), True, "Up", "all is well", True, NOW, id="added"),
        pytest.param((READY,), True, "Up", "all is well", False, THEN, id="the same"),
        pytest.param((READY,), False, "Down", "it fell", True, NOW, id="another status"),
        pytest.param((READY,), None, "Lost", "who knows", True, NOW, id="unknown"),
        pytest.param((READY,), True, "Fine", "all is well", True, THEN, id="another reason, the same time"),
        pytest.param((READY,), True, "Up", "still", True, THEN, id="another message, the same time"),
    ],
)
def test_a_transition_has_a_time_and_nothing_else_has(
    before: tuple[dict[str, Any], ...], status: bool | None, reason: str, message: str, changed: bool, moment: str
) -> None:
    obj = foo(*before)
    assert set_condition(obj, "Ready", status, reason=reason, message=message, now=now) == changed
    word = {True: "True", False: "False", None: "Unknown"}[status]
    expected = {"type": "Ready", "status": word, "reason": reason, "message": message, "lastTransitionTime": moment}
    assert obj["status"]["conditions"] == [expected]


def test_the_generation_it_was_made_for_is_noted_and_is_a_change() -> None:
    obj = foo({**READY, "observedGeneration": 1}, generation=2)
    assert set_condition(obj, "Ready", True, reason="Up", message="all is well")
    assert obj["status"]["conditions"] == [{**READY, "observedGeneration": 2}]


def test_other_conditions_stay_and_an_object_without_a_status_gets_one() -> None:
    obj: dict[str, Any] = {"metadata": {"name": "a"}}
    assert set_condition(obj, "Ready", None, reason="New")
    assert set_condition(obj, "Synced", True, reason="Done")
    assert [each["type"] for each in obj["status"]["conditions"]] == ["Ready", "Synced"]
    assert (is_condition_true(obj, "Ready"), is_condition_true(obj, "Synced"), is_condition_true(obj, "No")) == (
        False,
        True,
        False,
    )
    assert remove_condition(obj, "Ready")
    assert not remove_condition(obj, "Ready")
    assert find_condition(obj, "Ready") is None
