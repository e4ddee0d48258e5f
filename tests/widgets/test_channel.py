"""The messages to the browser, with a page that is a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kmagic.api.table import Column
from kmagic.views.live import LiveRows
from kmagic.views.table import Row, RowPatch
from kmagic.widgets.channel import MAX_WINDOW, Asked, Channel, column_kind
from kmagic.widgets.feed import FeedState
from kmagic.widgets.pages import FORGET_SECONDS, FULL_SECONDS, TICK_SECONDS

COLUMNS = (Column("Name", format="name"), Column("Status"), Column("Age"), Column("Node", priority=1))


def row(index: int, status: str = "Running") -> Row:
    name = f"p-{index}"
    return Row(f"shop/{name}", (name, status, "5m", "n"), "shop", name, created="2026-11-24T18:00:00Z")


class Page:
    """A page: what it was sent, and what it would show."""

    def __init__(self, count: int = 100) -> None:
        self.now = 1000.0
        self.inbox: list[dict[str, Any]] = []
        self.reasons: dict[str, str] = {}
        self.rows = LiveRows(COLUMNS, map(row, range(count)))
        self.channel = Channel(
            self.rows,
            self.inbox.append,
            head={"title": "Pods"},
            reason=lambda row: self.reasons.get(row.name, ""),
            clock=lambda: self.now,
            wall=lambda: datetime(2026, 11, 24, 18, 10, tzinfo=UTC),
        )
        self.channel.become(FeedState("live"))
        self.q = 0

    def say(self, kind: str, vid: str = "v", **more: Any) -> list[dict[str, Any]]:
        self.q += 1
        self.inbox.clear()
        self.channel.receive({"t": kind, "vid": vid, "q": self.q, **more})
        return self.inbox

    def flush(self, *, after: float = 0.1) -> list[dict[str, Any]]:
        self.now += after
        self.inbox.clear()
        self.channel.flush()
        return self.inbox

    def change(self, *rows: Row, drop: tuple[str, ...] = ()) -> None:
        self.rows.apply(RowPatch(put=rows, drop=drop))
        self.channel.touch()


def hello(page: Page, **more: Any) -> dict[str, Any]:
    (frame,) = page.say("hello", **{"first": 0, "count": 10, **more})
    return frame


def test_hello_is_answered_with_a_full_frame_of_the_window() -> None:
    frame = hello(Page())
    assert (frame["t"], frame["full"], frame["seq"], frame["ack"]) == ("win", True, 1, 1)
    assert (frame["first"], frame["total"], frame["all"]) == (0, 100, 100)
    assert [r[0] for r in frame["rows"]] == frame["order"] == [f"shop/p-{i}" for i in range(10)]
    assert frame["head"]["title"] == "Pods"
    assert [c["kind"] for c in frame["head"]["columns"]] == ["name", "text", "age", "text"]
    assert frame["head"]["marked"] == (1, 0)
    assert frame["rows"][0][1:] == ["shop", "ok", "", 1795543200.0, False, ["p-0", "Running", None, "n"]]
    assert frame["now"] == 1795543800.0


def test_a_change_in_the_window_is_sent_once_and_alone() -> None:
    page = Page()
    hello(page)
    page.change(row(3, "Error"), row(50, "Error"))
    (frame,) = page.flush()
    assert [r[0] for r in frame["rows"]] == ["shop/p-3"]
    assert frame["full"] is False
    assert "order" not in frame
    assert frame["counts"] == {"ok": 98, "bad": 2}
    assert page.flush() == []


def test_many_changes_of_one_row_are_one_row_of_the_next_frame() -> None:
    page = Page()
    hello(page)
    for status in ("Pending", "Error", "Running", "Failed"):
        page.change(row(3, status))
    (frame,) = page.flush()
    assert [r[6][1] for r in frame["rows"]] == ["Failed"]


def test_rows_that_come_and_go_change_the_order() -> None:
    page = Page()
    hello(page)
    page.change(drop=("shop/p-0",))
    (frame,) = page.flush()
    assert (frame["order"][0], frame["total"]) == ("shop/p-1", 99)
    assert [r[0] for r in frame["rows"]] == ["shop/p-10"]  # only the one that moved in


def test_scrolling_sends_only_rows_that_are_new_to_the_window() -> None:
    page = Page()
    hello(page)
    (frame,) = page.say("view", first=5, count=10)
    assert [r[0] for r in frame["rows"]] == [f"shop/p-{i}" for i in range(10, 15)]
    assert frame["first"] == 5


def test_sorting_filtering_and_broken_are_answered_in_full() -> None:
    page = Page()
    hello(page)
    page.change(row(7, "Error"))
    (frame,) = page.say("sort", sort=0, desc=True)
    assert frame["order"][0] == "shop/p-99"
    (frame,) = page.say("filter", text="p-1")
    assert frame["total"] == 11
    (frame,) = page.say("filter", text="")
    (frame,) = page.say("broken", broken=True)
    assert frame["order"] == ["shop/p-7"]
    assert (frame["full"], frame["head"]["broken"]) == (True, True)


def test_a_wrong_filter_is_told_and_changes_nothing() -> None:
    page = Page()
    hello(page)
    (frame,) = page.say("filter", text="status:(")
    assert "regular expression" in frame["error"]
    assert frame["total"] == 100


def test_a_page_that_missed_a_frame_gets_everything() -> None:
    page = Page()
    hello(page)
    (frame,) = page.say("resync")
    assert (frame["full"], len(frame["rows"]), len(frame["order"])) == (True, 10, 10)


def test_everything_is_repeated_now_and_then() -> None:
    page = Page()
    hello(page)
    (frame,) = page.flush(after=FULL_SECONDS + 0.1)
    assert (frame["full"], len(frame["rows"])) == (True, 10)


def test_every_message_up_is_acknowledged() -> None:
    page = Page()
    hello(page)
    (tick,) = page.say("hb")
    assert (tick["t"], tick["ack"], tick["state"]) == ("tick", 2, "live")


def test_a_silent_table_ticks() -> None:
    page = Page()
    hello(page)
    assert page.flush(after=TICK_SECONDS / 2) == []
    (tick,) = page.flush(after=TICK_SECONDS / 2 + 0.1)
    assert tick["t"] == "tick"


def test_a_page_that_fell_silent_is_forgotten_and_asked_who_it_is_when_it_speaks() -> None:
    page = Page()
    hello(page)
    page.flush(after=FORGET_SECONDS + 1)
    assert (page.channel.pages, page.inbox, page.rows.views) == (0, [], {})
    assert page.say("hb") == [{"t": "who", "vid": "v"}]
    assert hello(page, text="p-1")["total"] == 11


def test_a_page_says_good_bye() -> None:
    page = Page()
    hello(page)
    assert page.say("bye") == []
    assert page.channel.pages == 0


def test_pages_have_their_own_windows() -> None:
    page = Page()
    hello(page)
    page.say("hello", vid="w", first=90, count=10)
    page.change(row(95, "Error"))
    rows = {frame["vid"]: [r[0] for r in frame["rows"]] for frame in page.flush()}
    assert rows == {"v": [], "w": ["shop/p-95"]}  # the counts changed for both


def test_a_window_behind_the_end_is_moved_back() -> None:
    page = Page()
    hello(page)
    (frame,) = page.say("view", first=95, count=10)
    page.change(drop=tuple(f"shop/p-{i}" for i in range(50, 100)))
    (frame,) = page.flush()
    assert (frame["first"], frame["order"][-1]) == (40, "shop/p-49")


def test_the_state_is_told_when_it_changes() -> None:
    page = Page()
    hello(page)
    page.channel.become(FeedState("reconnecting", "no answer"))
    (frame,) = page.flush()
    assert (frame["state"], frame["detail"], frame["rows"]) == ("reconnecting", "no answer", [])


def test_new_columns_start_every_page_anew() -> None:
    page = Page()
    hello(page)
    page.rows.apply(RowPatch(columns=(*COLUMNS, Column("More")), put=(row(1),), reset=True))
    page.channel.restart()
    (frame,) = page.flush()
    assert frame["full"] is True
    assert len(frame["head"]["columns"]) == 5


def test_the_tab_of_a_row_that_a_page_asks_for_is_handed_on() -> None:
    page = Page()
    hello(page)
    asked = page.channel.receive({"t": "detail", "vid": "v", "q": 9, "key": "shop/p-1", "tab": "yaml"})
    assert asked == Asked("v", "shop/p-1", "yaml")
    page.inbox.clear()
    page.channel.send_detail(asked, {"yaml": "kind: Pod"})
    wanted = {"t": "detail", "vid": "v", "key": "shop/p-1", "tab": "yaml", "yaml": "kind: Pod", "error": ""}
    assert page.inbox == [wanted]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({}, id="no page"),
        pytest.param({"t": "view", "vid": "v", "first": "x", "count": 1e30}, id="no numbers"),
        pytest.param({"t": "sort", "vid": "v", "sort": 99}, id="no column"),
        pytest.param({"t": "view", "vid": "v", "first": -5, "count": 10**9}, id="too much"),
        pytest.param({"t": "what", "vid": "v"}, id="no such message"),
    ],
)
def test_nonsense_from_a_page_does_no_harm(message: dict[str, Any]) -> None:
    page = Page()
    hello(page)
    page.channel.receive(message)
    view = page.rows.open("v")
    assert view.first >= 0
    assert view.count <= MAX_WINDOW
    assert len(page.channel._head) == 1


def test_no_message_has_a_key_that_the_kernel_routes_by() -> None:
    page = Page()
    hello(page)
    page.change(row(3, "Error"))
    page.flush()
    assert not any("id" in message for message in page.inbox)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        pytest.param(Column("Name", format="name"), "name", id="name"),
        pytest.param(Column("AGE"), "age", id="age"),
        pytest.param(Column("Last Seen"), "time", id="time since"),
        pytest.param(Column("Duration"), "time", id="time it takes"),
        pytest.param(Column("Phase"), "text", id="phase"),
        pytest.param(Column("Ready", "integer"), "number", id="number"),
        pytest.param(Column("Image"), "text", id="text"),
    ],
)
def test_kinds_of_columns(column: Column, kind: str) -> None:
    assert column_kind(column) == kind


def whys(frame: dict[str, Any]) -> dict[str, str]:
    return {row[0]: row[3] for row in frame["rows"] if row[3]}


def test_what_objects_say_of_themselves_is_told_to_a_page_that_wants_it_and_kept_up_to_date() -> None:
    page = Page(2)
    page.change(row(0, "CrashLoopBackOff"))
    page.reasons = {"p-0": "CrashLoopBackOff: container web: back-off", "p-1": "Unschedulable: no node"}
    assert whys(hello(page)) == {"shop/p-0": "CrashLoopBackOff"}
    assert not page.channel.why
    (frame,) = page.say("why", why=True)
    assert frame["full"]
    assert whys(frame) == {
        "shop/p-0": "CrashLoopBackOff: container web: back-off",
        "shop/p-1": "Unschedulable: no node",
    }
    # The object changes without its row.
    page.reasons = {"p-0": "x" * 1000}
    (frame,) = page.flush(after=FULL_SECONDS)
    assert list(whys(frame)) == ["shop/p-0"]
    assert len(whys(frame)["shop/p-0"]) == 400
    (frame,) = page.say("why", why=False)
    assert whys(frame) == {"shop/p-0": "CrashLoopBackOff"}


def test_grouped_rows_are_sent_below_heads_that_say_how_many_and_can_be_folded() -> None:
    page = Page()
    hello(page)
    (frame,) = page.say("group", group="node")
    (head,) = frame["heads"]
    assert (frame["order"][:2], frame["total"], frame["shown"]) == ([head, "shop/p-0"], 101, 100)
    assert frame["heads"][head] == {"name": "n", "label": "n", "rows": 100, "broken": 0, "folded": False}
    assert (frame["head"]["group"], frame["head"]["groupings"]) == ("node", ("owner", "node"))
    page.change(row(50, "Error"))
    (frame,) = page.flush()  # out of sight, and the head counts it
    assert (frame["rows"], frame["heads"][head]["broken"]) == ([], 1)
    (frame,) = page.say("fold", group="n")
    assert (frame["order"], frame["total"], frame["heads"][head]["folded"]) == ([head], 1, True)
    (frame,) = page.say("fold", all=True)
    assert frame["total"] == 101
    (frame,) = page.say("group", group="phase of the moon")
    assert frame["t"] == "tick"
    (frame,) = page.say("group", group="")
    assert (frame["total"], frame["heads"], frame["head"]["group"]) == (100, {}, "")
