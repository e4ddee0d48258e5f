"""The messages of a log view to the browser, with a page that is a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kmagic.views.log_line import LogLine, Source
from kmagic.views.log_rows import LogRows
from kmagic.widgets.channel import MAX_WINDOW
from kmagic.widgets.feed import FeedState
from kmagic.widgets.log_channel import LogChannel
from kmagic.widgets.pages import FORGET_SECONDS, FULL_SECONDS


def line(number: int, text: str = "", level: str = "info") -> LogLine:
    return LogLine(
        number, ("", number), f"2026-01-01T00:00:{number % 60:02d}Z", "web-0", "main", 0, level, text or "said"
    )


class Page:
    """A page: what it was sent."""

    def __init__(self, count: int = 200) -> None:
        self.now = 1000.0
        self.inbox: list[dict[str, Any]] = []
        self.rows = LogRows()
        self.rows.merge(map(line, range(count)))
        self.sources = [Source(0, "web-0", "main", "running")]
        self.channel = LogChannel(
            self.rows,
            lambda: self.sources,
            self.inbox.append,
            head={"title": "deploy/web"},
            clock=lambda: self.now,
            wall=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.channel.become(FeedState("live"))
        self.q = 0

    def say(self, kind: str, vid: str = "v", **more: Any) -> list[dict[str, Any]]:
        self.q += 1
        self.inbox.clear()
        self.answer = self.channel.asks_for_previous({"t": kind, "vid": vid, "q": self.q, **more})
        return self.inbox

    def come(self, *lines: LogLine) -> list[dict[str, Any]]:
        self.rows.merge(lines)
        self.channel.touch()
        self.inbox.clear()
        self.channel.flush()
        return self.inbox


def test_a_page_that_says_hello_is_sent_the_end_and_then_only_what_is_new() -> None:
    page = Page()
    (frame,) = page.say("hello", count=3)
    assert (frame["order"], frame["first"], frame["total"], frame["following"]) == ([197, 198, 199], 197, 200, True)
    assert frame["rows"][-1] == [199, "2026-01-01T00:00:19Z", 0, "info", "said", ""]
    assert frame["head"]["title"] == "deploy/web"
    assert frame["sources"] == [[0, "web-0", "main", "running", 0, 0, False, 0]]
    (frame,) = page.come(line(200))
    assert ([row[0] for row in frame["rows"]], frame["order"]) == ([200], [198, 199, 200])
    assert "head" not in frame
    assert "sources" not in frame


def test_a_page_that_stays_keeps_its_lines_and_is_told_how_many_came() -> None:
    page = Page()
    page.say("hello", count=3)
    (frame,) = page.say("follow", on=False)
    assert (frame["following"], frame["first"], "order" in frame) == (False, 197, False)  # nothing moved
    (frame,) = page.say("view", first=10, count=2)
    assert frame["order"] == [10, 11]
    (frame,) = page.come(line(200), line(201))
    assert (frame["fresh"], frame["rows"], "order" in frame) == (2, [], False)
    (frame,) = page.say("follow", on=True)
    assert (frame["following"], frame["order"], frame["fresh"]) == (True, [200, 201], 0)


def test_a_filter_of_words_levels_and_sources_is_obeyed_and_its_mistakes_are_told() -> None:
    page = Page(0)
    page.come(line(1, "bad", "error"), line(2, "good"), line(3, "bad too", "warn"))
    page.say("hello", count=10)
    assert page.say("filter", text="bad", levels=["error"])[0]["order"] == [1]
    assert page.say("filter", text="bad", levels=["nonsense", 7])[0]["order"] == [1, 3]
    assert page.say("filter", text="bad", sources=[5])[0]["order"] == []
    assert "regular expression" in page.say("filter", text="re:/(/")[0]["error"]
    assert page.say("filter", text=7)[0]["t"] == "tick"


def test_the_earlier_log_of_a_source_is_asked_for_by_its_number() -> None:
    page = Page()
    page.say("hello")
    page.say("previous", source=0)
    assert page.answer == 0
    page.say("previous", source="x")
    assert page.answer == -1
    page.say("hb")
    assert page.answer is None


def test_lost_frames_come_again_and_silent_pages_are_forgotten() -> None:
    page = Page()
    page.say("hello", count=2)
    page.now += FULL_SECONDS
    page.inbox.clear()
    page.channel.flush()
    assert page.inbox[0]["full"]
    assert page.say("resync")[0]["full"]
    page.now += FORGET_SECONDS + 1
    page.channel.flush()
    assert page.channel.pages == 0
    assert page.say("hb")[0]["t"] == "who"
    assert page.say("bye") == []


def test_what_a_page_says_is_bounded_and_lines_are_made_harmless() -> None:
    page = Page(2_000)
    assert len(page.say("hello", count=10**9)[0]["order"]) == MAX_WINDOW
    assert page.say("view", first=-5, count="many")[0]["t"] in ("win", "tick")
    (frame,) = page.come(line(5_000, "\x1b[2J" + "x" * 100_000))
    assert frame["rows"][0][4].startswith("^[[2J")
    assert len(frame["rows"][0][4]) == 4_000
    assert page.channel.receive({"t": "hello"}) is False
