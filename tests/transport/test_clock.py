"""The system's clock tells aware times and really waits."""

from __future__ import annotations

from datetime import UTC

from kmagic.api.clock import Clock
from kmagic.transport.clock import SystemClock


async def test_sleep_takes_at_least_its_time() -> None:
    clock: Clock = SystemClock()
    before = clock.now()
    await clock.sleep(0.002)
    assert clock.now() - before >= 0.002


def test_wall_is_utc() -> None:
    assert SystemClock().wall().tzinfo is UTC
