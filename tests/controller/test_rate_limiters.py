"""The rate limiters: pure arithmetic over failures and a clock."""

from __future__ import annotations

import pytest

from kmagic.controller.rate_limiters import (
    BucketRateLimiter,
    ItemExponentialFailureRateLimiter,
    ItemFastSlowRateLimiter,
    MaxOfRateLimiter,
    WithMaxWaitRateLimiter,
    default_controller_rate_limiter,
    default_item_based_rate_limiter,
)
from kmagic.testing.clock import FakeClock


def test_WQ_10_A23_the_exponential_limiter_doubles_for_each_item_alone() -> None:
    limiter = ItemExponentialFailureRateLimiter[str](0.001, 1.0)
    assert [limiter.when("one") for _ in range(5)] == pytest.approx([0.001, 0.002, 0.004, 0.008, 0.016])
    assert limiter.num_requeues("one") == 5
    assert [limiter.when("two") for _ in range(2)] == pytest.approx([0.001, 0.002])
    assert limiter.num_requeues("two") == 2
    limiter.forget("one")
    assert limiter.num_requeues("one") == 0
    assert limiter.when("one") == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("base", "longest"),
    [pytest.param(0.001, 1000.0, id="WQ-10 A23 maximum"), pytest.param(60.0, 3600.0 * 24 * 365, id="A23 overflow")],
)
def test_the_exponential_limiter_never_exceeds_its_maximum(base: float, longest: float) -> None:
    limiter = ItemExponentialFailureRateLimiter[str](base, longest)
    for _ in range(2000):
        delay = limiter.when("item")
    assert delay == longest


def test_WQ_09_A23_fast_then_slow() -> None:
    limiter = ItemFastSlowRateLimiter[str](0.005, 10.0, 3)
    assert [limiter.when("one") for _ in range(5)] == [0.005, 0.005, 0.005, 10.0, 10.0]
    assert limiter.num_requeues("one") == 5
    assert limiter.when("two") == 0.005
    limiter.forget("one")
    assert limiter.when("one") == 0.005


def test_WQ_10_the_bucket_limits_all_items_together_and_forgets_nothing() -> None:
    clock = FakeClock()
    limiter = BucketRateLimiter[str](10, 2, clock=clock)
    assert [limiter.when(item) for item in "abcd"] == pytest.approx([0, 0, 0.1, 0.2])
    limiter.forget("a")
    assert limiter.num_requeues("a") == 0
    clock.advance(0.2)
    assert limiter.when("e") == pytest.approx(0.1)


def test_WQ_09_A23_the_strictest_of_several_counts_and_all_forget() -> None:
    limiter = MaxOfRateLimiter(
        ItemFastSlowRateLimiter[str](0.005, 3.0, 3), ItemExponentialFailureRateLimiter[str](0.001, 1.0)
    )
    assert [limiter.when("one") for _ in range(5)] == pytest.approx([0.005, 0.005, 0.005, 3.0, 3.0])
    assert limiter.num_requeues("one") == 5
    limiter.forget("one")
    assert limiter.num_requeues("one") == 0
    assert limiter.when("one") == 0.005


def test_WQ_09_A23_a_maximum_wait_caps_another_limiter() -> None:
    limiter = WithMaxWaitRateLimiter(ItemExponentialFailureRateLimiter[str](0.005, 1000.0), 0.5)
    delays = [limiter.when("x") for _ in range(10)]
    assert delays[0] == 0.005
    assert delays[-1] == 0.5
    assert limiter.num_requeues("x") == 10
    limiter.forget("x")
    assert limiter.num_requeues("x") == 0


def test_WQ_09_the_default_controller_limiter_has_both_an_item_and_an_overall_limit() -> None:
    limiter = default_controller_rate_limiter(clock=FakeClock())
    assert limiter.when("a") == 0.005
    assert limiter.when("a") == 0.010
    for n in range(98):
        limiter.when(n)
    assert limiter.when("b") == pytest.approx(0.1)  # the bucket of 100 is empty


def test_WQ_09_the_default_item_limiter_begins_at_a_millisecond() -> None:
    limiter = default_item_based_rate_limiter()
    assert [limiter.when("a"), limiter.when("a")] == [0.001, 0.002]
