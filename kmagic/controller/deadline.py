"""Work that must end in time, on any clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from kmagic.api.clock import Clock

__all__ = ("within",)


async def within(clock: Clock, seconds: float, work: Callable[[], Awaitable[object]]) -> bool:
    """Does the work; False when it was cancelled because it took longer than `seconds`.

    An error of the work comes out as it is.
    """
    done = False
    error: Exception | None = None
    async with anyio.create_task_group() as tasks:

        async def alarm() -> None:
            await clock.sleep(seconds)
            tasks.cancel_scope.cancel()

        tasks.start_soon(alarm)
        try:
            await work()
            done = True
        except Exception as raised:  # carried out of the task group, which would wrap it
            error = raised
        tasks.cancel_scope.cancel()
    if error is not None:
        raise error
    return done
