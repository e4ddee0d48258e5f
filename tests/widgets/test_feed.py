"""What a live table is fed by."""

from __future__ import annotations

from kmagic.api.table import Column
from kmagic.views.table import Row, RowPatch
from kmagic.widgets.feed import FeedState, MemoryFeed


def test_a_memory_feed_keeps_rows_and_passes_changes_on() -> None:
    feed = MemoryFeed((Column("Name"),), (Row("a", ("a",)),))
    patches: list[RowPatch] = []
    states: list[FeedState] = []
    leave = feed.subscribe(patches.append, states.append)
    feed.push(RowPatch(put=(Row("b", ("b",)),), drop=("a",)))
    feed.become(FeedState("reconnecting", "no answer"))
    assert [row.key for row in feed.rows] == ["b"]
    assert (len(patches), states) == (1, [FeedState("reconnecting", "no answer")])
    feed.push(RowPatch(put=(Row("c", ("c",)),), reset=True, columns=(Column("X"),)))
    assert ([row.key for row in feed.rows], feed.columns[0].name) == (["c"], "X")
    leave()
    leave()
    feed.push(RowPatch(drop=("c",)))
    assert len(patches) == 2
