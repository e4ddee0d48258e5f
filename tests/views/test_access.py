"""What is allowed, as kubectl tells it; real answers are compared in tests/parity."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.views.access import access_rows, may_for_some


def test_rules_are_taken_apart_and_joined_by_type() -> None:
    status = {
        "resourceRules": [
            {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]},
            {"verbs": ["get", "delete"], "apiGroups": [""], "resources": ["pods"]},
            {"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["web"]},
        ],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/api"]}],
    }
    assert access_rows(status) == [
        ("pods", "[]", "[]", "[get list delete]"),
        ("pods/log", "[]", "[]", "[get list]"),
        ("", "[/api]", "[]", "[get]"),
        ("", "[/healthz]", "[]", "[get]"),
        ("deployments.apps", "[]", "[web]", "[get]"),
    ]


def rule(verb: str, group: str, resource: str, *names: str) -> dict[str, Any]:
    return {"verbs": [verb], "apiGroups": [group], "resources": [resource], "resourceNames": [*names]}


@pytest.mark.parametrize(
    ("found", "allowed"),
    [
        (rule("patch", "apps", "deployments/scale", "web"), True),
        (rule("*", "*", "*", "web"), True),
        (rule("patch", "apps", "*/scale", "web"), True),
        (rule("patch", "apps", "deployments/scale"), False),  # for all: the server says so itself
        (rule("get", "apps", "deployments/scale", "web"), False),
        (rule("patch", "", "deployments/scale", "web"), False),
        (rule("patch", "apps", "deployments", "web"), False),
        (rule("patch", "apps", "*/status", "web"), False),
        (rule("patch", "apps", "deployments/*", "web"), False),  # no pattern of RBAC
        ({}, False),
        ({"verbs": None, "apiGroups": None, "resources": None, "resourceNames": ["web"]}, False),
    ],
)
def test_what_is_allowed_for_some_names(found: dict[str, Any], allowed: bool) -> None:
    asked = {"verb": "patch", "group": "apps", "resource": "deployments", "subresource": "scale"}
    assert may_for_some({"resourceRules": [found]}, asked) is allowed
    assert may_for_some({"resourceRules": [found], "incomplete": True}, asked) is True


def test_a_type_itself_is_not_its_subresources() -> None:
    asked = {"verb": "delete", "group": "", "resource": "pods", "subresource": ""}
    assert may_for_some({"resourceRules": [rule("delete", "", "pods", "web-0")]}, asked)
    assert not may_for_some({"resourceRules": [rule("delete", "", "pods/exec", "web-0")]}, asked)
    assert not may_for_some({"resourceRules": [rule("delete", "", "*/", "web-0")]}, asked)
