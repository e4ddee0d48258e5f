"""Back-off per name and the token bucket."""

from __future__ import annotations

import anyio
import pytest

from kmagic import errors
from kmagic.controller.flow_control import Backoff, TokenBucketRateLimiter
from kmagic.testing.clock import FakeClock


def test_WQ_15_the_delay_doubles_up_to_the_maximum_and_begins_again_after_a_quiet_time() -> None:
    clock = FakeClock()
    backoff = Backoff(1, 50, clock=clock)
    delays = []
    for _ in range(8):
        backoff.next("x", clock.now())
        delays.append(backoff.get("x"))
        clock.advance(5)
    assert delays == [1, 2, 4, 8, 16, 32, 50, 50]
    clock.advance(96)  # 101 s after the last: more than twice the maximum
    backoff.next("x", clock.now())
    assert backoff.get("x") == 1
    backoff.reset("x")
    assert backoff.get("x") == 0


def test_WQ_15_in_back_off_since_an_event() -> None:
    clock = FakeClock()
    backoff = Backoff(1, 10, clock=clock)
    event = clock.now()
    assert not backoff.is_in_backoff_since("x", event)
    backoff.next("x", event)
    backoff.next("x", event)  # 2 s
    clock.advance(1.9)
    assert backoff.is_in_backoff_since("x", event)
    clock.advance(0.1)
    assert not backoff.is_in_backoff_since("x", event)
    assert not backoff.is_in_backoff_since("x", event + 21), "an entry that expired by then"


def test_WQ_15_in_back_off_since_the_update() -> None:
    clock = FakeClock()
    backoff = Backoff(4, 10, clock=clock)
    assert not backoff.is_in_backoff_since_update("x", clock.now())
    backoff.next("x", clock.now())
    assert backoff.is_in_backoff_since_update("x", clock.now() + 3.9)
    assert not backoff.is_in_backoff_since_update("x", clock.now() + 4)


def test_WQ_15_jitter_is_added_to_the_previous_delay() -> None:
    backoff = Backoff(1, 100, clock=FakeClock(), jitter_factor=0.5, rng=lambda: 0.5)
    delays = []
    for _ in range(3):
        backoff.next("x", 1000.0)
        delays.append(backoff.get("x"))
    assert delays == [1.25, 2.8125, 6.328125]


def test_WQ_15_garbage_collection_drops_what_expired_and_the_rule_can_be_replaced() -> None:
    clock = FakeClock()
    backoff = Backoff(1, 10, clock=clock)
    backoff.next("old", clock.now())
    clock.advance(15)
    backoff.next("new", clock.now())
    clock.advance(6)
    backoff.gc()
    assert len(backoff) == 1
    assert backoff.get("new") == 1

    eager = Backoff(1, 10, clock=clock, has_expired=lambda at, updated, maximum: at - updated >= 2)
    eager.next("x", clock.now())
    clock.advance(2)
    eager.next("x", clock.now())
    assert eager.get("x") == 1


async def test_WQ_16_the_bucket_gives_a_burst_then_its_rate() -> None:
    clock = FakeClock()
    bucket = TokenBucketRateLimiter(2, 3, clock=clock)
    assert bucket.qps == 2
    assert [bucket.try_accept() for _ in range(4)] == [True, True, True, False]
    clock.advance(0.5)
    assert [bucket.try_accept() for _ in range(2)] == [True, False]


async def test_WQ_16_accept_waits_and_wait_fails_at_once_when_the_deadline_is_too_near() -> None:
    clock = FakeClock()
    bucket = TokenBucketRateLimiter(1, 1, clock=clock)
    await bucket.accept()
    with pytest.raises(errors.TimeoutError, match=r"comes in 1 s, after the timeout of 0.5 s"):
        await bucket.wait(timeout=0.5)
    done = anyio.Event()

    async def accept() -> None:
        await bucket.accept()
        done.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(accept)
        await clock.elapse(0.9)
        assert not done.is_set()
        await clock.elapse(0.2)
        assert done.is_set()


async def test_WQ_16_CC_02_a_cancelled_wait_gives_its_token_back() -> None:
    clock = FakeClock()
    bucket = TokenBucketRateLimiter(1, 1, clock=clock)
    await bucket.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bucket.accept)
        await clock.settle()
        tasks.cancel_scope.cancel()
    clock.advance(1)
    assert bucket.try_accept()


def test_a_bucket_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(ValueError, match="qps > 0"):
        TokenBucketRateLimiter(0, 1)
