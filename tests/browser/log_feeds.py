"""Logs that nobody wrote, for the log view's browser tests; imported by the notebooks under test."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import anyio

from kmagic.rest.log_lines import time_key
from kmagic.sync.runtime import shared_runtime
from kmagic.views.log_line import LogLine, Source, level_of
from kmagic.widgets.feed import FeedState
from kmagic.widgets.log_view import LogView

__all__ = ("Logs",)

_SAID = (
    "INFO  GET /cart 200 12ms",
    "INFO  GET /checkout 200 31ms",
    "DEBUG cache hit for session 7f3a",
    "WARN  slow query (1.2 s): SELECT * FROM orders",
    "ERROR could not reach payments: connection refused",
    "INFO  POST /cart 201 18ms",
)


class Logs:
    """Pods by number, their lines, and the view that shows them."""

    def __init__(self, pods: int = 3, *, structured: bool = False) -> None:
        self.sources = [Source(at, f"web-{at}", "main", "running") for at in range(pods)]
        self.state = FeedState("live")
        self.runtime = shared_runtime()
        self.structured = structured
        self.born = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self.written = 0
        self._on_lines: Callable[[Sequence[LogLine]], None] = lambda lines: None
        self._on_state: Callable[[], None] = lambda: None

    def start(self, on_lines: Callable[[Sequence[LogLine]], None], on_state: Callable[[], None]) -> None:
        self._on_lines, self._on_state = on_lines, on_state

    def stop(self) -> None:
        self.state = FeedState("stopped")

    async def read_previous(self, source: int) -> None:
        self._on_lines([self._line(source, "panic: earlier", at=-5)])

    def show(self, text: str = "") -> LogView:
        self.view = LogView(
            self, title="deploy/web", target="kind-dev ▸ shop · free", level="free", text=text, runtime=self.runtime
        )
        self.view.show()
        return self.view

    def write(self, count: int) -> None:
        """Writes so many lines now."""
        self.runtime.call(self._write, count)

    def pour(self, per_second: int, seconds: float) -> None:
        """Writes lines for a while; returns at once. The last line of all says so."""
        self.runtime.spawn(lambda: self._pour(per_second, seconds), name="pour")

    def restart(self, source: int, why: str) -> None:
        """A container starts again."""
        self.runtime.call(self._restart, source, why)

    def join(self, pod: str) -> None:
        """A Pod joins."""
        self.runtime.call(self._join, pod)

    async def _pour(self, per_second: int, seconds: float) -> None:
        for _ in range(int(seconds * 20)):
            self._write(per_second // 20)
            await anyio.sleep(0.05)
        self._on_lines([self._line(0, "that was all")])

    def _write(self, count: int) -> None:
        self._on_lines([self._line(at % len(self.sources), self._said(at)) for at in range(count)])

    def _said(self, at: int) -> str:
        said = _SAID[(self.written + at // 7) % len(_SAID)]
        if not self.structured:
            return said
        level, _, message = said.partition(" ")
        fields = {
            "level": level.lower(),
            "msg": message.strip(),
            "step": self.written,
            "loss": round(1 / (self.written + 1), 4),
        }
        return json.dumps(fields)

    def _restart(self, source: int, why: str) -> None:
        self.sources[source].restarts += 1
        self.sources[source].previous = True
        self._on_lines([self._line(source, f"{self.sources[source].name} restarted: {why}", mark="restart")])
        self._on_state()

    def _join(self, pod: str) -> None:
        self.sources.append(Source(len(self.sources), pod, "main", "running"))
        self._on_lines([self._line(len(self.sources) - 1, f"{pod}/main joined", mark="start")])
        self._on_state()

    def _line(self, source: int, text: str, *, mark: str = "", at: float = 0) -> LogLine:
        self.written += 1
        stamp = (self.born + timedelta(milliseconds=37 * self.written, seconds=at)).isoformat(timespec="milliseconds")
        stamp = stamp.replace("+00:00", "Z")
        origin = self.sources[source]
        origin.lines += not mark
        level = "" if mark else level_of(text)
        return LogLine(self.written, time_key(stamp), stamp, origin.pod, origin.container, source, level, text, mark)
