"""Roles, one line a type."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import access
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def test_rules_are_put_together_by_their_type() -> None:
    page = Page(NOW, {})
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
        {"nonResourceURLs": ["/healthz"], "verbs": ["get"]},
    ]
    access.role(page, {"metadata": {"name": "reader"}, "rules": rules})
    assert page.text.split("\n")[-2:] == [
        "  pods       []                 []              [get list]",
        "             [/healthz]         []              [get]",
    ]
