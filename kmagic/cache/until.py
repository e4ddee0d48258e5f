"""Wait for something to come true in a cache: nothing is missed, because the cache is filled before it follows.

Source: k8s.io/client-go/tools/watch/until.go (UntilWithSync).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import anyio

from kmagic.aio.tasks import task_group
from kmagic.api.clock import Clock
from kmagic.cache.informer import SharedInformer
from kmagic.cache.view import StoreView
from kmagic.errors import WaitError
from kmagic.rest.watch import ADDED, DELETED, MODIFIED, WatchEvent
from kmagic.transport.clock import SystemClock

__all__ = ("Condition", "until_with_sync")

Condition: TypeAlias = Callable[[WatchEvent[Any]], bool]


async def until_with_sync(
    informer: SharedInformer[Any],
    *conditions: Condition,
    precondition: Callable[[StoreView[Any]], bool] | None = None,
    timeout: float | None = None,
    clock: Clock | None = None,
) -> WatchEvent[Any] | None:
    """Runs an informer until conditions have held one after another.

    Args:
        informer: Not running yet; it is stopped at the end.
        conditions: Each gets events until it holds; the event that made one hold is offered to the next as well.
        precondition: Looks at the filled store first; if it holds, there is nothing to wait for.
        timeout: Seconds for all of it; None for no limit.
        clock: Gives the time and sleeps.

    Returns:
        The event for which the last condition held; None if the precondition held.

    Raises:
        WaitError: Not in time.
        SyncError: The cache cannot fill.
    """
    waiter = _Waiter(informer, list(conditions), precondition)
    async with task_group() as group:
        group.start_soon(informer.run)
        group.start_soon(waiter.follow)
        if timeout is not None:
            group.start_soon(waiter.expire, timeout, clock or SystemClock())
        await waiter.done.wait()
        group.cancel_scope.cancel()
    if waiter.error is not None:
        raise waiter.error
    return waiter.event


class _Waiter:
    """The conditions that have not held yet, and how it ended."""

    def __init__(
        self,
        informer: SharedInformer[Any],
        conditions: list[Condition],
        precondition: Callable[[StoreView[Any]], bool] | None,
    ) -> None:
        self._informer = informer
        self._remaining = conditions
        self._precondition = precondition
        self.done = anyio.Event()
        self.event: WatchEvent[Any] | None = None
        self.error: Exception | None = None

    async def follow(self) -> None:
        await self._informer.wait_synced()
        if self._precondition is not None and self._precondition(self._informer.store):
            self.done.set()
            return
        self._informer.add_handler(
            on_add=lambda obj: self._offer(ADDED, obj),
            on_update=lambda old, new: self._offer(MODIFIED, new),
            on_delete=lambda obj: self._offer(DELETED, obj),
        )

    async def expire(self, seconds: float, clock: Clock) -> None:
        await clock.sleep(seconds)
        raise WaitError(f"timed out after {seconds:g} s waiting for a condition on {self._informer.description}")

    def _offer(self, kind: str, obj: Any) -> None:
        if self.done.is_set():
            return
        event = WatchEvent(kind, obj)
        try:
            while self._remaining and self._remaining[0](event):
                self._remaining.pop(0)
        except Exception as error:  # the condition's own: it ends the wait, not only one delivery
            self.error = error
            self.done.set()
            return
        if not self._remaining:
            self.event = event
            self.done.set()
