"""A held context manager is opened by one task and closed by another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from kmagic.aio.held import Held


class Door:
    """Counts how often it was opened and closed; it has a task group inside, as what is held usually has."""

    def __init__(self) -> None:
        self.opened = self.closed = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            self.opened += 1
            try:
                yield "open"
            finally:
                self.closed += 1
            tasks.cancel_scope.cancel()


async def test_one_task_opens_it_and_another_closes_it_as_often_as_one_likes() -> None:
    door = Door()
    held = Held(door.open, "door")
    for times in (1, 2):
        assert await asyncio.create_task(held.start()) == "open"
        assert held.value == "open"
        await asyncio.create_task(held.stop())
        assert (door.opened, door.closed) == (times, times)
    await held.stop()
    with pytest.raises(RuntimeError, match="door is not open"):
        _ = held.value


async def test_what_opening_raises_comes_out_and_it_may_be_tried_again() -> None:
    mine = LookupError("locked")

    @asynccontextmanager
    async def locked() -> AsyncIterator[None]:
        raise mine
        yield

    held = Held(locked, "door")
    for _ in range(2):
        with pytest.raises(LookupError) as caught:
            await held.start()
        assert caught.value is mine


async def test_it_cannot_be_opened_twice_at_a_time() -> None:
    held = Held(Door().open, "door")
    async with held as value:
        assert (value, repr(held)) == ("open", "<door, open>")
        with pytest.raises(RuntimeError, match="running already"):
            await held.start()
    assert repr(held) == "<door, not open>"


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    ended = []

    @asynccontextmanager
    async def slow() -> AsyncIterator[None]:
        try:
            await anyio.sleep_forever()
            yield
        finally:
            ended.append(True)

    with anyio.move_on_after(0.01):
        await Held(slow, "door").start()
    assert ended == [True]
