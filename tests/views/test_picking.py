"""Selected rows: by key, ranges in the order of the view, what the filter lets through."""

from __future__ import annotations

from kmagic.api.table import Column
from kmagic.views.live import LiveRows
from kmagic.views.picking import Picked
from kmagic.views.table import Row, RowPatch


def rows(count: int = 6) -> LiveRows:
    return LiveRows((Column("Name", format="name"),), (Row(f"p-{i}", (f"p-{i}",), name=f"p-{i}") for i in range(count)))


def test_a_row_is_toggled_and_a_range_goes_from_it_in_the_order_of_the_view() -> None:
    view = rows().open("v")
    picked = Picked(view)
    picked.toggle("p-1")
    picked.extend("p-3")
    assert list(picked.keys) == ["p-1", "p-2", "p-3"]
    picked.toggle("p-2")
    assert list(picked.keys) == ["p-1", "p-3"]
    view.order_by(0, descending=True)
    picked.clear()
    picked.toggle("p-4")
    picked.extend("p-2")
    assert list(picked.keys) == ["p-4", "p-3", "p-2"]
    assert picked.among(["p-2", "p-5"]) == ["p-2"]


def test_a_range_without_a_beginning_is_one_row_and_one_to_nowhere_is_none() -> None:
    picked = Picked(rows().open("v"))
    picked.extend("p-2")
    picked.extend("of no row")
    picked.toggle("of no row")
    assert list(picked.keys) == ["p-2"]


def test_everything_is_what_the_filter_lets_through_and_again_is_nothing() -> None:
    view = rows(12).open("v")
    view.search("p-1")
    picked = Picked(view)
    picked.everything()
    assert list(picked.keys) == ["p-1", "p-10", "p-11"]
    picked.everything()
    assert not picked.keys


def test_a_row_that_is_gone_is_not_selected_any_more() -> None:
    found = rows()
    picked = Picked(found.open("v"))
    picked.everything()
    found.apply(RowPatch(drop=("p-0", "p-1")))
    picked.keep(found.rows)
    assert list(picked.keys) == ["p-2", "p-3", "p-4", "p-5"]
