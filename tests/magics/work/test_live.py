"""Rows of a live view as Python values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kmagic.api.table import Column
from kmagic.magics.work.live import KWatch, LiveRow
from kmagic.sync.runtime import Runtime
from kmagic.views.table import Row, RowPatch
from kmagic.widgets.feed import MemoryFeed
from kmagic.widgets.live_table import LiveTable


def row(name: str, status: str) -> Row:
    return Row(f"shop/{name}", (name, status), "shop", name)


@pytest.fixture
def followed() -> Any:
    runtime = Runtime("test-loop")
    feed = MemoryFeed((Column("Name", format="name"), Column("Node Status")), (row("a", "Running"),))
    view = KWatch([LiveTable(feed, runtime=runtime)], [feed], runtime, headless=True)
    yield view, feed, runtime
    view.stop()
    runtime.stop()


def test_rows_are_dicts_with_attributes(followed: Any) -> None:
    view, _, _ = followed
    assert view.rows == [LiveRow(ns="shop", name="a", node_status="Running")]
    assert view.rows[0].node_status == "Running"
    assert view.names == ["a"]
    assert [each.name for each in view] == ["a"]
    assert list(view.df.columns) == ["ns", "name", "node_status"]


def test_until_looks_at_every_change(followed: Any) -> None:
    view, feed, runtime = followed

    def put() -> None:
        feed.push(RowPatch(put=(row("b", "Running"),)))

    seen: list[int] = []

    def two(rows: list[LiveRow]) -> bool:
        seen.append(len(rows))
        if len(seen) == 1:
            runtime.post(put)
        return len(rows) == 2

    assert view.until(two, timeout=60) is view
    assert seen[0] == 1
    assert seen[-1] == 2


def test_an_error_in_the_condition_is_the_users(followed: Any) -> None:
    view, _, _ = followed
    with pytest.raises(ZeroDivisionError):
        view.until(lambda rows: bool(1 / 0), timeout=60)


def test_the_repr_is_the_table(followed: Any) -> None:
    view, _, _ = followed
    assert repr(view).split() == ["NAME", "NODE", "STATUS", "a", "Running"]
    assert view.state == "live"
    view.stop()
    assert view.state == "stopped"


def test_ages_and_counts_of_a_view_are_data_of_the_moment_they_are_read(followed: Any) -> None:
    view, feed, runtime = followed
    columns = (Column("Name", format="name"), Column("Restarts"), Column("Age"))
    made = Row("shop/a", ("a", "5 (3h ago)", "0s"), "shop", "a", created="2026-01-01T00:00:00Z")
    runtime.call(feed.push, RowPatch(put=(made,), reset=True, columns=columns))
    first, second = view.rows[0], view.rows[0]
    assert first.restarts == 5
    assert timedelta(hours=1) < first.age < second.age
    assert len(view.df[(view.df.restarts > 0) & (view.df.age > "1h")]) == 1
    assert "0s" not in view.snapshot()["text/plain"]
