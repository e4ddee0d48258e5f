"""Several tables behind tabs: one model, messages with the number of their tab, nothing pauses while one is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from kmagic.sync.runtime import Runtime
from kmagic.views.table import RowPatch
from kmagic.widgets.deck import Deck
from kmagic.widgets.feed import FeedState, MemoryFeed
from kmagic.widgets.live_table import LiveTable
from tests.widgets.test_live_table import COLUMNS, row


class Model:
    """Takes the place of the deck's model: what would go to the browser."""

    def __init__(self, deck: Deck) -> None:
        self.messages: list[dict[str, Any]] = []
        self.arrived = anyio.Event()
        deck._outputs.model = self  # type: ignore[assignment]

    def send(self, content: dict[str, Any]) -> None:
        self.messages.append(content)
        self.arrived.set()

    async def until(self, **wanted: Any) -> dict[str, Any]:
        with anyio.fail_after(20):
            while not (found := [m for m in self.messages if wanted.items() <= m.items()]):
                self.arrived = anyio.Event()
                await self.arrived.wait()
        return found[-1]


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime("test-loop")
    yield runtime
    runtime.stop()


def test_messages_go_to_the_table_of_their_tab_and_come_back_with_its_number(runtime: Runtime) -> None:
    feeds = [MemoryFeed(COLUMNS, (row(1), row(2, "Error"))), MemoryFeed()]
    feeds[1].state = FeedState("reconnecting", "secrets is forbidden")
    tables = [
        LiveTable(feed, title=title, runtime=runtime) for feed, title in zip(feeds, ("Pods", "Secrets"), strict=True)
    ]
    deck = Deck(tables, runtime=runtime, snapshot=dict)
    model = runtime.call(Model, deck)
    runtime.call(deck._receive, {"t": "tabs"})
    assert runtime.run(model.until(t="tabs"))["tabs"] == [
        {"title": "Pods", "count": 2, "bad": 1, "unread": ""},
        {"title": "Secrets", "count": 0, "bad": 0, "unread": "secrets is forbidden"},
    ]
    runtime.call(deck._receive, {"t": "hello", "vid": "v", "q": 1, "tab": 0})
    assert runtime.run(model.until(t="win", tab=0))["head"]["title"] == "Pods"
    runtime.call(deck._receive, {"t": "hello", "vid": "w", "q": 1, "tab": 1})
    assert runtime.run(model.until(t="win", tab=1))["head"]["title"] == "Secrets"
    model.messages.clear()
    runtime.call(feeds[0].push, RowPatch(put=(row(3),)))
    assert [each[0] for each in runtime.run(model.until(t="win", tab=0))["rows"]] == ["shop/p-3"]
    for stray in (-1, 2, "0", None):
        runtime.call(deck._receive, {"t": "hello", "vid": "x", "q": 1, "tab": stray})
    assert not any(m.get("vid") == "x" for m in model.messages)
    for table in tables:
        table.stop()


def test_a_page_that_shows_one_tab_keeps_the_others_awake(runtime: Runtime) -> None:
    now = [0.0]
    tables = [LiveTable(MemoryFeed(COLUMNS, (row(1),)), runtime=runtime, clock=lambda: now[0]) for _ in range(2)]
    deck = Deck(tables, runtime=runtime, snapshot=dict)
    runtime.call(Model, deck)
    for now[0] in (30.0, 60.0, 90.0, 120.0):
        runtime.call(deck._receive, {"t": "tabs"})
        runtime.call(tables[1]._pause_if_unseen)
    assert tables[1].state.word == "live"
    for table in tables:
        table.stop()
