"""A request as the verbs see it."""

from typing import Any

import pytest

from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.endpoints.call import Call
from kmagic.sandbox.endpoints.request_info import Target
from kmagic.sandbox.status import APIError


def call(verb: Any = "update", query: Any = None, **headers: Any) -> Any:
    target = Target(verb, "", "v1", "configmaps", "default", "a")
    return Call(target, query or {}, {name.replace("_", "-"): value for name, value in headers.items()}, b"", User("x"))


def test_the_manager_is_the_program_that_writes() -> None:
    assert call(user_agent="kubectl/v1.37 (linux)").write_options().manager == "kubectl"
    assert call(query={"fieldManager": "me"}, user_agent="kubectl/v1").write_options().manager == "me"


def test_an_apply_needs_a_manager_and_only_a_patch_is_one() -> None:
    kind = "application/apply-patch+yaml; charset=utf-8"
    assert call(content_type=kind).content_type == "application/apply-patch+yaml"
    with pytest.raises(APIError, match="is required for apply patch"):
        call("patch", content_type=kind).write_options()
    assert call("update", content_type=kind).write_options().manager == "unknown"
