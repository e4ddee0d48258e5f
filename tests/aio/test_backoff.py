from __future__ import annotations

import itertools

import pytest

from kmagic.aio.backoff import Backoff, Delay

LIST_AND_WATCH = Backoff(steps=None, seconds=0.8, factor=2.0, jitter=1.0, cap=30.0)


@pytest.mark.parametrize(("roll", "factor"), [(0.0, 1.0), (0.5, 1.5), (1.0, 2.0)])
def test_RF_02_delays_double_up_to_half_a_minute_plus_jitter(roll: float, factor: float) -> None:
    delay, now, delays = Delay(LIST_AND_WATCH, 120.0), 0.0, []
    for _ in range(9):
        delays.append(delay.next(now, lambda: roll))
        now += delays[-1]
    assert delays == pytest.approx([x * factor for x in (0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30)])


def test_RF_02_two_quiet_minutes_begin_anew() -> None:
    delay = Delay(LIST_AND_WATCH, 120.0)
    for now in (0, 1, 3):
        delay.next(now, lambda: 0.0)
    assert delay.next(120, lambda: 0.0) == 6.4
    assert delay.next(240.5, lambda: 0.0) == 0.8


def test_a_reset_begins_anew_at_once() -> None:
    delay = Delay(LIST_AND_WATCH, 120.0)
    delay.next(0, lambda: 0.0)
    delay.reset()
    assert delay.next(1, lambda: 0.0) == 0.8


def test_a_back_off_ends_after_its_steps_or_never() -> None:
    assert list(Backoff(3, 1.0, factor=2.0).delays(lambda: 0.0)) == [1.0, 2.0, 4.0]
    endless = Backoff(None, 1.0, factor=2.0, cap=4.0).delays(lambda: 0.0)
    assert list(itertools.islice(endless, 5)) == [1.0, 2.0, 4.0, 4.0, 4.0]
