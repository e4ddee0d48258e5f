"""Work that must end in time does, on the clock it is given."""

from __future__ import annotations

import anyio
import pytest

from kmagic.aio.deadline import within
from kmagic.testing.clock import FakeClock


async def test_work_in_time_is_done_and_late_work_is_cancelled() -> None:
    clock = FakeClock()
    results: list[bool] = []

    async def run(seconds: float) -> None:
        results.append(await within(clock, 5, lambda: clock.sleep(seconds)))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, 4)
        tasks.start_soon(run, 6)
        await clock.elapse(5.5)
    assert results == [True, False]
    assert clock.sleepers == 0


async def test_the_works_error_comes_out_as_it_is() -> None:
    async def work() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await within(FakeClock(), 5, work)
