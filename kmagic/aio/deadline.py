"""Work that must end in time, on any clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from kmagic.aio.tasks import task_group
from kmagic.api.clock import Clock

__all__ = ("within",)


async def within(clock: Clock, seconds: float, work: Callable[[], Awaitable[object]]) -> bool:
    """Does the work; False when it was cancelled because it took longer than `seconds`.

    An error of the work comes out as it is.
    """
    done = False
    async with task_group() as tasks:

        async def alarm() -> None:
            await clock.sleep(seconds)
            tasks.cancel_scope.cancel()

        tasks.start_soon(alarm)
        await work()
        done = True
        tasks.cancel_scope.cancel()
    return done
