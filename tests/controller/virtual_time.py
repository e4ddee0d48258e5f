"""An event loop whose time stands still while anything runs and jumps to the next timer when nothing does."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

__all__ = ("SkewedClock", "run_virtual")


class _Jump(selectors.SelectSelector):
    """Instead of waiting for `timeout`, lets it have passed."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everything waits for something that has no time")
        self.now += max(0.0, timeout)
        return super().select(0)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run_virtual(main: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine to its end in no time."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(main)


class SkewedClock:
    """A clock that is off: by `offset` seconds, and faster or slower than the loop's by `rate`."""

    def __init__(self, rate: float = 1.0, offset: float = 0.0) -> None:
        self._rate = rate
        self._offset = offset

    def now(self) -> float:
        return self._offset + anyio.current_time() * self._rate

    def wall(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now())

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(max(0.0, seconds) / self._rate)
