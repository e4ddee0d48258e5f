"""A rate-limiting queue whose urgent items overtake.

For controllers that see everything again after a start or a resync: put that at a low priority, and a change that
happens now does not wait behind ten thousand objects where nothing happened. client-go has no such queue;
controller-runtime has, and this one behaves alike.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Hashable
from typing import Generic, TypeVar

from kmagic.api.clock import Clock
from kmagic.controller.metrics import MetricsProvider
from kmagic.controller.rate_limiters import RateLimiter
from kmagic.controller.rate_limiting_queue import RateLimitingQueue

__all__ = ("LOW_PRIORITY", "PriorityOrder", "PriorityQueue")

T = TypeVar("T", bound=Hashable)

# What initial lists and resyncs get, as in controller-runtime; everything else is 0.
LOW_PRIORITY = -100


class PriorityOrder(Generic[T]):
    """The highest priority first; among equals first come, first served."""

    def __init__(self) -> None:
        self._wanted: dict[T, int] = {}  # priority of items that are queued or will be
        # Entries are (-priority, n, item); stale once the item was raised or taken.
        self._heap: list[tuple[int, int, T]] = []
        self._entries: dict[T, tuple[int, int]] = {}
        self._sequence = itertools.count()

    def want(self, item: T, priority: int) -> None:
        """The item's next turn has at least this priority."""
        self._wanted[item] = max(priority, self._wanted.get(item, priority))

    def push(self, item: T) -> None:
        """The item is queued behind those of its priority."""
        self._enter(item, next(self._sequence))

    def touch(self, item: T) -> None:
        """Moves the item forward if its priority was raised."""
        priority, n = self._entries[item]
        if -priority < self._wanted.get(item, 0):
            self._enter(item, n)

    def pop(self) -> T:
        """Takes out the item that is next; its priority is forgotten."""
        return self.pop_with_priority()[0]

    def pop_with_priority(self) -> tuple[T, int]:
        """Takes out the item that is next, with its priority."""
        while True:
            priority, n, item = heapq.heappop(self._heap)
            if self._entries.get(item) == (priority, n):
                del self._entries[item]
                self._wanted.pop(item, None)
                return item, -priority

    def __len__(self) -> int:
        return len(self._entries)

    def _enter(self, item: T, n: int) -> None:
        entry = (-self._wanted.get(item, 0), n)
        self._entries[item] = entry
        heapq.heappush(self._heap, (*entry, item))


class PriorityQueue(RateLimitingQueue[T]):
    """A `RateLimitingQueue` where every way to add takes a `priority`: higher is sooner, 0 is normal.

    An item that is added again keeps the higher of the two priorities.

    Args:
        rate_limiter: Says how long an item waits; `default_controller_rate_limiter` unless given.
        name: The label of its metrics; "" means no metrics.
        metrics: Receiver of the queue's metrics.
        clock: Gives the time, in seconds.
    """

    def __init__(
        self,
        rate_limiter: RateLimiter[T] | None = None,
        *,
        name: str = "",
        metrics: MetricsProvider | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._priorities = PriorityOrder[T]()
        super().__init__(rate_limiter, name=name, metrics=metrics, clock=clock, order=self._priorities)
        self._taken: dict[T, int] = {}
        self._later: dict[T, int] = {}

    def add(self, item: T, *, priority: int = 0) -> None:
        """Wants the item processed, before all items of lower priority."""
        if not self._shutting_down:
            self._priorities.want(item, priority)
            super().add(item)

    def add_after(self, item: T, seconds: float, *, priority: int | None = None) -> None:
        """Adds the item when this time has passed.

        Args:
            item: The item to add.
            seconds: Seconds until it is added.
            priority: None: what it has now if a worker has it, else 0.
        """
        if not self._shutting_down:
            priority = self._taken.get(item, 0) if priority is None else priority
            self._later[item] = max(priority, self._later.get(item, priority))
            super().add_after(item, seconds)

    def add_rate_limited(self, item: T, *, priority: int | None = None) -> None:
        """Adds the item when the limiter says it may come; for `priority` see `add_after`."""
        self.add_after(item, self._limiter.when(item), priority=priority)

    async def get_with_priority(self) -> tuple[T | None, int, bool]:
        """As `get`, with the item's priority: ``(item, priority, False)`` or ``(None, 0, True)``."""
        item, shutdown = await self.get()
        return item, 0 if item is None else self._taken.get(item, 0), shutdown

    def done(self, item: T) -> None:
        """The item's processing ended."""
        self._taken.pop(item, None)
        super().done(item)

    def _accept(self, item: T) -> None:
        if item in self._later:
            self._priorities.want(item, self._later.pop(item))
        super()._accept(item)

    def _take(self) -> T:
        item, priority = self._priorities.pop_with_priority()
        self._taken[item] = priority
        self._note_taken(item)
        return item
