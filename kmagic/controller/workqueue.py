"""The queue of a controller: each key once, never processed twice at the same time.

Theory: an item is *queued* (waits for a worker), *processing* (a worker has it) or, while processing, *dirty* (was
added again and will be queued when the worker is done). Any number of adds between two runs make one run.

`add`, `done`, `len` and `shut_down` never wait; `get` and `shut_down_with_drain` do. A queue belongs to one event
loop and may be shared by all its tasks.

Source: k8s.io/client-go/util/workqueue/queue.go.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Hashable
from typing import Generic, Protocol, TypeVar

import anyio
import anyio.lowlevel

from kmagic.api.clock import Clock
from kmagic.controller.metrics import MetricsProvider, QueueMetrics
from kmagic.transport.clock import SystemClock

__all__ = ("FIFOOrder", "QueueOrder", "WorkQueue")

log: logging.Logger = logging.getLogger(__name__)

T = TypeVar("T", bound=Hashable)


class QueueOrder(Protocol[T]):
    """The order of queued items; the hook for priorities. Never holds an item twice."""

    def push(self, item: T) -> None:
        """The item is queued now."""
        ...

    def pop(self) -> T:
        """Takes out the item that is next; only called when there is one."""
        ...

    def touch(self, item: T) -> None:
        """The item, queued already, was added again."""
        ...

    def __len__(self) -> int: ...


class FIFOOrder(Generic[T]):
    """First come, first served."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()

    def push(self, item: T) -> None:
        """The item is queued last."""
        self._items.append(item)

    def pop(self) -> T:
        """Takes out the item that waits longest."""
        return self._items.popleft()

    def touch(self, item: T) -> None:
        """Keeps its place."""

    def __len__(self) -> int:
        return len(self._items)


class WorkQueue(Generic[T]):
    """A queue of hashable items, usually object keys.

    ```python
    while True:
        key, shutdown = await queue.get()
        if shutdown:
            return
        try:
            await sync(key)
        finally:
            queue.done(key)
    ```

    or the same with ``async for key in queue:``.

    Args:
        name: The label of its metrics; "" means no metrics.
        metrics: Receiver of the queue's metrics.
        clock: Gives the time, in seconds.
        order: Order of the items; first come, first served unless given.
    """

    def __init__(
        self,
        *,
        name: str = "",
        metrics: MetricsProvider | None = None,
        clock: Clock | None = None,
        order: QueueOrder[T] | None = None,
    ) -> None:
        self.name = name
        self._clock: Clock = clock or SystemClock()
        self._metrics = QueueMetrics(name, metrics, self._clock)
        self._order: QueueOrder[T] = FIFOOrder[T]() if order is None else order
        self._dirty: set[T] = set()  # to be processed: queued, or processing and added again
        self._processing: set[T] = set()
        self._shutting_down = False
        self._draining = False
        self._getters: deque[anyio.Event] = deque()
        self._drainers: list[anyio.Event] = []

    def __repr__(self) -> str:
        state = " shutting down" if self._shutting_down else ""
        return f"<{type(self).__name__} {self.name!r} queued={len(self)} processing={len(self._processing)}{state}>"

    def add(self, item: T) -> None:
        """Wants the item processed; does nothing when it is queued already or the queue shuts down."""
        if not self._shutting_down:
            self._accept(item)

    def len(self) -> int:
        """The number of items that are queued; those being processed do not count."""
        return len(self._order)

    def __len__(self) -> int:
        return self.len()

    @property
    def processing(self) -> frozenset[T]:
        """The items workers have now."""
        return frozenset(self._processing)

    async def get(self) -> tuple[T | None, bool]:
        """Waits for an item and takes it; give it back with `done`.

        Returns:
            ``(item, False)``, or ``(None, True)`` when the queue is shut down and empty: the worker ends.
        """
        await anyio.lowlevel.checkpoint()  # a worker without awaits of its own still lets others run
        while True:
            if self.len():
                return self._take(), False
            if self._shutting_down and not self._more_to_come():
                return None, True
            await self._wait_for_work()

    async def __aiter__(self) -> AsyncIterator[T]:
        """The items one after another until the queue is shut down and empty; call `done` for each."""
        while True:
            item, shutdown = await self.get()
            if shutdown:
                return
            yield item  # type: ignore[misc]  # an item unless shut down

    def done(self, item: T) -> None:
        """The item's processing ended, well or not; if it was added meanwhile, it is queued again."""
        self._processing.discard(item)
        self._metrics.done(item)
        log.debug("queue %s: %s is done", self.name, item)
        if item in self._dirty:
            self._push(item)
        self._notice_end()

    def shut_down(self) -> None:
        """Accepts no more items; workers get what is queued and then end. Ends a drain that is under way."""
        self._draining = False
        self._begin_shutdown()

    async def shut_down_with_drain(self) -> None:
        """Accepts no more items and waits until every item it has is processed and done.

        Needs workers that call `done` for every item; a later `shut_down` ends the wait.
        """
        self._draining = True
        self._begin_shutdown()
        while self._draining and not self._idle():
            event = anyio.Event()
            self._drainers.append(event)
            await event.wait()

    def shutting_down(self) -> bool:
        """Returns whether one of the two shut-downs was called."""
        return self._shutting_down

    def _accept(self, item: T) -> None:
        if item in self._dirty:
            if item not in self._processing:
                self._order.touch(item)
            return
        self._metrics.add(item)
        self._dirty.add(item)
        if item not in self._processing:
            self._push(item)

    def _push(self, item: T) -> None:
        self._order.push(item)
        log.debug("queue %s: %s is queued", self.name, item)
        self._wake_one()

    def _take(self) -> T:
        item = self._order.pop()
        self._note_taken(item)
        return item

    def _note_taken(self, item: T) -> None:
        self._metrics.get(item)
        self._processing.add(item)
        self._dirty.discard(item)
        log.debug("queue %s: %s is taken", self.name, item)

    def _begin_shutdown(self) -> None:
        if not self._shutting_down:
            log.debug("queue %s: shuts down, %d queued", self.name, len(self._order))
        self._shutting_down = True
        self._wake_all()
        self._notice_end()

    def _more_to_come(self) -> bool:
        """Returns whether items of before the shut-down will still be queued by themselves."""
        return False

    def _idle(self) -> bool:
        return not self._processing and not self.len() and not self._more_to_come()

    def _notice_end(self) -> None:
        if self._shutting_down and (not self._draining or self._idle()):
            for event in self._drainers:
                event.set()
            self._drainers.clear()

    async def _wait_for_work(self) -> None:
        """Returns when there may be something for this getter."""
        event = anyio.Event()
        self._getters.append(event)
        try:
            await self._wait(event)
        except BaseException:
            if event.is_set():  # it was this getter's turn; let another have it
                self._wake_one()
            raise
        finally:
            if event in self._getters:
                self._getters.remove(event)

    async def _wait(self, event: anyio.Event) -> None:
        await event.wait()

    def _wake_one(self) -> None:
        if self._getters:
            self._getters.popleft().set()

    def _wake_all(self) -> None:
        while self._getters:
            self._wake_one()
