"""The order of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.table import Column
from kmagic.views.order import BY_TIME, is_empty, key_of, natural, row_key, sorted_rows
from kmagic.views.table import Row

TEXT, AGE, NAME, CPU = Column("Ready"), Column("Age"), Column("Name", format="name"), Column("CPU(cores)")


@pytest.mark.parametrize(
    ("column", "ordered"),
    [
        pytest.param(TEXT, [0, 2, 10], id="numbers"),
        pytest.param(TEXT, ["0", "2", "10"], id="numbers written as text"),
        pytest.param(TEXT, ["0/1", "1/3", "1/2", "1/1", "3/3"], id="shares, the fuller later"),
        pytest.param(TEXT, [0, "3 (5m ago)", "12 (1h ago)"], id="restarts with a time"),
        pytest.param(TEXT, ["59s", "5m", "3h20m", "3d4h", "2y10d"], id="durations"),
        pytest.param(CPU, ["5m", "500m", "1", "2"], id="thousandths of a core"),
        pytest.param(Column("Capacity"), ["500Mi", "1Gi", "2Gi", "1Ti"], id="bytes"),
        pytest.param(TEXT, ["5%", "50%", "100%"], id="percent"),
        pytest.param(NAME, ["web-2", "web-10", "web-10-a"], id="names with their numbers"),
        pytest.param(NAME, ["1m", "5d", "10"], id="names that look like durations are names"),
        pytest.param(TEXT, [3, "7/9x", "abc", "Running", None], id="mixed types"),
        pytest.param(TEXT, ["a", "<none>"], id="nothing comes last"),
    ],
)
def test_cells_in_order(column: Column, ordered: list[object]) -> None:
    if column is NAME and ordered[0] == "1m":
        ordered = ["1m", "5d", "10"]
    keys = [key_of(cell, column) for cell in ordered]  # type: ignore[arg-type]
    assert keys == sorted(keys)


@given(
    st.lists(
        st.one_of(
            st.none(), st.integers(), st.floats(allow_nan=False), st.text(), st.booleans(), st.from_regex(r"\d+/\d+")
        ),
        max_size=8,
    )
)
def test_any_cells_can_be_ordered(cells: list[object]) -> None:
    sorted(key_of(cell, TEXT) for cell in cells)  # type: ignore[arg-type]


def test_empty_cells_stay_last_in_both_directions() -> None:
    columns = (NAME, Column("IP"))
    rows = tuple(Row(n, (n, ip)) for n, ip in (("a", "<none>"), ("b", "10.0.0.2"), ("c", "10.0.0.10")))
    assert [r.key for r in sorted_rows(rows, columns, 1)] == ["b", "c", "a"]
    assert [r.key for r in sorted_rows(rows, columns, 1, descending=True)] == ["c", "b", "a"]
    assert is_empty(key_of("<none>", TEXT))


def test_ages_are_ordered_by_the_time_of_creation_and_not_by_what_the_cell_said() -> None:
    rows = (
        Row("old", ("old", "5s"), created="2026-11-24T10:00:00Z"),
        Row("new", ("new", "9d"), created="2026-11-24T11:00:00Z"),
    )
    assert [r.key for r in sorted_rows(rows, (NAME, AGE), 1)] == ["new", "old"]


def test_without_a_column_rows_are_in_order_of_namespace_and_name() -> None:
    names = (("b", "a"), ("a1b", "x"), ("a", "web-10"), ("a", "web-9"), ("a1", "x"), ("", "node"))
    rows = tuple(Row(f"{ns}/{n}", (n,), ns, n) for ns, n in names)
    assert [r.key for r in sorted_rows(rows, (NAME,), -1)] == ["/node", "a/web-9", "a/web-10", "a1/x", "a1b/x", "b/a"]
    assert row_key((NAME,), 9)(rows[0]) == row_key((NAME,), -1)(rows[0])


def test_what_was_so_long_ago_is_ordered_by_the_moment_it_was_not_by_the_text() -> None:
    column = (NAME, Column("Last Seen"))
    cells = {"old": ("10s", 1000.0), "new": ("30s (x3 over 5m)", 1100.0), "never": ("<unknown>", 1200.0)}
    rows = tuple(Row(name, (name, text), name=name, came=came) for name, (text, came) in cells.items())
    assert [row.key for row in sorted_rows(rows, column, 1)] == ["new", "old", "never"]


def test_by_time_the_newest_comes_first_by_when_it_happened_or_was_made() -> None:
    rows = (
        Row("a", ("a",), name="a", created="2026-01-01T00:00:03Z"),
        Row("b", ("b",), name="b", created="2026-01-01T00:00:00Z", happened="2026-01-01T00:00:09.5Z"),
        Row("c", ("c",), name="c", created="2026-01-01T00:00:01Z", happened="2026-01-01T00:00:02Z"),
    )
    assert [row.key for row in sorted_rows(rows, (NAME,), BY_TIME)] == ["b", "a", "c"]


def test_a_names_numbers_count() -> None:
    assert natural("Web-2") < natural("web-10")
