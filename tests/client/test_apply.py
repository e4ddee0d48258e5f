"""Apply as kubectl means it, the parts that need no server; on servers: conformance/test_apply_over_kubectl.py."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.meta import LAST_APPLIED
from kmagic.client.apply import AppliedFields, FieldConflict, conflict_text, field_conflicts, manager_for
from kmagic.errors import ConflictError


def entry(manager: str, operation: str, fields: dict[str, Any], subresource: str = "") -> dict[str, Any]:
    found = {"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": fields}
    return {**found, "subresource": subresource} if subresource else found


NOTE = {"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}
DATA = {"f:data": {"f:a": {}}}


def obj(*entries: dict[str, Any], note: str = "{}", uid: str = "1") -> dict[str, Any]:
    return {"metadata": {"uid": uid, "annotations": {LAST_APPLIED: note}, "managedFields": list(entries)}}


@pytest.mark.parametrize(
    ("live", "manager"),
    [
        pytest.param(None, "kmagic", id="new"),
        pytest.param(obj(entry("kubectl", "Apply", DATA)), "kubectl", id="kubectl, server-side"),
        pytest.param(obj(entry("kubectl-client-side-apply", "Update", NOTE)), "kubectl", id="kubectl, client-side"),
        pytest.param(obj(entry("ci", "Update", NOTE)), "kubectl", id="client-side under another name"),
        pytest.param(obj(entry("kmagic", "Update", NOTE)), "kmagic", id="our own annotation"),
        pytest.param(obj(entry("kubectl", "Update", DATA, "scale")), "kmagic", id="kubectl scale"),
        pytest.param(obj(entry("kubectl", "Apply", DATA, "status")), "kmagic", id="kubectl, a status"),
        pytest.param(obj(entry("ci", "Update", NOTE), note=""), "kmagic", id="an empty annotation"),
        pytest.param(obj(entry("kubectl-create", "Update", DATA)), "kmagic", id="kubectl create"),
    ],
)
def test_an_object_that_kubectl_applies_is_applied_as_kubectl(live: Any, manager: str) -> None:
    assert manager_for(live) == manager


@pytest.mark.parametrize(
    ("message", "manager"),
    [
        ('conflict with "ci"', "ci"),
        ('conflict with "kmagic" with subresource "scale" using apps/v1 at 2026-01-01T00:00:00Z', "kmagic"),
        (r'conflict with "a \"quoted\" one" using v1', 'a "quoted" one'),
    ],
)
def test_a_conflict_names_manager_and_field(message: str, manager: str) -> None:
    cause = {"reason": "FieldManagerConflict", "message": message, "field": ".data.a"}
    error = ConflictError("Apply failed", status={"details": {"causes": [cause]}})
    assert field_conflicts(error) == [FieldConflict(manager, ".data.a")]


def test_a_conflict_of_another_kind_names_no_field() -> None:
    assert field_conflicts(ConflictError("the object has been modified", status={"details": {}})) == []


def test_conflicts_are_told_by_manager() -> None:
    conflicts = [FieldConflict("ci", ".a"), FieldConflict("hpa", ".b"), FieldConflict("ci", ".c")]
    assert conflict_text(conflicts) == 'Apply failed with 3 conflicts with "ci": .a, .c; with "hpa": .b'


def test_the_newest_thousand_objects_are_remembered() -> None:
    known = AppliedFields()
    for number in range(1001):
        known.remember(obj(entry("kmagic", "Apply", DATA), uid=str(number)), "kmagic")
    assert known.named(obj(uid="0")) == set()
    assert known.named(obj(uid="1000")) == {("f:data", "f:a")}
