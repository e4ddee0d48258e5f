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
from kmagic.widgets.channel import MAX_WINDOW
from kmagic.widgets.pages import Message, Page, Pages, number_of

__all__ = ("LogChannel",)

# What a page is sent of a longer line; Python has it whole.
_MAX_LINE = 4_000
_COLOURS = 9


class _LogPage(Page):
    """The state of one page: the lines it was sent."""

    def __init__(self, sight: LogSight, now: float) -> None:
        super().__init__(now)
        self.sight = sight
        self.count = 100
        self.sent: set[int] = set()
        self.order: list[int] = []
        self.facts: tuple[object, ...] = ()


class LogChannel(Pages[_LogPage]):
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
        super().__init__(send, clock=clock, wall=wall)
        self._rows, self._sources = rows, sources
        self._head = dict(head)

    def asks_for_previous(self, message: Mapping[str, Any]) -> int | None:
        """Reads one message of a page as `receive` does.

        Returns:
            The number of the source whose earlier log the page wants, else None.
        """
        known = self.receive(message)
        return number_of(message.get("source"), -1) if known and message.get("t") == "previous" else None

    def _open(self, now: float) -> _LogPage:
        return _LogPage(self._rows.open(), now)

    def _close(self, page: _LogPage) -> None:
        self._rows.close(page.sight)

    def _obey(self, page: _LogPage, kind: object, message: Mapping[str, Any]) -> None:
        sight = page.sight
        if kind in ("hello", "view"):
            sight.first = max(0, number_of(message.get("first"), sight.first))
            page.count = min(MAX_WINDOW, max(1, number_of(message.get("count"), page.count)))
            page.dirty = True
        if kind in ("hello", "filter") and isinstance(message.get("text"), str):
            levels = [each for each in _listed(message.get("levels")) if each in (*LEVELS, "")]
            sources = [number_of(each, -1) for each in _listed(message.get("sources"))]
            sight.choose(message["text"], levels, sources)
            page.dirty = page.full = True
        if kind == "follow":
            at_end = max(0, sight.total - page.count)
            sight.follow(bool(message.get("on")))
            sight.first = at_end
            page.dirty = True
        if kind == "around" and sight.around(number_of(message.get("number"), -1), page.count):
            page.dirty = True

    def _news(self, page: _LogPage) -> Message | None:
        sight = page.sight
        lines = sight.window(page.count)
        order = [line.number for line in lines]
        known = set() if page.full else page.sent
        fresh = [line for line in lines if line.number not in known]
        sources = [_source(each) for each in self._sources()]
        levels = {level: count for level, count in self._rows.levels.items() if count > 0}
        told = (
            sight.error,
            sight.total,
            sight.fresh,
            sight.following,
            self.state.word,
            self.state.detail,
            sources,
            levels,
        )
        if not (fresh or page.full or order != page.order or told != page.facts):
            return None
        first = sight.first if not sight.following else max(0, sight.total - len(lines))
        frame: Message = {
            "first": first, "total": sight.total,
            "all": len(self._rows.lines), "came": self._rows.came, "fresh": sight.fresh, "following": sight.following,
            "error": sight.error, "levels": levels, "rows": [_wire(line) for line in fresh],
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
