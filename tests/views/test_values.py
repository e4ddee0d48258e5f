"""Cells as data and as text of a later moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kmagic.api.table import Column
from kmagic.views.table import Row, Table
from kmagic.views.values import Kind, aged, kind_of, value_reader

CAME = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
LATER = CAME + timedelta(hours=2)


def row(*cells: Any, created: str = "") -> Row:
    return Row("shop/a", cells, "shop", "a", created=created, came=CAME.timestamp())


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        pytest.param(Column("Restarts"), "5 (3h ago)", 5, id="restarts with words"),
        pytest.param(Column("Restarts"), "0", 0, id="restarts"),
        pytest.param(Column("Replicas", "integer"), 3, 3, id="integer"),
        pytest.param(Column("Replicas", "integer"), None, None, id="no integer"),
        pytest.param(Column("Share", "number"), 1, 1.0, id="number"),
        pytest.param(Column("Ok", "boolean"), False, False, id="boolean"),
        pytest.param(Column("Ready"), "1/2", "1/2", id="text"),
        pytest.param(Column("Name", format="name"), "5", "5", id="a name of digits"),
        pytest.param(Column("Status"), "Running", "Running", id="word"),
        pytest.param(Column("Age"), "5m", timedelta(hours=2, minutes=5), id="age without a time of creation"),
        pytest.param(Column("Last Seen"), "2m11s (x5 over 10m)", timedelta(hours=2, seconds=131), id="seen often"),
        pytest.param(Column("Last Schedule"), "<none>", None, id="never"),
        pytest.param(Column("Since", "date"), "3d", timedelta(days=3, hours=2), id="a date of a custom resource"),
        pytest.param(Column("Duration"), "17s", timedelta(seconds=17), id="what took some time takes no longer"),
    ],
)
def test_a_cell_is_data_of_its_columns_kind(column: Column, cell: Any, value: Any) -> None:
    read = value_reader((column,), 0)(row(cell), LATER)
    assert read == value
    assert type(read) is type(value)


def test_an_age_is_of_the_moment_it_is_read() -> None:
    read = value_reader((Column("Age"),), 0)
    made = row("0s", created="2026-01-01T12:00:00Z")
    assert read(made, LATER) == timedelta(hours=2)
    assert read(made, LATER + timedelta(seconds=1)) == timedelta(hours=2, seconds=1)
    assert read(made, CAME - timedelta(seconds=5)) == timedelta(0)


def test_a_cell_that_is_not_there_is_nothing() -> None:
    columns = (Column("Age"), Column("Restarts"), Column("Status"))
    assert [value_reader(columns, at)(row(), LATER) for at in range(3)] == [None] * 3


def test_a_column_has_its_kind_whatever_its_rows_say() -> None:
    assert kind_of(Column("RESTARTS")) is Kind.COUNT
    assert kind_of(Column("Node")) is Kind.TEXT


def test_a_table_is_shown_as_of_a_later_moment() -> None:
    columns = (Column("Name", format="name"), Column("Restarts"), Column("Age"), Column("Last Seen"))
    table = Table(columns, (row("a", "5 (0s ago)", "0s", "0s (x2 over 1m)", created="2026-01-01T11:59:00Z"),))
    assert aged(table, LATER).rows[0].cells == ("a", "5 (120m ago)", "121m", "120m (x2 over 1m)")
    assert aged(table, CAME).rows[0].cells == ("a", "5 (0s ago)", "60s", "0s (x2 over 1m)")


JOBS = tuple(map(Column, ("Name", "Status", "Completions", "Duration", "Age")))


@pytest.mark.parametrize(
    ("status", "shown", "seconds"),
    [("Running", "120m", 7217), ("Failed", "120m", 7217), ("FailureTarget", "120m", 7217), ("Complete", "17s", 17)],
)
def test_a_job_takes_longer_until_it_is_complete(status: str, shown: str, seconds: int) -> None:
    table = Table(JOBS, (row("a", status, "0/1", "17s", "20s"),))
    assert aged(table, LATER).rows[0].cells[3] == shown
    assert value_reader(JOBS, 3)(table.rows[0], LATER) == timedelta(seconds=seconds)


def test_a_job_that_has_not_begun_takes_no_time() -> None:
    table = Table(JOBS, (row("a", "Suspended", "0/1", "", "20s"),))
    assert aged(table, LATER).rows[0].cells[3] == ""
    assert value_reader(JOBS, 3)(table.rows[0], LATER) is None


def test_what_does_not_change_stays_the_same_row() -> None:
    table = Table((Column("Name"), Column("Ready")), (row("a", "1/1"),))
    assert aged(table, LATER).rows[0] is table.rows[0]
