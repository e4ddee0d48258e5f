"""What is allowed, as kubectl tells it; real answers are compared in tests/parity."""

from __future__ import annotations

from kmagic.views.access import access_rows


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
