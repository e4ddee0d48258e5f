"""Conditions are found by their type."""

from kmagic.api.conditions import condition_of, is_true

POD = {"status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Initialized", "status": "False"}]}}


def test_a_condition_that_is_not_there_is_empty_and_not_true() -> None:
    assert condition_of(POD, "Ready") == {"type": "Ready", "status": "True"}
    assert condition_of(POD, "Other") == condition_of({}, "Ready") == condition_of({"status": None}, "Ready") == {}
    assert is_true(POD, "Ready")
    assert not is_true(POD, "Initialized")
    assert not is_true({}, "Ready")
