"""Logs in the browser: lines of many containers merged by time, and the static text beside them that is saved.

The feed gives lines and is followed while somebody looks: a page, or a reader in Python. Unseen for a minute it pauses;
who looks again goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import anyio
import anywidget

from kmagic.sync.runtime import Runtime
from kmagic.views import log_html
from kmagic.views.log_line import LogLine, Source
from kmagic.views.log_rows import LogRows
from kmagic.widgets.feed import FeedState
from kmagic.widgets.log_channel import LogChannel
from kmagic.widgets.outputs import FORGET_WITHOUT_SUBSHELLS, Outputs, fallback
from kmagic.widgets.page import script, style

__all__ = ("LogFeed", "LogView")

_FRAME_SECONDS = 0.25  # lines are read, not aimed at: four frames a second are enough
_IDLE_SECONDS = 1.0
_UNSEEN_SECONDS = 60.0  # without a page or a reader; heartbeats come every 5 s
# Lines that wait for their frame; more, and the oldest are counted and dropped.
_WAITING_LINES = 50_000


class LogFeed(Protocol):
    """A source of lines. Everything is called on the loop's thread, and calls back there."""

    @property
    def sources(self) -> Sequence[Source]:
        """The containers, in the order in which they were met."""
        ...

    @property
    def state(self) -> FeedState:
        """The freshness of the lines."""
        ...

    def start(self, on_lines: Callable[[Sequence[LogLine]], None], on_state: Callable[[], None]) -> None:
        """Begins to follow, or goes on where it stopped."""

    def stop(self) -> None:
        """Follows no more, and keeps its place."""

    async def read_previous(self, source: int) -> None:
        """Gives the lines of the instance before a container's last restart."""


class _Model(anywidget.AnyWidget):
    """The widget's model: code and style, no data."""

    _esm = script("logs")
    _css = style("logs")


class LogView:
    """Lines that follow their feed.

    Args:
        feed: Lines and the containers they come from.
        title: Title of the view, "deploy/web".
        target: Name of the cluster and namespace.
        level: The target's protection level.
        text: The filter it begins with.
        runtime: The loop thread that the feed runs on.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        feed: LogFeed,
        *,
        title: str = "",
        target: str = "",
        level: str = "",
        text: str = "",
        runtime: Runtime,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title: str = title
        self.target: str = target
        self.rows: LogRows = LogRows()
        self._saved = self.rows.open()
        self._saved.choose(text)
        self._feed, self._runtime, self._clock = feed, runtime, clock
        self._outputs = Outputs(
            _Model, snapshot=self.snapshot, receive=self._receive, runtime=runtime, unheard=self._never_forget
        )
        self._channel = LogChannel(
            self.rows,
            lambda: feed.sources,
            self._outputs.send,
            head={"title": title, "target": target, "level": level, "text": text},
            clock=clock,
            wall=lambda: datetime.now(UTC),
        )
        self._waiting: list[LogLine] = []
        self._dropped = 0
        self._changed = anyio.Event()
        self._wake = anyio.Event()
        self._unsaved = self._following = self._stopped = False
        self._looked = clock()
        self._scope = runtime.spawn(self._pump, name=f"log-view:{title}")
        runtime.call(self.look)

    # -- from any thread

    @property
    def state(self) -> FeedState:
        """The freshness of the lines."""
        return self._channel.state

    @property
    def lines(self) -> list[LogLine]:
        """The lines so far, oldest first, without marks."""
        return [line for line in self._on_loop(self._now) if not line.mark]

    @property
    def sources(self) -> list[Source]:
        """The containers that are followed."""
        found: list[Source] = self._on_loop(lambda: list(self._feed.sources))
        return found

    def show(self) -> None:
        """Displays the view and its static text."""
        self._outputs.show()

    @property
    def widget(self) -> anywidget.AnyWidget:
        """The widget by itself, for front-ends that show one as it is."""
        return self._outputs.widget()

    def snapshot(self) -> dict[str, str]:
        """The view as it is now, static: a bundle of HTML and plain text."""
        lines, total, sources = self._on_loop(self._last)
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        footer = " · ".join(part for part in (self.title, self.target, f"as of {moment}") if part)
        body, plain = log_html.log_html(lines, total=total, sources=sources, footer=footer)
        return {"text/html": fallback(body), "text/plain": plain}

    async def changed(self) -> None:
        """Waits until lines came or the state changed; on the loop's thread."""
        await self._changed.wait()

    def stop(self) -> None:
        """Reads no further; pages say so and keep their lines. Safe to call twice."""
        if self._runtime.running:
            self._runtime.call(self._end)
        self._save()

    def close(self) -> None:
        """Stops, and takes the widget off every page; the static text stays."""
        self.stop()
        self._outputs.close()

    # -- on the loop's thread

    def look(self) -> None:
        """Counts as a look at the view: a paused one follows its feed again."""
        self._looked = self._clock()
        if not self._following and not self._stopped:
            self._following = True
            self._feed.start(self._on_lines, self._on_state)
            self._on_state()

    def _on_loop(self, function: Callable[[], Any]) -> Any:
        return self._runtime.call(function) if self._runtime.running else function()

    def _now(self) -> list[LogLine]:
        if not self._stopped:
            self.look()
        self._merge()
        return list(self.rows.lines)

    def _last(self) -> tuple[list[LogLine], int, list[Source]]:
        self._merge()
        return self._saved.window(log_html.MAX_LINES), self._saved.total, list(self._feed.sources)

    def _on_lines(self, lines: Sequence[LogLine]) -> None:
        self._waiting.extend(lines)
        if len(self._waiting) > _WAITING_LINES:
            self._dropped += len(self._waiting) - _WAITING_LINES
            del self._waiting[:-_WAITING_LINES]
        self._tell()

    def _on_state(self) -> None:
        self._channel.become(self._feed.state)
        self._tell()

    def _tell(self) -> None:
        self._unsaved = True
        self._changed.set()
        self._changed = anyio.Event()
        self._wake.set()

    def _merge(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self._dropped and waiting:
            first, self._dropped, count = waiting[0], 0, self._dropped
            mark = f"{count:,} lines came too fast to be kept"
            waiting.insert(0, LogLine(-first.number - 1, first.key, "", "", "", -1, "", mark, "dropped"))
        if waiting:
            self.rows.merge(waiting)
            self._channel.touch()

    def _end(self) -> None:
        if self._stopped:
            return
        self._stopped = True
        self._leave("stopped")
        self._channel.flush()
        self._tell()
        self._scope.cancel()

    def _leave(self, word: str) -> None:
        self._following = False
        self._feed.stop()
        self._merge()
        self._channel.become(FeedState(word, datetime.now(UTC).strftime("%H:%M:%S UTC")))

    def _pause_if_unseen(self) -> None:
        if self._following and not self._channel.pages and self._clock() - self._looked >= _UNSEEN_SECONDS:
            self._leave("paused")
            self._save()

    async def _pump(self) -> None:
        async with anyio.create_task_group() as self._tasks:
            while True:
                with anyio.move_on_after(_IDLE_SECONDS if self._following else None):
                    await self._wake.wait()
                self._wake = anyio.Event()
                self._merge()
                self._channel.flush()
                if self._unsaved and self._outputs.save_when_due():
                    self._unsaved = False
                self._pause_if_unseen()
                await anyio.sleep(_FRAME_SECONDS)

    def _receive(self, message: Mapping[str, Any]) -> None:
        if not self._stopped:
            self.look()
        source = self._channel.asks_for_previous(message)
        if source is not None and self._following and 0 <= source < len(self._feed.sources):
            self._tasks.start_soon(self._feed.read_previous, source)

    def _save(self) -> None:
        self._unsaved = False
        self._outputs.save()

    def _never_forget(self) -> None:
        self._channel.forget_seconds = FORGET_WITHOUT_SUBSHELLS
