from __future__ import annotations

import pytest

from kmagic.cache.backoff import Backoff


@pytest.mark.parametrize(("roll", "factor"), [(0.0, 1.0), (0.5, 1.5), (1.0, 2.0)])
def test_RF_02_delays_double_up_to_half_a_minute_plus_jitter(roll: float, factor: float) -> None:
    backoff, now, delays = Backoff(), 0.0, []
    for _ in range(9):
        delays.append(backoff.next(now, lambda: roll))
        now += delays[-1]
    assert delays == pytest.approx([x * factor for x in (0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30)])


def test_RF_02_two_quiet_minutes_begin_anew() -> None:
    backoff = Backoff()
    for now in (0, 1, 3):
        backoff.next(now, lambda: 0.0)
    assert backoff.next(120, lambda: 0.0) == 6.4
    assert backoff.next(240.5, lambda: 0.0) == 0.8


def test_a_reset_begins_anew_at_once() -> None:
    backoff = Backoff()
    backoff.next(0, lambda: 0.0)
    backoff.reset()
    assert backoff.next(1, lambda: 0.0) == 0.8
