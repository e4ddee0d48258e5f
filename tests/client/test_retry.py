from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kmagic.client.retry import DEFAULT_BACKOFF, DEFAULT_RETRY, Backoff, on_error, retry_on_conflict
from kmagic.errors import ConflictError, KubeError, NotFoundError
from tests.transport.servers import InstantClock


def failing(times: int, error: KubeError) -> Callable[..., Any]:
    calls = []

    async def work() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    work.calls = calls
    return work


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [
        pytest.param(DEFAULT_RETRY, [0.010] * 5, id="MI-02 default retry"),
        pytest.param(DEFAULT_BACKOFF, [0.010, 0.050, 0.250, 1.250], id="MI-02 default backoff"),
        pytest.param(Backoff(4, 1.0, factor=3.0, cap=5.0), [1.0, 3.0, 5.0, 5.0], id="MI-03 cap"),
    ],
)
def test_delays(backoff: Backoff, delays: list[float]) -> None:
    assert list(backoff.delays(lambda: 0.0)) == pytest.approx(delays)


def test_MI_03_jitter_adds_and_does_not_grow() -> None:
    assert list(Backoff(3, 1.0, factor=2.0, jitter=0.5).delays(lambda: 1.0)) == [1.5, 3.0, 6.0]


async def test_MI_02_a_conflict_is_retried() -> None:
    clock, work = InstantClock(), failing(2, ConflictError("x"))
    assert await retry_on_conflict(work, clock=clock, rng=lambda: 0.0) == "done"
    assert clock.slept == pytest.approx([0.01, 0.01])


async def test_MI_02_the_last_conflict_is_raised() -> None:
    work = failing(99, ConflictError("x"))
    with pytest.raises(ConflictError):
        await retry_on_conflict(work, clock=InstantClock())
    assert len(work.calls) == 5


async def test_MI_02_another_error_is_raised_at_once() -> None:
    work = failing(1, NotFoundError("x"))
    with pytest.raises(NotFoundError):
        await retry_on_conflict(work, clock=InstantClock())
    assert len(work.calls) == 1


async def test_MI_02_on_error_asks_what_is_retriable() -> None:
    work = failing(1, NotFoundError("x"))
    assert await on_error(work, lambda error: isinstance(error, NotFoundError), clock=InstantClock()) == "done"
