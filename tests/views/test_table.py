"""Tables as values."""

from __future__ import annotations

import msgspec
import pytest

from kmagic.api.table import Column, RowMetadata, RowObject
from kmagic.views.table import Row, Table, cell_text, is_age, name_column, row_of

META = RowMetadata("web-0", "shop", "u", "7", "2026-11-24T18:18:14Z", labels={"app": "web"})
TABLE = Table(
    (Column("Name", format="name"), Column("Nominated Node", priority=1)),
    (row_of(("web-0", None), RowObject(META)), row_of(("web-1", "n"), RowObject(RowMetadata("web-1")))),
)


def test_a_row_knows_whose_it_is() -> None:
    assert row_of(("web-0", None), RowObject(META), came=3.0) == Row(
        "shop/web-0",
        ("web-0", None),
        "shop",
        "web-0",
        "u",
        "7",
        created="2026-11-24T18:18:14Z",
        labels={"app": "web"},
        came=3.0,
    )


@pytest.mark.parametrize("obj", [None, RowObject()])
def test_a_row_without_metadata_is_known_by_its_first_cell(obj: RowObject | None) -> None:
    row = row_of(("web-1", 1), obj)
    assert (row.key, row.name, row.namespace) == ("web-1", "web-1", "")
    assert row_of((), obj).key == ""


def test_wide_columns_are_shown_on_request() -> None:
    assert (TABLE.shown(), TABLE.shown(wide=True)) == ((0,), (0, 1))


def test_records_have_the_namespace_and_plain_names() -> None:
    assert TABLE.records()[1] == {"namespace": "", "name": "web-1", "nominated_node": "n"}
    bare = msgspec.structs.replace(TABLE, namespaced=False)
    assert bare.records(wide=False)[0] == {"name": "web-0"}


def test_a_short_row_has_empty_cells() -> None:
    table = Table((Column("Name"), Column("Age")), (Row("a", ("a",)),), namespaced=False)
    assert table.records() == [{"name": "a", "age": None}]


def test_a_column_is_found_in_any_case() -> None:
    assert TABLE.column("nominated node") == 1
    assert TABLE.column("no") is None
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


def test_a_row_without_an_object_is_named_by_its_column() -> None:
    columns = (Column("Type"), Column("Name", format="name"))
    assert (name_column(columns), name_column(columns[:1])) == (1, 0)
    assert row_of(("x", "e1"), None, named=1, namespace="shop") == Row("shop/e1", ("x", "e1"), "shop", "e1")
    assert row_of((), None).name == ""
