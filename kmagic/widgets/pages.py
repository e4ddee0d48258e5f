"""The pages of a view and what each of them knows: hello, heartbeats, numbered frames, silence.

What all views' channels have in common; a view says what a page may ask for and what a frame holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from kmagic.widgets.feed import FeedState

__all__ = ("FORGET_SECONDS", "FULL_SECONDS", "TICK_SECONDS", "Message", "Page", "Pages", "number_of")

Message = dict[str, Any]
"""The content of a message, as JSON."""

FULL_SECONDS = 5.0
# A page that heard nothing for longer shows the view as not answering.
TICK_SECONDS = 2.0
# A page that closes or reloads does not say so: it is forgotten when its heartbeats (every 5 s) stay away.
FORGET_SECONDS = 60.0


class Page:
    """The state of one page.

    Attributes:
        dirty: Something may be new to it.
        full: It needs everything.
        seq: Number of its last frame.
    """

    def __init__(self, now: float) -> None:
        self.seq: int = 0
        self.ack: int = 0
        self.dirty: bool = True
        self.full: bool = True
        self.answer: bool = False
        self.heard: float = now
        self.told: float = now
        self.told_all: float = float("-inf")


P = TypeVar("P", bound=Page)


class Pages(Generic[P]):
    """Knows the pages of a view, reads what they say and writes frames.

    Args:
        send: Takes a message's content; called from `receive` and `flush` only.
        clock: Monotonic seconds.
        wall: The time of day.
    """

    def __init__(
        self, send: Callable[[Message], None], *, clock: Callable[[], float], wall: Callable[[], datetime]
    ) -> None:
        self._send, self._clock, self._wall = send, clock, wall
        self._pages: dict[str, P] = {}
        self.forget_seconds = FORGET_SECONDS
        self.state: FeedState = FeedState()

    @property
    def pages(self) -> int:
        """The number of pages that show the view."""
        return len(self._pages)

    def touch(self) -> None:
        """Something changed: every page may need a frame."""
        for page in self._pages.values():
            page.dirty = True

    def become(self, state: FeedState) -> None:
        """Takes the feed's state."""
        self.state = state
        self.touch()

    def receive(self, message: Mapping[str, Any]) -> bool:
        """Reads one message of a page and answers it at once; False for one from an unknown page."""
        vid, kind = str(message.get("vid") or ""), message.get("t")
        if not vid:
            return False
        if kind == "bye":
            self._forget(vid)
            return False
        if vid not in self._pages and kind == "hello":
            self._pages[vid] = self._open(self._clock())
        page = self._pages.get(vid)
        if page is None:
            self._send({"t": "who", "vid": vid})
            return False
        page.heard = self._clock()
        page.ack = max(page.ack, number_of(message.get("q"), page.ack))
        page.answer = True
        if kind in ("hello", "resync"):
            page.dirty = page.full = True
        self._obey(page, kind, message)
        self._frame(vid, page)
        return True

    def flush(self) -> None:
        """Sends every page what it does not have; forgets pages that are gone."""
        now = self._clock()
        for vid, page in list(self._pages.items()):
            if now - page.heard > self.forget_seconds:
                self._forget(vid)
            else:
                self._frame(vid, page)

    # -- a view's own

    def _open(self, now: float) -> P:
        """Returns the state of a page that says hello."""
        raise NotImplementedError

    def _close(self, page: P) -> None:
        """Hears that a page is gone."""

    def _obey(self, page: P, kind: object, message: Mapping[str, Any]) -> None:
        """Does what a page asks for."""

    def _news(self, page: P) -> Message | None:
        """Returns what a page does not have, or None where it has everything."""
        raise NotImplementedError

    # -- all views'

    def _forget(self, vid: str) -> None:
        page = self._pages.pop(vid, None)
        if page is not None:
            self._close(page)

    def _frame(self, vid: str, page: P) -> None:
        now = self._clock()
        if now - page.told_all >= FULL_SECONDS:
            page.full = page.dirty = True
        news = self._news(page) if page.dirty else None
        if news is None:
            if not page.answer and now - page.told < TICK_SECONDS:
                return
            frame = {"t": "tick", "vid": vid, "ack": page.ack, **self._freshness()}
        else:
            page.seq += 1
            frame = {
                "t": "win",
                "vid": vid,
                "seq": page.seq,
                "full": page.full,
                "ack": page.ack,
                **self._freshness(),
                **news,
            }
        if page.full:
            page.told_all = now
        page.dirty = page.full = page.answer = False
        page.told = now
        self._send(frame)

    def _freshness(self) -> Message:
        return {"state": self.state.word, "detail": self.state.detail, "now": self._wall().timestamp()}


def number_of(value: object, default: int) -> int:
    """Returns a whole number that a page sent; the default for anything else."""
    return int(value) if isinstance(value, int | float) and abs(value) < 2**53 else default
