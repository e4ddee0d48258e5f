"""Tables as values."""

from __future__ import annotations

import pytest

from kmagic.client.table import ServerTable, TableColumn, TableRow
from kmagic.views.table import Column, Row, Table, cell_text, is_age, row_of, table_of

SERVER = {
    "kind": "Table",
    "metadata": {"resourceVersion": "7", "remainingItemCount": 3},
    "columnDefinitions": [
        {"name": "Name", "type": "string", "format": "name", "description": "d", "priority": 0},
        {"name": "Nominated Node", "type": "string", "format": "", "description": "", "priority": 1},
    ],
    "rows": [
        {
            "cells": ["web-0", None],
            "object": {
                "metadata": {
                    "name": "web-0",
                    "namespace": "shop",
                    "uid": "u",
                    "labels": {"app": "web"},
                    "creationTimestamp": "2026-11-24T18:18:14Z",
                }
            },
        },
        {"cells": ["web-1", "n"]},
    ],
}


def test_a_table_is_read_from_plain_json() -> None:
    table = table_of(SERVER, kind="Pod")
    assert [c.name for c in table.columns] == ["Name", "Nominated Node"]
    assert table.rows[0] == Row(
        "shop/web-0", ("web-0", None), "shop", "web-0", "u", created="2026-11-24T18:18:14Z", labels={"app": "web"}
    )
    assert (table.kind, table.resource_version, table.remaining) == ("Pod", "7", 3)


def test_a_table_is_read_from_the_clients_own() -> None:
    decoded = ServerTable(
        (TableColumn("Name", format="name"), TableColumn("Nominated Node", priority=1)),
        [TableRow(row["cells"], row.get("object")) for row in SERVER["rows"]],  # type: ignore[attr-defined]
        "7",
        "",
        3,
    )
    assert table_of(decoded).rows == table_of(SERVER).rows


def test_a_row_without_an_object_is_known_by_its_first_cell() -> None:
    assert row_of(["web-1", 1], None).key == "web-1"


def test_types_in_one_view_are_told_apart_by_a_prefix() -> None:
    assert row_of(["a"], {"metadata": {"name": "a", "namespace": "n"}}, prefix="Pod ").key == "Pod n/a"


def test_wide_columns_are_shown_on_request() -> None:
    table = table_of(SERVER)
    assert (table.shown(), table.shown(wide=True)) == ((0,), (0, 1))


def test_records_have_the_namespace_and_plain_names() -> None:
    assert table_of(SERVER).records()[1] == {"namespace": "", "name": "web-1", "nominated_node": "n"}
    assert table_of(SERVER, namespaced=False).records(wide=False)[0] == {"name": "web-0"}


def test_a_short_row_has_empty_cells() -> None:
    table = Table((Column("Name"), Column("Age")), (Row("a", ("a",)),), namespaced=False)
    assert table.records() == [{"name": "a", "age": None}]


def test_a_column_is_found_in_any_case() -> None:
    assert table_of(SERVER).column("nominated node") == 1
    assert table_of(SERVER).column("no") is None
    assert is_age(Column("AGE"))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(None, "", id="null"),
        pytest.param(True, "true", id="bool"),
        pytest.param(3.0, "3", id="a whole float as Go prints it"),
        pytest.param(2.5, "2.5", id="float"),
        pytest.param(7, "7", id="int"),
    ],
)
def test_cells_as_text(cell: object, text: str) -> None:
    assert cell_text(cell) == text  # type: ignore[arg-type]
