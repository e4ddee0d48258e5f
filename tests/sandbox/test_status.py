"""Errors as Status objects, in the server's words."""

from typing import Any

import pytest

from kmagic.api.gvk import GroupResource
from kmagic.sandbox import status

PODS = GroupResource("", "pods")


@pytest.mark.parametrize(
    ("error", "code", "reason", "message"),
    [
        (status.not_found(PODS, "a"), 404, "NotFound", 'pods "a" not found'),
        (status.already_exists(GroupResource("apps", "deployments"), "a"), 409, "AlreadyExists", 'deployments.apps "a" already exists'),
        (status.method_not_allowed(), 405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
        (status.not_implemented("no"), 501, "NotImplemented", "no"),
        (status.too_large("limit is 3"), 413, "RequestEntityTooLarge", "Request entity too large: limit is 3"),
    ],
)  # fmt: skip
def test_a_refusal_has_code_reason_and_message(error: Any, code: int, reason: Any, message: Any) -> None:
    body = error.status
    assert (body["code"], body["reason"], body["message"]) == (code, reason, message)
    assert body["status"] == "Failure"


def test_one_cause_is_written_out_and_several_in_brackets() -> None:
    one, two = (status.Cause("FieldValueRequired", name, "Required value") for name in "ab")
    assert str(status.invalid("Pod", "", "x", [one])) == 'Pod "x" is invalid: a: Required value'
    both = status.invalid("Deployment", "apps", "x", [one, two, one])
    assert str(both) == 'Deployment.apps "x" is invalid: [a: Required value, b: Required value]'
    assert [cause["field"] for cause in both.details["causes"]] == ["a", "b", "a"]


def test_details_that_are_empty_are_left_out_or_written_as_upstream_does() -> None:
    assert "details" not in status.bad_request("x").status
    assert status.path_not_found().status["details"] == {}
    assert status.success(name="a", kind="pods")["details"] == {"name": "a", "kind": "pods"}
