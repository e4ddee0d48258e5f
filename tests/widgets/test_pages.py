"""What all views' channels have in common: hello, heartbeats, numbered frames, silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from kmagic.widgets.feed import FeedState
from kmagic.widgets.pages import FORGET_SECONDS, FULL_SECONDS, TICK_SECONDS, Page, Pages, number_of


class Counter(Pages[Page]):
    """A view of one number."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.inbox: list[dict[str, Any]] = []
        self.number = 0
        self.heard: list[object] = []
        self.gone = 0
        super().__init__(self.inbox.append, clock=lambda: self.now, wall=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def _open(self, now: float) -> Page:
        return Page(now)

    def _close(self, page: Page) -> None:
        self.gone += 1

    def _obey(self, page: Page, kind: object, message: Mapping[str, Any]) -> None:
        self.heard.append(kind)

    def _news(self, page: Page) -> dict[str, Any]:
        return {"number": self.number}

    def say(self, kind: str, **more: Any) -> list[dict[str, Any]]:
        self.inbox.clear()
        self.known = self.receive({"t": kind, "vid": "v", "q": 1, **more})
        return self.inbox


def test_a_page_is_known_by_its_hello_and_forgotten_by_its_bye_or_its_silence() -> None:
    view = Counter()
    assert [frame["t"] for frame in view.say("hb")] == ["who"]
    assert not view.known
    (frame,) = view.say("hello")
    assert (frame["seq"], frame["full"], frame["number"], frame["ack"]) == (1, True, 0, 1)
    view.say("bye")
    assert (view.pages, view.gone) == (0, 1)
    view.say("hello")
    view.now += FORGET_SECONDS + 1
    view.flush()
    assert (view.pages, view.gone) == (0, 2)


def test_frames_are_numbered_and_repeated_and_a_quiet_view_says_that_it_is_there() -> None:
    view = Counter()
    view.say("hello")
    view.inbox.clear()
    view.flush()
    assert view.inbox == []
    view.number = 7
    view.become(FeedState("live"))
    view.flush()
    assert (view.inbox[0]["seq"], view.inbox[0]["number"], view.inbox[0]["state"]) == (2, 7, "live")
    view.now += TICK_SECONDS
    view.flush()
    assert view.inbox[-1]["t"] == "tick"
    view.now += FULL_SECONDS
    view.flush()
    assert view.inbox[-1]["full"]


@pytest.mark.parametrize(("value", "number"), [(3, 3), (2.9, 2), ("3", 9), (None, 9), (10**20, 9), ([], 9)], ids=str)
def test_what_is_no_number_is_the_default(value: object, number: int) -> None:
    assert number_of(value, 9) == number
