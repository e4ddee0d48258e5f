"""The page that describers write, aligned as Go's tabwriter aligns it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kmagic.views.describers.page import Page, labels, notes, selector_text

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def test_columns_are_two_apart_and_end_where_a_line_has_none() -> None:
    page = Page(NOW, {})
    page.line(0, "Name:", "a")
    page.line(0, "Longer name:", "b")
    page.line(0, "Below:")
    page.line(1, "x:", "c")
    assert page.text == "Name:         a\nLonger name:  b\nBelow:\n  x:  c"


def test_what_comes_after_a_flush_is_aligned_by_itself() -> None:
    page = Page(NOW, {})
    page.line(0, "A long title:", "a")
    page.flush()
    page.line(0, "x:", "b")
    assert page.text == "A long title:  a\nx:  b"


def test_labels_and_annotations_stand_below_each_other() -> None:
    page = Page(NOW, {})
    labels(page, "Labels", {"b": "2", "a": "1"})
    notes(page, {"note": "x" * 150, "kubectl.kubernetes.io/last-applied-configuration": "{}"})
    assert page.text == (f"Labels:       a=1\n              b=2\nAnnotations:  note:\n                {'x' * 138}...")


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["y", "x"]}]}, "a in (x,y)"),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x"]}]}, "a notin (x)"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "DoesNotExist"}]}, "a,!b"),
        ({}, "<none>"),
        (None, "<none>"),
    ],
)
def test_selectors_read_as_go_writes_them(selector: dict[str, object] | None, text: str) -> None:
    assert selector_text(selector) == text
