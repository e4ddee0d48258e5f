"""A work queue that takes items for later.

There is no task behind it: items that are due move into the queue when a worker waits or anyone looks. So nothing
has to be stopped, and a test that moves the clock sees the effect at once.

Source: k8s.io/client-go/util/workqueue/delaying_queue.go.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Hashable
from typing import TypeVar

import anyio

from kmagic.api.clock import Clock
from kmagic.controller.metrics import MetricsProvider
from kmagic.controller.workqueue import QueueOrder, WorkQueue, log

__all__ = ("DelayingQueue",)

T = TypeVar("T", bound=Hashable)


class DelayingQueue(WorkQueue[T]):
    """A `WorkQueue` with `add_after`.

    `shut_down` drops the items whose time has not come; `shut_down_with_drain` keeps them: each is processed at its
    time, and the drain ends after the last (upstream loses them).
    """

    def __init__(
        self,
        *,
        name: str = "",
        metrics: MetricsProvider | None = None,
        clock: Clock | None = None,
        order: QueueOrder[T] | None = None,
    ) -> None:
        super().__init__(name=name, metrics=metrics, clock=clock, order=order)
        # Entries are (due, n, item). One whose n is not the item's n in _due is stale: an earlier time replaced it.
        self._heap: list[tuple[float, int, T]] = []
        self._due: dict[T, tuple[float, int]] = {}
        self._sequence = itertools.count()

    def add_after(self, item: T, seconds: float) -> None:
        """Adds the item when this time has passed; at once for 0 or less. Never waits.

        An item that waits already keeps the earlier of the two times. Does nothing when the queue shuts down.
        """
        if self._shutting_down:
            return
        self._metrics.retry()
        if seconds <= 0:
            self._accept(item)
            return
        due = self._clock.now() + seconds
        known = self._due.get(item)
        if known is not None and known[0] <= due:
            return
        first = self._next_due()
        n = next(self._sequence)
        self._due[item] = (due, n)
        heapq.heappush(self._heap, (due, n, item))
        log.debug("queue %s: %s comes in %g s", self.name, item, seconds)
        if first is None or due < first:
            self._wake_all()  # they sleep until the old first one

    @property
    def waiting(self) -> int:
        """The number of items that wait for their time."""
        self._promote()
        return len(self._due)

    def len(self) -> int:
        """The number of items that are queued, those that are due just now included."""
        self._promote()
        return super().len()

    def shut_down(self) -> None:
        """Accepts no more items and drops those whose time has not come."""
        self._promote()
        self._heap.clear()
        self._due.clear()
        super().shut_down()

    def _promote(self) -> None:
        now = self._clock.now()
        while self._heap and self._heap[0][0] <= now:
            due, n, item = heapq.heappop(self._heap)
            if self._due.get(item) == (due, n):
                del self._due[item]
                self._accept(item)

    def _next_due(self) -> float | None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][:2]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _more_to_come(self) -> bool:
        return bool(self._due)

    async def _wait(self, event: anyio.Event) -> None:
        due = self._next_due()
        if due is None:
            await event.wait()
            return

        async def alarm() -> None:
            # the task starts a moment later: the time may have come meanwhile
            await self._clock.sleep(max(0.0, due - self._clock.now()))
            ring.cancel()

        async with anyio.create_task_group() as tasks:
            ring = tasks.cancel_scope
            tasks.start_soon(alarm)
            await event.wait()
            ring.cancel()
