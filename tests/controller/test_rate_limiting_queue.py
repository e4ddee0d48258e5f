"""The rate limiting queue: a limiter and a delaying queue, no more."""

from __future__ import annotations

from kmagic.controller.rate_limiters import ItemExponentialFailureRateLimiter
from kmagic.controller.rate_limiting_queue import RateLimitingQueue
from kmagic.testing.clock import FakeClock


async def test_WQ_08_A23_failures_wait_longer_until_they_are_forgotten() -> None:
    clock = FakeClock()
    queue = RateLimitingQueue[str](ItemExponentialFailureRateLimiter(0.001, 1.0), clock=clock)
    queue.add_rate_limited("one")
    clock.advance(0.001)
    assert await queue.get() == ("one", False)
    queue.done("one")
    queue.add_rate_limited("one")
    clock.advance(0.0015)
    assert queue.len() == 0
    clock.advance(0.0006)
    assert queue.len() == 1
    assert queue.num_requeues("one") == 2
    queue.add_rate_limited("two")
    assert queue.num_requeues("two") == 1

    queue.forget("one")
    assert queue.num_requeues("one") == 0
    assert queue.len() == 1, "forget does not take the item out"


async def test_WQ_11_the_default_limiter_runs_on_the_queues_clock() -> None:
    clock = FakeClock()
    queue = RateLimitingQueue[str](clock=clock)
    queue.add_rate_limited("one")
    clock.advance(0.005)
    assert queue.len() == 1
