"""The output of containers: lines by Pod and container, for ``logs`` and ``logs -f``.

Lines are kept in memory, a bounded number for each container; the simulated kubelet writes them.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from kmagic.aio.signal import Signal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ("Line", "LogBook", "LogQuery")

MAX_LINES = 5_000


class Line(msgspec.Struct, frozen=True):
    """One line with its time, RFC 3339 with microseconds."""

    time: str
    text: str
    at: float


class LogQuery(msgspec.Struct, frozen=True):
    """The options of a log request; ``since`` is in seconds since the epoch."""

    tail: int | None = None
    since: float = 0.0
    timestamps: bool = False
    previous: bool = False
    limit_bytes: int | None = None


class _Log:
    def __init__(self) -> None:
        self.lines: deque[Line] = deque(maxlen=MAX_LINES)
        self.written = 0
        self.ended = False
        self.news = Signal()


class LogBook:
    """All logs; a container's log is named by the Pod's uid, the container and whether it is the previous run."""

    def __init__(self) -> None:
        self._logs: dict[tuple[str, str, bool], _Log] = {}

    def write(self, uid: str, container: str, line: Line) -> None:
        """Adds a line to the running container's log."""
        log = self._logs.setdefault((uid, container, False), _Log())
        log.lines.append(line)
        log.written += 1
        log.news.notify()

    def end(self, uid: str, container: str, *, restarts: bool) -> None:
        """The container ended; with ``restarts`` its log becomes the previous one."""
        log = self._logs.get((uid, container, False))
        if log is None:
            return
        log.ended = True
        log.news.notify()
        if restarts:
            self._logs[uid, container, True] = self._logs.pop((uid, container, False))

    def forget(self, uid: str) -> None:
        """The Pod is gone."""
        for key in [key for key in self._logs if key[0] == uid]:
            log = self._logs.pop(key)
            log.ended = True
            log.news.notify()

    def has_previous(self, uid: str, container: str) -> bool:
        """Returns whether there is a log of an earlier run."""
        return (uid, container, True) in self._logs

    def read(self, uid: str, container: str, query: LogQuery) -> bytes:
        """The log as it is now."""
        log = self._logs.get((uid, container, query.previous))
        return b"" if log is None else _text(_chosen(log, query), query)

    async def follow(self, uid: str, container: str, query: LogQuery) -> AsyncIterator[bytes]:
        """The log as it is now, then each new line until the container ends."""
        log = self._logs.setdefault((uid, container, query.previous), _Log())
        seen = log.written
        yield _text(_chosen(log, query), query)
        while True:
            fresh = min(log.written - seen, len(log.lines))
            if fresh:
                seen = log.written
                yield _text(list(log.lines)[-fresh:], query)
            elif log.ended:
                return
            else:
                await log.news.wait()


def _chosen(log: _Log, query: LogQuery) -> list[Line]:
    lines = [line for line in log.lines if line.at >= query.since]
    if query.tail is None:
        return lines
    return lines[-query.tail :] if query.tail else []


def _text(lines: list[Line], query: LogQuery) -> bytes:
    text = "".join(f"{line.time} {line.text}\n" if query.timestamps else f"{line.text}\n" for line in lines).encode()
    return text[: query.limit_bytes] if query.limit_bytes else text
