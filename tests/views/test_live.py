"""The rows of a live table and its views: what bisection keeps is what sorting from nothing gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic.api.table import Column
from kmagic.views.live import BY_HEALTH, BY_NAME, LiveRows
from kmagic.views.status import Level
from kmagic.views.table import Row, RowPatch

COLUMNS = (Column("Name", format="name"), Column("Ready"), Column("Status"), Column("IP"))


def pod(name: str, status: str = "Running", ip: str = "10.0.0.1", ready: str = "1/1", namespace: str = "shop") -> Row:
    return Row(f"{namespace}/{name}", (name, ready, status, ip), namespace, name)


def keys(rows: LiveRows, vid: str = "v") -> list[str]:
    view = rows.views[vid]
    return [name.partition("/")[2] for name in view.slice(0, 1000)]


def test_a_view_shows_rows_in_order_of_their_names() -> None:
    rows = LiveRows(COLUMNS, (pod("b-10"), pod("b-9"), pod("a")))
    rows.open("v")
    assert keys(rows) == ["a", "b-9", "b-10"]


def test_changes_move_rows() -> None:
    rows = LiveRows(COLUMNS, (pod("a", ip="10.0.0.1"), pod("b", ip="10.0.0.2")))
    rows.open("v").order_by(3, descending=False)
    rows.apply(RowPatch(put=(pod("a", ip="10.0.0.9"), pod("c", ip="10.0.0.3"))))
    assert keys(rows) == ["b", "c", "a"]
    rows.apply(RowPatch(drop=("shop/c",)))
    assert keys(rows) == ["b", "a"]


def test_empty_cells_stay_last_when_the_order_turns() -> None:
    rows = LiveRows(COLUMNS, (pod("a", ip="<none>"), pod("b", ip="10.0.0.2"), pod("c", ip="10.0.0.3")))
    view = rows.open("v")
    view.order_by(3, descending=True)
    assert keys(rows) == ["c", "b", "a"]
    assert [view.position(f"shop/{n}") for n in "cba"] == [0, 1, 2]
    assert view.slice(1, 5) == ["shop/b", "shop/a"]


def test_a_row_leaves_the_view_when_it_no_longer_matches() -> None:
    rows = LiveRows(COLUMNS, (pod("a", "Pending"), pod("b")))
    rows.open("v").search("status:pend")
    rows.apply(RowPatch(put=(pod("a"), pod("b", "Pending"))))
    assert keys(rows) == ["b"]


def test_a_wrong_search_line_leaves_the_last_good_one_in_force() -> None:
    rows = LiveRows(COLUMNS, (pod("a"), pod("b")))
    view = rows.open("v")
    view.search("a")
    view.search("re:/(/")
    assert keys(rows) == ["a"]
    assert "regular expression" in view.error
    view.search("b")
    assert (keys(rows), view.error) == (["b"], "")


def test_only_broken_shows_what_is_not_well_worst_first() -> None:
    rows = LiveRows(COLUMNS, (pod("a"), pod("b", ready="0/1"), pod("c", "CrashLoopBackOff"), pod("d", "Completed")))
    view = rows.open("v")
    view.only_broken(True)
    view.order_by(BY_HEALTH, descending=False)
    assert keys(rows) == ["c", "b"]
    rows.apply(RowPatch(put=(pod("c"),)))
    assert keys(rows) == ["b"]


def test_counts_follow_changes() -> None:
    rows = LiveRows(COLUMNS, (pod("a"), pod("b", "Error"), pod("x", namespace="bank")))
    assert (rows.counts[Level.OK], rows.counts[Level.BAD], dict(rows.namespaces)) == (2, 1, {"shop": 2, "bank": 1})
    rows.apply(RowPatch(put=(pod("b"),), drop=("bank/x",)))
    assert (rows.counts[Level.OK], rows.counts[Level.BAD], dict(rows.namespaces)) == (2, 0, {"shop": 2})


def test_a_reset_replaces_everything() -> None:
    rows = LiveRows(COLUMNS, (pod("a"), pod("b")))
    rows.open("v")
    rows.apply(RowPatch(put=(pod("c"),), reset=True))
    assert keys(rows) == ["c"]
    assert rows.counts[Level.OK] == 1


def test_columns_that_come_late_give_the_search_line_and_the_health_their_meaning() -> None:
    rows = LiveRows()
    view = rows.open("v")
    view.search("status:error")
    view.sort = 7
    rows.apply(RowPatch(put=(pod("a", "Error"), pod("error")), reset=True, columns=COLUMNS))
    assert keys(rows) == ["a"]
    assert (view.sort, rows.counts[Level.BAD]) == (BY_NAME, 1)


def test_many_changes_at_once_come_out_as_one_after_the_other() -> None:
    rows = LiveRows(COLUMNS, (pod(f"p-{i}", ip=f"10.0.0.{i}") for i in range(300)))
    view = rows.open("v")
    view.search("!status:pend")
    view.order_by(3, descending=True)
    changed = tuple(pod(f"p-{i}", "Pending" if i % 3 else "Running", ip=f"10.0.1.{i}") for i in range(100, 350))
    rows.apply(RowPatch(put=changed, drop=tuple(f"shop/p-{i}" for i in range(20))))
    kept = view.slice(0, 1000)
    view.rebuild()
    assert kept == view.slice(0, 1000)
    assert kept[:2] == ["shop/p-348", "shop/p-345"]
    assert (len(rows.rows), view.total) == (330, 80 + 83)


def test_views_do_not_know_each_other() -> None:
    rows = LiveRows(COLUMNS, (pod("a"), pod("b")))
    rows.open("v").search("a")
    rows.open("w")
    assert (keys(rows, "v"), keys(rows, "w")) == (["a"], ["a", "b"])
    rows.close("v")
    assert list(rows.views) == ["w"]


_PODS = st.builds(
    pod,
    st.sampled_from([f"p-{i}" for i in range(12)]),
    st.sampled_from(["Running", "Error", "Pending"]),
    st.sampled_from(["<none>", "10.0.0.2", "10.0.0.10"]),
)
_PATCHES = st.lists(
    st.builds(
        lambda put, drop, reset: RowPatch(tuple(put), tuple(f"shop/p-{i}" for i in drop), reset),
        st.lists(_PODS, max_size=4),
        st.lists(st.integers(0, 11), max_size=3),
        st.sampled_from([False] * 9 + [True]),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    _PATCHES, st.sampled_from([BY_NAME, BY_HEALTH, 0, 2, 3]), st.booleans(), st.sampled_from(["", "status:run", "!2"])
)
def test_what_changes_leave_is_what_building_anew_gives(
    patches: list[RowPatch], sort: int, descending: bool, text: str
) -> None:
    rows = LiveRows(COLUMNS)
    view = rows.open("v")
    view.search(text)
    view.order_by(sort, descending=descending)
    for patch in patches:
        rows.apply(patch)
    kept = view.slice(0, 1000)
    view.rebuild()
    assert kept == view.slice(0, 1000)
    assert len(kept) == view.total
    assert [view.position(name) for name in kept] == list(range(len(kept)))


def test_a_row_that_went_lingers_in_the_views_and_counts_nowhere_until_it_is_forgotten() -> None:
    rows = LiveRows(COLUMNS, (pod("a"), pod("b", "Error"), pod("c")), lingering=True)
    view = rows.open("v")
    before = rows.rows["shop/b"]
    rows.apply(RowPatch(drop=("shop/b", "shop/never-was")))
    assert keys(rows) == ["a", "b", "c"]
    assert (len(rows.rows), rows.counts[Level.BAD], view.lingering) == (2, 0, 1)
    assert rows.row("shop/b") == before
    assert rows.row("shop/b") is not before
    view.search("status:error")
    assert keys(rows) == ["b"]
    view.search("")
    rows.forget(["shop/b", "shop/a"])
    assert keys(rows) == ["a", "c"]
    assert view.lingering == 0


def test_a_row_that_comes_back_does_not_linger_and_a_new_list_leaves_none() -> None:
    rows = LiveRows(COLUMNS, (pod(f"p-{at}") for at in range(300)), lingering=True)
    view = rows.open("v")
    rows.apply(RowPatch(drop=tuple(f"shop/p-{at}" for at in range(200))))
    assert (view.total, view.lingering) == (300, 200)
    rows.apply(RowPatch(put=(pod("p-7"),)))
    assert (len(rows.rows), view.total, view.lingering) == (101, 300, 199)
    rows.apply(RowPatch(put=(pod("new"),), reset=True))
    assert (keys(rows), view.lingering) == (["new"], 0)
