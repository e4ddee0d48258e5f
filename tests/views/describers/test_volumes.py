"""Volumes whose source is not common."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import volumes
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def test_a_source_that_is_not_known_is_said_to_be_so() -> None:
    page = Page(NOW, {})
    volumes.volumes(page, [{"name": "data", "flocker": {}}])
    assert page.text == "Volumes:\n  data:\n  <unknown>"


def test_no_volumes_are_none() -> None:
    page = Page(NOW, {})
    volumes.volumes(page, [], "  ")
    assert page.text == "  Volumes:  <none>"
