"""The real clock; everything else takes a `Clock` and tests pass a fake one."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import anyio

__all__ = ("SystemClock",)


class SystemClock:
    """Monotonic seconds, the wall clock in UTC, and sleep on the event loop."""

    def now(self) -> float:
        """Monotonic seconds; only differences mean something."""
        return time.monotonic()

    def wall(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Waits; cancellable."""
        await anyio.sleep(seconds)
