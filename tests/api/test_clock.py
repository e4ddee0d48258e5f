"""Both clocks are clocks: the protocol names all that code may use of one."""

from __future__ import annotations

import pytest

from kmagic.api.clock import Clock
from kmagic.testing.clock import FakeClock
from kmagic.transport.clock import SystemClock


@pytest.mark.parametrize("make", [SystemClock, FakeClock])
async def test_CC_09_a_clock_tells_two_times_and_sleeps(make: type[SystemClock] | type[FakeClock]) -> None:
    clock: Clock = make()
    assert clock.now() <= clock.now()
    assert clock.wall().utcoffset() is not None
    await clock.sleep(0)
