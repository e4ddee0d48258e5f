"""The live table without a browser: its life, its static table, its detail panel, its fallback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import anyio
import pytest

from kmagic.api.table import Column
from kmagic.errors import ForbiddenError
from kmagic.sync.runtime import Runtime
from kmagic.views.table import Row, RowPatch
from kmagic.widgets.feed import FeedState, MemoryFeed, OnPatch, OnState
from kmagic.widgets.live_table import LiveTable
from kmagic.widgets.row_actions import Offer, RowActions

COLUMNS = (Column("Name", format="name"), Column("Status"), Column("Node", priority=1))


def row(index: int, status: str = "Running") -> Row:
    return Row(f"shop/p-{index}", (f"p-{index}", status, "n"), "shop", f"p-{index}")


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime("test-loop")
    yield runtime
    runtime.stop()


class Sent:
    """Takes the place of the widget's model: what would go to the browser."""

    def __init__(self, table: LiveTable) -> None:
        self.messages: list[dict[str, Any]] = []
        self.arrived = anyio.Event()
        table._outputs.model = self  # type: ignore[assignment]

    def send(self, content: dict[str, Any]) -> None:
        self.messages.append(content)
        self.arrived.set()

    async def until(self, kind: str) -> dict[str, Any]:
        with anyio.fail_after(5):
            while not (found := [m for m in self.messages if m["t"] == kind]):
                self.arrived = anyio.Event()
                await self.arrived.wait()
        return found[-1]


def test_a_table_follows_its_feed_and_stops(runtime: Runtime) -> None:
    feed = MemoryFeed(COLUMNS, (row(10), row(9)))
    table = LiveTable(feed, title="Pods", runtime=runtime)
    assert [r.name for r in table.rows] == ["p-9", "p-10"]
    runtime.call(feed.push, RowPatch(put=(row(1),), drop=("shop/p-9",)))
    assert [r.name for r in table.rows] == ["p-1", "p-10"]
    table.stop()
    table.stop()
    assert table.state.word == "stopped"
    runtime.call(feed.push, RowPatch(put=(row(2),)))
    assert len(table.rows) == 2
    assert not feed._subscribers


def test_the_first_list_is_waited_for(runtime: Runtime) -> None:
    feed = MemoryFeed()
    feed.state = FeedState("listing")
    table = LiveTable(feed, runtime=runtime)
    assert table.wait_listed(0.01) is False
    runtime.call(feed.push, RowPatch(put=(row(1),), columns=COLUMNS, reset=True))
    runtime.post(feed.become, FeedState("live"))
    assert table.wait_listed(5) is True
    table.stop()


def test_the_static_table_is_capped_and_counts_the_rest(runtime: Runtime) -> None:
    table = LiveTable(
        MemoryFeed(COLUMNS, map(row, range(120))), title="Pods", target="dev ▸ shop", namespace=True, runtime=runtime
    )
    bundle = table.snapshot()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "50 of 120 shown · Pods · dev ▸ shop · as of 20" in bundle["text/html"]
    assert bundle["text/plain"].splitlines()[:2] == ["NAMESPACE   NAME   STATUS", "shop        p-0    Running"]
    assert len(bundle["text/plain"].splitlines()) == 51
    table.stop()


def test_an_empty_table_says_so(runtime: Runtime) -> None:
    table = LiveTable(MemoryFeed(COLUMNS), runtime=runtime)
    assert table.snapshot()["text/plain"] == "No resources found"
    table.stop()


def test_chosen_columns_are_shown_and_the_others_are_wide(runtime: Runtime) -> None:
    table = LiveTable(MemoryFeed(COLUMNS, (row(1),)), columns=("name", "Node"), runtime=runtime)
    assert [c.priority for c in table.table().columns] == [0, 1, 0]
    table.stop()


def test_a_page_chooses_the_columns_which_are_told_and_saved(runtime: Runtime) -> None:
    chosen: list[tuple[str, ...]] = []
    table = LiveTable(MemoryFeed(COLUMNS, (row(1),)), chose=chosen.append, runtime=runtime)
    sent = runtime.call(Sent, table)
    runtime.post(table.receive, {"t": "hello", "vid": "v", "q": 1, "first": 0, "count": 10})
    runtime.run(sent.until("win"))
    sent.messages.clear()
    runtime.post(table.receive, {"t": "columns", "vid": "v", "q": 2, "names": ["node", 7]})
    columns = runtime.run(sent.until("win"))["head"]["columns"]
    assert [(each["name"], each["wide"]) for each in columns] == [("Name", False), ("Status", True), ("Node", False)]
    assert table.snapshot()["text/plain"].splitlines()[0].split() == ["NAME", "NODE"]
    runtime.call(table.receive, {"t": "columns", "vid": "v", "q": 3, "names": []})
    assert table.snapshot()["text/plain"].splitlines()[0].split() == ["NAME", "STATUS"]
    assert chosen == [("node",), ()]
    table.stop()


def test_the_static_table_has_the_groups_that_it_began_with_or_a_page_chose_last(runtime: Runtime) -> None:
    table = LiveTable(MemoryFeed(COLUMNS, (row(2, "Error"), row(1))), group="node", runtime=runtime)
    shot = table.snapshot()
    assert [line.split() for line in shot["text/plain"].splitlines()[1:]] == [
        ["n", "(2", "rows,", "1", "broken)"], ["p-1", "Running"], ["p-2", "Error"],
    ]  # fmt: skip
    assert '<th scope="rowgroup" colspan="2" class="group">n (2 rows, 1 broken)</th>' in shot["text/html"]
    sent = runtime.call(Sent, table)
    runtime.post(table.receive, {"t": "hello", "vid": "v", "q": 1, "first": 0, "count": 10})
    assert runtime.run(sent.until("win"))["head"]["group"] == "node"
    runtime.call(table.receive, {"t": "group", "vid": "v", "q": 2, "group": ""})
    assert "rowgroup" not in table.snapshot()["text/html"]
    table.stop()


def test_frames_go_out_by_themselves(runtime: Runtime) -> None:
    feed = MemoryFeed(COLUMNS, (row(1),))
    table = LiveTable(feed, title="Pods", runtime=runtime)
    sent = runtime.call(Sent, table)
    runtime.post(table.receive, {"t": "hello", "vid": "v", "q": 1, "first": 0, "count": 10})
    assert runtime.run(sent.until("win"))["head"]["title"] == "Pods"
    sent.messages.clear()
    runtime.call(feed.push, RowPatch(put=(row(1, "Error"),)))
    assert runtime.run(sent.until("win"))["rows"][0][6][1] == "Error"
    table.stop()
    assert runtime.run(sent.until("win"))["state"] == "stopped"


class Reading:
    """Actions of which only reading is asked for."""

    offers: Sequence[Offer] = ()

    def __init__(self, error: str = "") -> None:
        self.error = error

    async def detail(self, row: Row, tab: str) -> dict[str, Any]:
        if self.error:
            raise ForbiddenError(self.error)
        return {"yaml": f"{tab} of {row.key}"}


def test_a_row_is_opened_by_reading_its_object(runtime: Runtime) -> None:
    table = LiveTable(MemoryFeed(COLUMNS, (row(1),)), actions=cast("RowActions", Reading()), runtime=runtime)
    sent = runtime.call(Sent, table)
    runtime.post(table.receive, {"t": "hello", "vid": "v", "q": 1})
    runtime.post(table.receive, {"t": "detail", "vid": "v", "q": 2, "key": "shop/p-1", "tab": "raw"})
    found = runtime.run(sent.until("detail"))
    assert (found["key"], found["tab"], found["yaml"], found["error"]) == ("shop/p-1", "raw", "raw of shop/p-1", "")
    table.stop()


@pytest.mark.parametrize(
    ("key", "error"),
    [pytest.param("shop/p-1", "not allowed", id="refused"), pytest.param("shop/gone", "this row is gone", id="gone")],
)
def test_a_row_that_cannot_be_read_says_why(runtime: Runtime, key: str, error: str) -> None:
    actions = cast("RowActions", Reading("not allowed"))
    table = LiveTable(MemoryFeed(COLUMNS, (row(1),)), actions=actions, runtime=runtime)
    sent = runtime.call(Sent, table)
    runtime.post(table.receive, {"t": "hello", "vid": "v", "q": 1})
    runtime.post(table.receive, {"t": "detail", "vid": "v", "q": 2, "key": key, "tab": "yaml"})
    assert runtime.run(sent.until("detail"))["error"] == error
    table.stop()


class Watched(MemoryFeed):
    """A feed that tells when somebody begins and ceases to look."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, (row(1),))
        self.lookers = 0
        self.changed = anyio.Event()

    def subscribe(self, on_patch: OnPatch, on_state: OnState) -> Callable[[], None]:
        leave = super().subscribe(on_patch, on_state)
        self._count(1)

        def left() -> None:
            leave()
            self._count(-1)

        return left

    def _count(self, more: int) -> None:
        self.lookers += more
        self.changed.set()
        self.changed = anyio.Event()

    async def nobody(self) -> None:
        with anyio.fail_after(20):
            while self.lookers:
                await self.changed.wait()


def test_a_table_that_nobody_sees_pauses_after_a_minute_and_a_look_wakes_it(runtime: Runtime) -> None:
    now = [0.0]
    feed = runtime.call(Watched)
    table = LiveTable(feed, runtime=runtime, clock=lambda: now[0])
    now[0] = 59.0
    table.look()
    now[0] = 118.0
    runtime.call(feed.push, RowPatch(put=(row(2),)))
    assert feed.lookers == 1
    now[0] = 119.0
    runtime.run(feed.nobody())
    assert table.state.word == "paused"
    runtime.call(feed.push, RowPatch(put=(row(3),), drop=("shop/p-1",)))
    assert [r.name for r in table.rows] == ["p-1", "p-2"]
    table.look()
    assert table.state.word == "live"
    assert [r.name for r in table.rows] == ["p-2", "p-3"]
    table.stop()
    assert feed.lookers == 0


def test_a_page_that_returns_wakes_a_paused_table_and_rows_of_before_go_with_the_new_list(runtime: Runtime) -> None:
    now = [0.0]
    feed = runtime.call(Watched)
    table = LiveTable(feed, runtime=runtime, clock=lambda: now[0])
    sent = runtime.call(Sent, table)
    runtime.post(table.receive, {"t": "hello", "vid": "first", "q": 1})
    assert runtime.run(sent.until("win"))["total"] == 1
    now[0] = 61.0  # its heartbeats stayed away
    runtime.run(feed.nobody())
    # The feed's watch was stopped and begins anew with a list.
    runtime.call(feed.push, RowPatch(reset=True))
    runtime.call(feed.become, FeedState("listing"))
    sent.messages.clear()
    runtime.post(table.receive, {"t": "hello", "vid": "second", "q": 1})
    assert runtime.run(sent.until("win"))["state"] == "listing"
    assert [r.name for r in table.rows] == ["p-1"]
    runtime.call(feed.push, RowPatch(put=(row(2),)))
    runtime.call(feed.become, FeedState("live"))
    assert [r.name for r in table.rows] == ["p-2"]
    table.stop()


def test_a_page_keeps_its_table_awake(runtime: Runtime) -> None:
    now = [0.0]
    feed = runtime.call(Watched)
    table = LiveTable(feed, runtime=runtime, clock=lambda: now[0])
    sent = runtime.call(Sent, table)
    for now[0] in (0.0, 50.0, 100.0, 150.0):
        runtime.call(table.receive, {"t": "hello", "vid": "v", "q": 1})
        runtime.call(table._channel.flush)
        runtime.call(table._pause_if_unseen)
    assert feed.lookers == 1
    assert sent.messages[-1]["state"] == "live"
    table.stop()


def test_the_row_of_an_object_that_went_is_shown_for_ten_seconds_more(runtime: Runtime) -> None:
    now = [0.0]
    feed = MemoryFeed(COLUMNS, (row(1), row(2)))
    table = LiveTable(feed, runtime=runtime, clock=lambda: now[0])
    sent = runtime.call(Sent, table)
    runtime.post(table.receive, {"t": "hello", "vid": "v", "q": 1, "first": 0, "count": 10})
    runtime.run(sent.until("win"))
    sent.messages.clear()
    runtime.call(feed.push, RowPatch(drop=("shop/p-1",)))
    frame = runtime.run(sent.until("win"))
    assert (frame["all"], frame["total"], frame["left"]) == (1, 2, 1)
    assert [(each[0], each[5]) for each in frame["rows"]] == [("shop/p-1", 2)]
    assert [each.name for each in table.rows] == ["p-2"]
    assert "p-1" not in table.snapshot()["text/plain"]
    now[0] = 10.0
    sent.messages.clear()
    runtime.call(feed.push, RowPatch(put=(row(2, "Error"),)))
    frame = runtime.run(sent.until("win"))
    assert (frame["total"], frame["left"], frame["order"]) == (1, 0, ["shop/p-2"])
    table.stop()
