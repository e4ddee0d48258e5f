"""Rows below the heads of their groups: what is offered, what order they have, what changes and folding leave."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic.api.table import Column
from kmagic.magics.language.registry import verb_named
from kmagic.views.grouping import GROUPINGS, groupings, is_head
from kmagic.views.live import BY_NAME, LiveRows, View
from kmagic.views.picking import Picked
from kmagic.views.table import Row, RowPatch

COLUMNS = (Column("Name", format="name"), Column("Ready"), Column("Status"), Column("IP"), Column("Node", priority=1))


def pod(
    name: str, node: str = "n-1", status: str = "Running", *, owner: str = "", namespace: str = "shop", ip: str = ""
) -> Row:
    return Row(f"{namespace}/{name}", (name, "1/1", status, ip, node), namespace, name, owner=owner)


def grouped(by: str, *rows: Row, everywhere: bool = True) -> tuple[LiveRows, View]:
    found = LiveRows(COLUMNS, rows, everywhere=everywhere)
    view = found.open("v")
    view.group_by(by)
    return found, view


def lines(view: View) -> list[str]:
    """The lines of a view: heads in words, rows by name."""
    return [view.head(each).text if is_head(each) else each.partition("/")[2] for each in view.slice(0, 1000)]


def test_rows_stand_below_the_head_of_their_group_which_counts_them() -> None:
    _, view = grouped("node", pod("a", "n-10"), pod("b", "n-9", "Error"), pod("c", "<none>"), pod("d", "n-9"))
    assert lines(view) == ["n-9 (2 rows, 1 broken)", "b", "d", "n-10 (1 row)", "a", "no node (1 row)", "c"]
    assert (view.total, view.shown) == (7, 4)
    assert lines(view)[2:4] == [
        each.partition("/")[2] if not is_head(each) else view.head(each).text for each in view.slice(2, 2)
    ]


def test_owners_of_several_namespaces_are_several() -> None:
    rows = (pod("a", owner="ReplicaSet/web"), pod("b", owner="ReplicaSet/web", namespace="bank"), pod("c"))
    assert lines(grouped("owner", *rows)[1]) == [
        "bank/ReplicaSet/web (1 row)", "b", "shop/ReplicaSet/web (1 row)", "a", "no owner (1 row)", "c",
    ]  # fmt: skip
    assert lines(grouped("owner", rows[0], rows[2], everywhere=False)[1])[0] == "ReplicaSet/web (1 row)"


def test_a_change_moves_a_row_to_its_new_group_and_an_empty_group_goes() -> None:
    rows, view = grouped("node", pod("a", "n-1"), pod("b", "n-2"))
    rows.apply(RowPatch(put=(pod("a", "n-2", "Error"),)))
    assert lines(view) == ["n-2 (2 rows, 1 broken)", "a", "b"]
    rows.apply(RowPatch(put=(pod("a", "n-2"),), drop=("shop/b",)))
    assert lines(view) == ["n-2 (1 row)", "a"]


def test_a_folded_group_keeps_its_head_and_its_counts_up_to_date() -> None:
    rows, view = grouped("namespace", pod("a"), pod("b", namespace="bank"), pod("c", namespace="bank"))
    view.fold("bank")
    assert lines(view) == ["bank (2 rows)", "shop (1 row)", "a"]
    rows.apply(RowPatch(put=(pod("d", status="Error", namespace="bank"),)))
    assert lines(view)[0] == "bank (3 rows, 1 broken)"
    assert (view.position("bank/b"), view.position("shop/a"), view.shown) == (None, 2, 4)
    view.fold("bank")
    view.fold("of no group")
    assert view.position("bank/d") == 3
    view.fold_all()
    assert len(lines(view)) == 2
    view.fold_all()
    assert len(lines(view)) == 6


def test_filter_and_order_work_inside_groups() -> None:
    _, view = grouped("node", *(pod(f"p-{i}", f"n-{i % 2}", ip=f"10.0.0.{i}" if i else "<none>") for i in range(6)))
    view.order_by(3, descending=True)
    assert lines(view) == ["n-0 (3 rows)", "p-4", "p-2", "p-0", "n-1 (3 rows)", "p-5", "p-3", "p-1"]
    view.search("!p-4 !p-2 !p-0")
    assert lines(view) == ["n-1 (3 rows)", "p-5", "p-3", "p-1"]


def test_selecting_a_range_or_everything_takes_rows_and_no_heads() -> None:
    _, view = grouped("node", pod("a", "n-1"), pod("b", "n-2"), pod("c", "n-2"))
    picked = Picked(view)
    picked.toggle("shop/a")
    picked.extend("shop/b")
    assert list(picked.keys) == ["shop/a", "shop/b"]
    view.fold("n-2")
    picked.everything()
    assert list(picked.keys) == ["shop/a", "shop/b", "shop/c"]


def test_what_cannot_be_is_not_offered_and_does_not_group() -> None:
    assert groupings(COLUMNS, everywhere=True) == GROUPINGS
    assert groupings(COLUMNS[:3], everywhere=False) == ("owner",)
    assert groupings((), everywhere=True) == ()
    rows = LiveRows()
    view = rows.open("v")
    view.group_by("node")
    rows.apply(RowPatch(put=(pod("a"),), columns=COLUMNS[:3]))
    assert lines(view) == ["a"]
    rows.apply(RowPatch(put=(pod("a"),), columns=COLUMNS, reset=True))
    assert lines(view) == ["n-1 (1 row)", "a"]


def test_the_magic_takes_what_views_know() -> None:
    (flag,) = (each for each in verb_named("watch").flags if each.name == "group-by")
    assert flag.choices == GROUPINGS


_PODS = st.builds(
    pod,
    st.sampled_from([f"p-{i}" for i in range(12)]),
    st.sampled_from(["n-1", "n-2", "n-10", "<none>"]),
    st.sampled_from(["Running", "Error"]),
    ip=st.sampled_from(["<none>", "10.0.0.2", "10.0.0.10"]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.lists(_PODS, max_size=4), st.lists(st.integers(0, 11), max_size=3)), max_size=8),
    st.sampled_from([BY_NAME, 2, 3]),
    st.booleans(),
    st.integers(0, 8),
    st.booleans(),
)
def test_what_changes_leave_is_what_building_anew_gives(
    patches: list[tuple[list[Row], list[int]]], sort: int, descending: bool, first: int, at_once: bool
) -> None:
    rows, view = grouped("node")
    view.order_by(sort, descending=descending)
    for put, dropped in patches:
        keys = tuple(f"shop/p-{i}" for i in dropped)
        # Of many changes at once each row is named once, as an informer's batch does.
        padding = tuple(pod(f"x-{i}", "n-3") for i in range(101)) if at_once else ()
        rows.apply(RowPatch(tuple({row.key: row for row in put}.values()) + padding, keys))
    kept = view.slice(0, 1000)
    assert kept[first : first + 3] == view.slice(first, 3)
    assert len(kept) == view.total
    told = {line: view.head(line) for line in kept if is_head(line)}
    assert [view.position(line) for line in kept if not is_head(line)] == [
        at for at, line in enumerate(kept) if not is_head(line)
    ]
    view.rebuild()
    assert kept == view.slice(0, 1000)
    assert told == {line: view.head(line) for line in kept if is_head(line)}
    below = [[*part] for head, part in groupby(kept, is_head) if not head]
    assert [len(part) for part in below] == [head.rows for head in told.values()]


@pytest.mark.parametrize("others", [0, 200], ids=["one change", "many at once"])
def test_a_row_that_went_is_not_broken_at_once(others: int) -> None:
    more = tuple(pod(f"z-{at}", node="n-2") for at in range(others))
    rows = LiveRows(COLUMNS, (pod("a", status="Error"), pod("b"), *more), lingering=True)
    view, broken = rows.open("v"), rows.open("broken")
    view.group_by("node")
    broken.only_broken(True)
    assert lines(view)[0] == "n-1 (2 rows, 1 broken)"
    gone = RowPatch(drop=("shop/a", *(row.key for row in more)))
    rows.apply(gone)
    assert lines(view)[:3] == ["n-1 (2 rows)", "a", "b"]
    assert lines(broken) == ["a"]  # it lingers there
    rows.apply(gone)  # said twice
    told = lines(view)
    assert told[0] == "n-1 (2 rows)"
    view.rebuild()
    assert lines(view) == told
    rows.forget(["shop/a"])
    assert lines(view)[:2] == ["n-1 (1 row)", "b"]
