"""Leaving a task group by hand ends its tasks and keeps the body's error as it is."""

from __future__ import annotations

import anyio
import pytest

from kmagic.controller.task_group import leave


class Background:
    """A context manager with a task of its own, which may cancel the body."""

    def __init__(self, *, cancels: bool = False) -> None:
        self.cancels = cancels
        self.ended = False

    async def __aenter__(self) -> Background:
        self.tasks = await anyio.create_task_group().__aenter__()
        self.tasks.start_soon(self._run)
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        return await leave(self.tasks, error)

    async def _run(self) -> None:
        try:
            await anyio.lowlevel.checkpoint()
            if self.cancels:
                self.tasks.cancel_scope.cancel()
            await anyio.sleep_forever()
        finally:
            self.ended = True


async def test_the_tasks_end_with_the_body() -> None:
    async with Background() as background:
        await anyio.lowlevel.checkpoint()
    assert background.ended


async def test_the_bodys_own_error_is_not_wrapped() -> None:
    background = Background()
    with pytest.raises(LookupError, match="mine"):
        async with background:
            await anyio.lowlevel.checkpoint()
            raise LookupError("mine")
    assert background.ended


async def test_a_body_the_group_cancelled_ends_quietly_and_one_cancelled_from_outside_does_not() -> None:
    async with Background(cancels=True):
        await anyio.sleep_forever()
    with anyio.CancelScope() as scope:
        async with Background():
            scope.cancel()
            await anyio.sleep_forever()
        raise AssertionError("the cancellation goes on")
    assert scope.cancelled_caught
