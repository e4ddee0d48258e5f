"""The messages between a log view's kernel side and its pages; the only writer of its messages to the browser.

As for tables (`kmagic.widgets.channel`), pages say who they are by a random `vid`, frames are numbered and repeated
whole every few seconds, since messages can be lost in silence, and lines are never widget state. A page that follows is
sent the end of the log; one that does not, the window it asks for, of the lines there were when it stopped.

Up:    hello {count, follow, text, levels, sources} · view {first, count} · follow {on} · filter {text, levels, sources} ·
       around {number} · previous {source} · hb · resync · bye. Each has `vid` and a rising `q`.
Down:  win  {vid, seq, full, first, total, all, fresh, following, ack, rows, order?, head?, sources?, levels, error, state, now}
       tick {vid, ack, state, now}          nothing changed
       who  {vid}                           the kernel does not know this page: say hello again
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kmagic.api.terminal import escape_terminal
from kmagic.views.log_line import LEVELS, LogLine, Source
from kmagic.views.log_rows import LogRows, LogSight
from kmagic.widgets.channel import FORGET_SECONDS, FULL_SECONDS, MAX_WINDOW, TICK_SECONDS
from kmagic.widgets.feed import FeedState

__all__ = ("LogChannel",)

Message = dict[str, Any]

# What a page is sent of a longer line; Python has it whole.
_MAX_LINE = 4_000
_COLOURS = 9


class _Page:
    """The state of one page: the lines it was sent."""

    def __init__(self, sight: LogSight, now: float) -> None:
        self.sight = sight
        self.count = 100
        self.seq = 0
        self.ack = 0
        self.sent: set[int] = set()
        self.order: list[int] = []
        self.dirty = self.full = True
        self.answer = False
        self.heard = self.told = now
        self.told_all = float("-inf")
        self.facts: tuple[object, ...] = ()


class LogChannel:
    """Knows the pages, reads what they say, and writes frames.

    Args:
        rows: The lines.
        sources: Returns the containers that are followed, as they are now.
        send: Takes a message's content; called from `receive` and `flush` only.
        head: The title, the target and the like, sent with every full frame.
        clock: Monotonic seconds.
        wall: The time of day.
    """

    def __init__(
        self,
        rows: LogRows,
        sources: Callable[[], Sequence[Source]],
        send: Callable[[Message], None],
        *,
        head: Mapping[str, Any],
        clock: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self._rows, self._sources, self._send = rows, sources, send
        self._head = dict(head)
        self._clock, self._wall = clock, wall
        self._pages: dict[str, _Page] = {}
        self.forget_seconds = FORGET_SECONDS
        self.state: FeedState = FeedState()

    @property
    def pages(self) -> int:
        """The number of pages that show the view."""
        return len(self._pages)

    def touch(self) -> None:
        """Lines, sources or the state changed: every page may need a frame."""
        for page in self._pages.values():
            page.dirty = True

    def become(self, state: FeedState) -> None:
        """Takes the feed's state."""
        self.state = state
        self.touch()

    def receive(self, message: Mapping[str, Any]) -> int | None:
        """Reads one message of a page and answers it at once.

        Returns:
            The number of the source whose earlier log the page wants, else None.
        """
        vid, kind = str(message.get("vid") or ""), message.get("t")
        if not vid:
            return None
        if kind == "bye":
            self._forget(vid)
            return None
        page = self._page(vid, kind)
        if page is None:
            self._send({"t": "who", "vid": vid})
            return None
        page.heard = self._clock()
        page.ack = max(page.ack, _number(message.get("q"), page.ack))
        page.answer = True
        self._obey(page, kind, message)
        self._frame(vid, page)
        return _number(message.get("source"), -1) if kind == "previous" else None

    def flush(self) -> None:
        """Sends every page what it does not have; forgets pages that are gone."""
        now = self._clock()
        for vid, page in list(self._pages.items()):
            if now - page.heard > self.forget_seconds:
                self._forget(vid)
            else:
                self._frame(vid, page)

    def _page(self, vid: str, kind: object) -> _Page | None:
        page = self._pages.get(vid)
        if page is None and kind == "hello":
            page = self._pages[vid] = _Page(self._rows.open(), self._clock())
        return page

    def _forget(self, vid: str) -> None:
        page = self._pages.pop(vid, None)
        if page is not None:
            self._rows.close(page.sight)

    def _obey(self, page: _Page, kind: object, message: Mapping[str, Any]) -> None:
        sight = page.sight
        if kind in ("hello", "view"):
            sight.first = max(0, _number(message.get("first"), sight.first))
            page.count = min(MAX_WINDOW, max(1, _number(message.get("count"), page.count)))
            page.dirty = True
        if kind in ("hello", "filter") and isinstance(message.get("text"), str):
            levels = [each for each in _listed(message.get("levels")) if each in (*LEVELS, "")]
            sources = [_number(each, -1) for each in _listed(message.get("sources"))]
            sight.choose(message["text"], levels, sources)
            page.dirty = page.full = True
        if kind == "follow":
            at_end = max(0, sight.total - page.count)
            sight.follow(bool(message.get("on")))
            sight.first = at_end
            page.dirty = True
        if kind == "around" and sight.around(_number(message.get("number"), -1), page.count):
            page.dirty = True
        if kind in ("hello", "resync"):
            page.dirty = page.full = True

    def _frame(self, vid: str, page: _Page) -> None:
        now = self._clock()
        if now - page.told_all >= FULL_SECONDS:
            page.full = page.dirty = True
        frame = self._window(vid, page) if page.dirty else None
        if frame is None:
            if not page.answer and now - page.told < TICK_SECONDS:
                return
            frame = {"t": "tick", "vid": vid, "ack": page.ack, **self._freshness()}
        if page.full:
            page.told_all = now
        page.dirty = page.full = page.answer = False
        page.told = now
        self._send(frame)

    def _window(self, vid: str, page: _Page) -> Message | None:
        sight = page.sight
        lines = sight.window(page.count)
        order = [line.number for line in lines]
        known = set() if page.full else page.sent
        fresh = [line for line in lines if line.number not in known]
        sources = [_source(each) for each in self._sources()]
        state = self._freshness()
        levels = {level: count for level, count in self._rows.levels.items() if count > 0}
        told = (
            sight.error,
            sight.total,
            sight.fresh,
            sight.following,
            state["state"],
            state["detail"],
            sources,
            levels,
        )
        if not (fresh or page.full or order != page.order or told != page.facts):
            return None
        page.seq += 1
        first = sight.first if not sight.following else max(0, sight.total - len(lines))
        frame: Message = {
            "t": "win", "vid": vid, "seq": page.seq, "full": page.full, "first": first, "total": sight.total,
            "all": len(self._rows.lines), "came": self._rows.came, "fresh": sight.fresh, "following": sight.following,
            "ack": page.ack, "error": sight.error, "levels": levels, **state, "rows": [_wire(line) for line in fresh],
        }  # fmt: skip
        if page.full or order != page.order:
            frame["order"] = order
        if page.full or sources != (page.facts[6] if page.facts else None):
            frame["sources"] = sources
        if page.full:
            chosen = {"levels": sorted(sight.levels), "sources": sorted(sight.sources)}
            frame["head"] = {**self._head, "text": sight.text, **chosen}
        page.sent, page.order, page.facts = set(order), order, told
        return frame

    def _freshness(self) -> Message:
        return {"state": self.state.word, "detail": self.state.detail, "now": self._wall().timestamp()}


def _wire(line: LogLine) -> list[Any]:
    text = escape_terminal(line.text)
    cut = text if len(text) <= _MAX_LINE else text[: _MAX_LINE - 1] + "…"
    return [line.number, line.stamp, line.source, line.level, cut, line.mark]


def _source(source: Source) -> list[Any]:
    return [
        source.number,
        source.pod,
        source.container,
        escape_terminal(source.state)[:200],
        source.restarts,
        source.lines,
        source.previous,
        source.number % _COLOURS,
    ]


def _listed(value: object) -> Iterable[Any]:
    return value[:200] if isinstance(value, list) else ()


def _number(value: object, default: int) -> int:
    return int(value) if isinstance(value, int | float) and abs(value) < 2**53 else default
