from __future__ import annotations

import pytest

from kmagic.rest.throttle import Limiter


def test_RE_01_a_burst_goes_at_once_and_then_qps() -> None:
    limiter = Limiter(qps=5, burst=10)
    assert [limiter.reserve(0.0) for _ in range(10)] == [0.0] * 10
    assert limiter.reserve(0.0) == pytest.approx(0.2)
    assert limiter.reserve(0.0) == pytest.approx(0.4)
    # Two tokens are owed; a second brings five.
    assert limiter.reserve(1.0) == 0.0


def test_RE_01_tokens_do_not_pile_up_beyond_the_burst() -> None:
    limiter = Limiter(qps=1, burst=1)
    assert limiter.reserve(0.0) == 0.0
    assert limiter.reserve(100.0) == 0.0
    assert limiter.reserve(100.0) == 1.0


def test_RE_01_a_clock_that_goes_back_gives_nothing() -> None:
    limiter = Limiter(qps=1, burst=1)
    limiter.reserve(10.0)
    assert limiter.reserve(5.0) == 1.0
    assert limiter.reserve(10.0) == 2.0


@pytest.mark.parametrize(("qps", "burst"), [(1, 0), (0, 1), (-1, 1)])
def test_RE_01_nonsense_is_refused(qps: int, burst: int) -> None:
    with pytest.raises(ValueError, match="burst is required"):
        Limiter(qps, burst)
