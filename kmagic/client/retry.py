"""Repeating a change that someone else's change got in the way of.

Source: k8s.io/client-go/util/retry/util.go.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from kmagic.aio.backoff import Backoff
from kmagic.errors import ConflictError, KubeError
from kmagic.transport.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kmagic.api.clock import Clock

__all__ = ("DEFAULT_BACKOFF", "DEFAULT_RETRY", "Backoff", "on_error", "retry_on_conflict")

T = TypeVar("T")


DEFAULT_RETRY = Backoff(steps=5, seconds=0.010, factor=1.0, jitter=0.1)
DEFAULT_BACKOFF = Backoff(steps=4, seconds=0.010, factor=5.0, jitter=0.1)


async def on_error(
    work: Callable[[], Awaitable[T]],
    retriable: Callable[[KubeError], bool],
    *,
    backoff: Backoff = DEFAULT_RETRY,
    clock: Clock | None = None,
    rng: Callable[[], float] = random.random,
) -> T:
    """Repeats `work` while it fails with errors that are `retriable`; the last one is raised when it gives up.

    Args:
        work: Called once for each of the backoff's steps at most.
        retriable: Says which errors may pass; any other is raised at once.
        backoff: Number of tries and the delays between them.
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1) for the jitter.
    """
    clock = clock or SystemClock()
    delays = list(backoff.delays(rng))
    for delay in delays[:-1]:
        try:
            return await work()
        except KubeError as error:
            if not retriable(error):
                raise
        await clock.sleep(delay)
    return await work()


async def retry_on_conflict(
    work: Callable[[], Awaitable[T]],
    *,
    backoff: Backoff = DEFAULT_RETRY,
    clock: Clock | None = None,
    rng: Callable[[], float] = random.random,
) -> T:
    """Repeats `work` (read, change, update) while the update meets a conflict.

    Raises:
        ConflictError: Still in conflict at the last try.
    """
    return await on_error(work, lambda error: isinstance(error, ConflictError), backoff=backoff, clock=clock, rng=rng)
