"""The delays before an item that failed is tried again. Times are seconds.

Source: k8s.io/client-go/util/workqueue/default_rate_limiters.go.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

from kmagic.api.clock import Clock
from kmagic.rest.throttle import Limiter
from kmagic.transport.clock import SystemClock

__all__ = (
    "BucketRateLimiter",
    "ItemExponentialFailureRateLimiter",
    "ItemFastSlowRateLimiter",
    "MaxOfRateLimiter",
    "RateLimiter",
    "WithMaxWaitRateLimiter",
    "default_controller_rate_limiter",
    "default_item_based_rate_limiter",
)

T = TypeVar("T", bound=Hashable)
T_contra = TypeVar("T_contra", bound=Hashable, contravariant=True)


class RateLimiter(Protocol[T_contra]):
    """Decides how long an item waits."""

    def when(self, item: T_contra) -> float:
        """Counts one more failure of the item and returns the seconds it has to wait."""
        ...

    def forget(self, item: T_contra) -> None:
        """The item is no longer failing."""
        ...

    def num_requeues(self, item: T_contra) -> int:
        """Returns the number of failures the item has had."""
        ...


class _Failures(Generic[T]):
    """Counts the failures of items."""

    def __init__(self) -> None:
        self._failures: dict[T, int] = {}

    def forget(self, item: T) -> None:
        """The item is no longer failing."""
        self._failures.pop(item, None)

    def num_requeues(self, item: T) -> int:
        """Returns the number of failures the item has had."""
        return self._failures.get(item, 0)

    def _count(self, item: T) -> int:
        """Counts one and returns how many there were before."""
        before = self._failures.get(item, 0)
        self._failures[item] = before + 1
        return before


class ItemExponentialFailureRateLimiter(_Failures[T]):
    """Doubles an item's wait with each failure: base, 2*base, 4*base, ... up to a maximum.

    Args:
        base_delay: Seconds after the first failure.
        max_delay: Seconds of the longest delay.
    """

    def __init__(self, base_delay: float = 0.005, max_delay: float = 1000.0) -> None:
        super().__init__()
        self._base = base_delay
        self._max = max_delay

    def when(self, item: T) -> float:
        """Counts one more failure of the item and returns the seconds it has to wait."""
        failures = self._count(item)
        # 2**1000 is beyond any maximum and the last power of two a float can be multiplied with.
        return min(self._base * 2.0 ** min(failures, 1000), self._max)


class ItemFastSlowRateLimiter(_Failures[T]):
    """Some quick tries, then slow ones.

    Args:
        fast_delay: Seconds after each of the first failures.
        slow_delay: Seconds after each later one.
        max_fast_attempts: Number of failures that are followed by the fast delay.
    """

    def __init__(self, fast_delay: float, slow_delay: float, max_fast_attempts: int) -> None:
        super().__init__()
        self._fast = fast_delay
        self._slow = slow_delay
        self._attempts = max_fast_attempts

    def when(self, item: T) -> float:
        """Counts one more failure of the item and returns the seconds it has to wait."""
        return self._fast if self._count(item) < self._attempts else self._slow


class BucketRateLimiter(Generic[T]):
    """Limits all items together: `qps` a second, `burst` at once. Knows no single item.

    Args:
        qps: Items a second.
        burst: Items at once after a pause.
        clock: Gives the time, in seconds.
    """

    def __init__(self, qps: float = 10.0, burst: int = 100, *, clock: Clock | None = None) -> None:
        self._bucket = Limiter(qps, burst)
        self._clock: Clock = clock or SystemClock()

    def when(self, item: T) -> float:
        """Takes a token, from the future if need be, and returns the seconds until it is there."""
        return self._bucket.reserve(self._clock.now())

    def forget(self, item: T) -> None:
        """Does nothing: tokens are not the item's."""

    def num_requeues(self, item: T) -> int:
        """Always 0."""
        return 0


class MaxOfRateLimiter(Generic[T]):
    """The strictest of several limiters; every one of them counts."""

    def __init__(self, *limiters: RateLimiter[T]) -> None:
        self._limiters = limiters

    def when(self, item: T) -> float:
        """The longest of their waits, in seconds."""
        return max((limiter.when(item) for limiter in self._limiters), default=0.0)

    def forget(self, item: T) -> None:
        """All of them forget the item."""
        for limiter in self._limiters:
            limiter.forget(item)

    def num_requeues(self, item: T) -> int:
        """The highest of their counts."""
        return max((limiter.num_requeues(item) for limiter in self._limiters), default=0)


class WithMaxWaitRateLimiter(Generic[T]):
    """Another limiter's waits, none longer than `max_delay` seconds."""

    def __init__(self, limiter: RateLimiter[T], max_delay: float) -> None:
        self._limiter = limiter
        self._max = max_delay

    def when(self, item: T) -> float:
        """The inner limiter's wait, capped."""
        return min(self._limiter.when(item), self._max)

    def forget(self, item: T) -> None:
        """The item is no longer failing."""
        self._limiter.forget(item)

    def num_requeues(self, item: T) -> int:
        """Returns the number of failures the item has had."""
        return self._limiter.num_requeues(item)


def default_controller_rate_limiter(
    *, qps: float = 10.0, burst: int = 100, clock: Clock | None = None
) -> MaxOfRateLimiter[Hashable]:
    """Per item 5 ms doubling up to 1000 s, and over all items 10 a second with bursts of 100."""
    return MaxOfRateLimiter(
        ItemExponentialFailureRateLimiter(0.005, 1000.0), BucketRateLimiter(qps, burst, clock=clock)
    )


def default_item_based_rate_limiter() -> ItemExponentialFailureRateLimiter[Hashable]:
    """Per item 1 ms doubling up to 1000 s; no limit over all."""
    return ItemExponentialFailureRateLimiter(0.001, 1000.0)
