"""The fake clock moves only when told, and wakes sleepers in the order of their deadlines."""

from __future__ import annotations

from datetime import UTC, datetime

import anyio
import pytest

from kmagic.api.clock import Clock
from kmagic.testing.clock import FakeClock


async def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    clock = FakeClock()
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async with anyio.create_task_group() as tasks:
        for name, seconds in [("late", 3), ("early", 1), ("middle", 2), ("also early", 1)]:
            tasks.start_soon(sleeper, name, seconds)
        await clock.settle()
        assert clock.sleepers == 4
        clock.advance(0.5)
        await clock.settle()
        assert woken == []
        clock.advance(1.5)
        await clock.settle()
        assert woken == ["early", "also early", "middle"]
        clock.advance(1)
    assert woken[-1] == "late"


async def test_elapse_runs_each_sleeper_at_its_own_time() -> None:
    clock = FakeClock(start=0)
    seen: list[float] = []

    async def ticker() -> None:
        while True:
            await clock.sleep(1)
            seen.append(clock.now())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker)
        await clock.elapse(3.5)
        tasks.cancel_scope.cancel()
    assert seen == [1, 2, 3]
    assert clock.now() == 3.5


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(clock.sleep, 5)
        await clock.settle()
        tasks.cancel_scope.cancel()
    assert clock.sleepers == 0


async def test_sleeping_no_time_returns_at_once() -> None:
    clock = FakeClock()
    await clock.sleep(0)
    await clock.sleep(-1)


def test_wall_time_moves_with_the_monotonic_one() -> None:
    clock: Clock = FakeClock(datetime(2026, 3, 1, tzinfo=UTC))
    before = clock.now()
    assert isinstance(clock, FakeClock)
    clock.advance(61)
    assert clock.now() - before == 61
    assert clock.wall() == datetime(2026, 3, 1, 0, 1, 1, tzinfo=UTC)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        FakeClock().advance(-1)
