"""A clock that stands still until a test moves it.

Time passes only in `advance`, which wakes the sleepers that are due in the order of their deadlines, and `elapse`,
which also lets them run at their own times, one deadline after another. Belongs to one event loop.
"""

from __future__ import annotations

import heapq
import itertools
from datetime import UTC, datetime, timedelta

import anyio
import anyio.lowlevel

__all__ = ("FakeClock",)

# Loop passes after which everything that is ready has run; a chain of awaits takes one pass a link.
_PASSES = 100


class FakeClock:
    """A `kmagic.api.clock.Clock` for tests.

    ```python
    clock = FakeClock()
    queue.add_after("a", 5.0)
    clock.advance(5.0)
    ```

    Args:
        wall: The time of day at the start, aware.
        start: The monotonic seconds at the start.
    """

    def __init__(self, wall: datetime = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC), *, start: float = 1000.0) -> None:
        self._start = start
        self._now = start
        self._wall = wall
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, anyio.Event]] = []

    def now(self) -> float:
        """Monotonic seconds."""
        return self._now

    def wall(self) -> datetime:
        """The time of day, in UTC; moves with `now`."""
        return self._wall + timedelta(seconds=self._now - self._start)

    @property
    def sleepers(self) -> int:
        """The number of callers of `sleep` that wait now."""
        return len(self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Waits until the clock was moved this far; 0 or less only lets others run."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        entry = (self._now + seconds, next(self._order), anyio.Event())
        heapq.heappush(self._sleepers, entry)
        try:
            await entry[2].wait()
        finally:
            if entry in self._sleepers:  # cancelled before its time
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)

    def advance(self, seconds: float) -> None:
        """Moves the time and makes every sleeper that is due ready to run; they run at the caller's next await.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds}")
        self._now += seconds
        self._wake()

    async def elapse(self, seconds: float) -> None:
        """Lets time pass as it would: every sleeper runs at its own time, and what it starts is waited for too.

        Unlike after `advance`, a loop that sleeps one second does so five times in `elapse(5)`.
        """
        await self.settle()
        end = self._now + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now = max(self._now, self._sleepers[0][0])
            self._wake()
            await self.settle()
        self._now = end
        self._wake()
        await self.settle()

    async def settle(self) -> None:
        """Lets everything run that can without time passing."""
        for _ in range(_PASSES):
            await anyio.lowlevel.checkpoint()

    def _wake(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self._now:
            heapq.heappop(self._sleepers)[2].set()
