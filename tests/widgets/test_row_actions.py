"""Actions on rows over a table's messages: what a page asks for in the kernel's thread, and what it hears."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from kmagic.errors import GateError, UsageError
from kmagic.sync.runtime import Runtime
from kmagic.views.table import Row
from kmagic.widgets.feed import MemoryFeed
from kmagic.widgets.live_table import LiveTable
from kmagic.widgets.row_actions import Offer, Planned, RowActions
from tests.widgets.test_live_table import COLUMNS, Sent, row


class Noted:
    """Notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.offers: Sequence[Offer] = (Offer("delete", "d", "Delete", "change", many=True),)

    async def refused(self, namespace: str) -> dict[str, str]:
        self.asked.append(("refused", namespace))
        return {"delete": f"not in {namespace}"}

    async def detail(self, row: Row, tab: str) -> dict[str, Any]:
        return {"yaml": f"{tab} of {row.key}"}

    def line(self, action: str, rows: Sequence[Row], argument: str) -> str:
        if not rows:
            raise UsageError("no row is selected")
        return f"%k{action} {' '.join(each.name for each in rows)} {argument}"

    def plan(self, action: str, rows: Sequence[Row], argument: str) -> Planned:
        return Planned(7, self.line(action, rows, argument), "would go", "dev")

    def confirm(self, number: int, said: str) -> str:
        if said != "sure":
            raise GateError("not said", hint="say sure")
        return f"{number} done"

    def drop(self, number: int) -> None:
        self.asked.append(("drop", number))

    def keep(self, name: str, rows: Sequence[Row]) -> str:
        return f"{name}: {len(rows)}"


class Page:
    """A page of a table with actions."""

    def __init__(self, runtime: Runtime) -> None:
        self.actions = Noted()
        checked: RowActions = self.actions
        self.table = LiveTable(MemoryFeed(COLUMNS, (row(1), row(2), row(3))), actions=checked, runtime=runtime)
        self.runtime = runtime
        self.sent = runtime.call(Sent, self.table)
        self.say(t="hello", q=1, first=0, count=10)

    def say(self, **message: Any) -> None:
        self.runtime.call(self.table.receive, {"vid": "v", **message})

    def ask(self, **message: Any) -> dict[str, Any]:
        self.sent.messages.clear()
        assert self.table.act({"t": "act", "vid": "v", "n": 5, **message})
        answer = self.runtime.run(self.sent.until("act"))
        assert answer["n"] == 5
        return answer


@pytest.fixture
def page() -> Iterator[Page]:
    runtime = Runtime("test-loop")
    found = Page(runtime)
    yield found
    found.table.stop()
    runtime.stop()


def test_a_page_is_told_the_offers_once_and_again_when_it_lost_a_frame(page: Page) -> None:
    frames = [m for m in page.sent.messages if m["t"] == "win"]
    assert frames[0]["offers"][0]["name"] == "delete"
    page.sent.messages.clear()
    page.say(t="filter", q=2, text="p-1")
    page.say(t="resync", q=3)
    assert ["offers" in m for m in page.sent.messages if m["t"] == "win"] == [False, True]


def test_what_is_meant_is_the_named_rows_or_the_selection(page: Page) -> None:
    assert page.ask(what="line", action="get", keys=["shop/p-2", "shop/gone", 3])["line"] == "%kget p-2 "
    assert page.ask(what="line", action="get")["error"] == "no row is selected"
    page.say(t="pick", q=2, mode="toggle", key="shop/p-1")
    page.say(t="pick", q=3, mode="to", key="shop/p-3")
    assert page.sent.messages[-1]["picked"] == {"n": 3, "keys": ["shop/p-1", "shop/p-2", "shop/p-3"]}
    assert page.ask(what="line", action="get", argument="x")["line"] == "%kget p-1 p-2 p-3 x"
    page.say(t="pick", q=4, mode="none")
    assert page.ask(what="keep", name="mine", keys=["shop/p-1"])["text"] == "mine: 1"


def test_a_plan_is_confirmed_by_its_number_or_dropped_and_refusals_say_what_to_do(page: Page) -> None:
    planned = page.ask(what="plan", action="delete", keys=["shop/p-1"])["planned"]
    assert (planned["number"], planned["line"], planned["where"]) == (7, "%kdelete p-1 ", "dev")
    assert page.ask(what="confirm", plan=7)["error"] == "not said\nsay sure"
    assert page.ask(what="confirm", plan=7, said="sure")["text"] == "7 done"
    page.ask(what="drop", plan=7)
    assert page.actions.asked == [("drop", 7)]


def test_what_a_person_may_not_do_is_asked_where_there_are_rows(page: Page) -> None:
    page.say(t="may", q=2, namespace="elsewhere")
    page.say(t="may", q=3, namespace="shop")
    told = page.runtime.run(page.sent.until("may"))
    assert (told["vid"], told["namespace"], told["refused"]) == ("v", "shop", {"delete": "not in shop"})
    assert page.actions.asked == [("refused", "shop")]


def test_a_table_without_actions_leaves_them_to_nobody(page: Page) -> None:
    bare = LiveTable(MemoryFeed(COLUMNS, (row(1),)), runtime=page.runtime)
    assert not bare.act({"t": "act", "vid": "v", "n": 1, "what": "line"})
    assert not page.table.act({"t": "hello", "vid": "v"})
    bare.stop()
