"""Wait for something to come true in a cache: nothing is missed, because the cache is filled before it follows.

Source: k8s.io/client-go/tools/watch/until.go (UntilWithSync).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import anyio

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
        clock: Tells and waits.

    Returns:
        The event for which the last condition held; None if the precondition held.

    Raises:
        WaitError: Not in time.
        SyncError: The cache cannot fill.
    """
    outcome: list[WatchEvent[Any] | None] = []
    failure: list[Exception] = []
    remaining = list(conditions)
    done = anyio.Event()

    def offer(kind: str, obj: Any) -> None:
        event = WatchEvent(kind, obj)
        try:
            while remaining and remaining[0](event):
                remaining.pop(0)
        except Exception as error:  # the condition's own: it ends the wait, not only one delivery
            failure.append(error)
            done.set()
        if not remaining and not done.is_set():
            outcome.append(event)
            done.set()

    async def expire(seconds: float) -> None:
        await (clock or SystemClock()).sleep(seconds)
        failure.append(WaitError(f"timed out after {seconds:g} s waiting for a condition on {informer.description}"))
        done.set()

    async def follow() -> None:
        try:
            await informer.wait_synced()
            if precondition is not None and precondition(informer.store):
                outcome.append(None)
                done.set()
                return
            informer.add_handler(
                on_add=lambda obj: offer(ADDED, obj),
                on_update=lambda old, new: offer(MODIFIED, new),
                on_delete=lambda obj: offer(DELETED, obj),
            )
        except Exception as error:  # carried out of the task group, which would wrap it
            failure.append(error)
            done.set()

    async with anyio.create_task_group() as group:
        group.start_soon(informer.run)
        group.start_soon(follow)
        if timeout is not None:
            group.start_soon(expire, timeout)
        await done.wait()
        group.cancel_scope.cancel()
    if outcome:
        return outcome[0]
    raise failure[0]
