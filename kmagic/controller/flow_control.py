"""Token buckets and back-off per name, for code that limits itself. Times are seconds.

Source: k8s.io/client-go/util/flowcontrol/{backoff,throttle}.go.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from kmagic import errors
from kmagic.api.clock import Clock
from kmagic.errors import ArgumentError
from kmagic.rest.throttle import Limiter
from kmagic.transport.clock import SystemClock

__all__ = ("Backoff", "TokenBucketRateLimiter")


@dataclass(slots=True)
class _Entry:
    delay: float
    updated: float


class Backoff:
    """A doubling delay for each of many names, forgotten when a name was quiet for twice the maximum.

    Args:
        initial: Seconds of the first delay.
        maximum: Seconds of the longest delay.
        clock: Gives the time; the `at` of all methods is its ``now()``.
        jitter_factor: Up to this fraction of the previous delay is added.
        rng: Random numbers in [0, 1).
        has_expired: ``(at, updated, maximum) -> bool`` instead of the rule of twice the maximum.
    """

    def __init__(
        self,
        initial: float,
        maximum: float,
        *,
        clock: Clock | None = None,
        jitter_factor: float = 0.0,
        rng: Callable[[], float] = random.random,
        has_expired: Callable[[float, float, float], bool] | None = None,
    ) -> None:
        self._initial = initial
        self._maximum = maximum
        self._clock: Clock = clock or SystemClock()
        self._jitter_factor = jitter_factor
        self._rng = rng
        self._has_expired = has_expired or _quiet_for_twice_the_maximum
        self._entries: dict[str, _Entry] = {}

    def get(self, name: str) -> float:
        """The name's present delay; 0 if it has none."""
        entry = self._entries.get(name)
        return entry.delay if entry else 0.0

    def next(self, name: str, at: float) -> None:
        """The name failed at this time: its delay doubles, or begins."""
        entry = self._live(name, at)
        if entry is None:
            delay = self._initial + self._jitter(self._initial)
        else:
            delay = min(2 * entry.delay + self._jitter(entry.delay), self._maximum)
        self._entries[name] = _Entry(delay, self._clock.now())

    def reset(self, name: str) -> None:
        """The name succeeded."""
        self._entries.pop(name, None)

    delete_entry = reset

    def is_in_backoff_since(self, name: str, at: float) -> bool:
        """Returns whether less than the delay has passed since this time."""
        entry = self._live(name, at)
        return entry is not None and self._clock.now() - at < entry.delay

    def is_in_backoff_since_update(self, name: str, at: float) -> bool:
        """Returns whether this time is less than the delay after the last `next`."""
        entry = self._live(name, at)
        return entry is not None and at - entry.updated < entry.delay

    def gc(self) -> None:
        """Forgets the names that were quiet for long enough."""
        now = self._clock.now()
        self._entries = {
            name: entry
            for name, entry in self._entries.items()
            if not self._has_expired(now, entry.updated, self._maximum)
        }

    def __len__(self) -> int:
        return len(self._entries)

    def _live(self, name: str, at: float) -> _Entry | None:
        entry = self._entries.get(name)
        return None if entry is None or self._has_expired(at, entry.updated, self._maximum) else entry

    def _jitter(self, delay: float) -> float:
        return self._rng() * self._jitter_factor * delay if self._jitter_factor else 0.0


def _quiet_for_twice_the_maximum(at: float, updated: float, maximum: float) -> bool:
    return at - updated > 2 * maximum


class TokenBucketRateLimiter:
    """Lets `qps` through a second and `burst` at once.

    Args:
        qps: A second, more than 0.
        burst: At once after a pause, at least 1.
        clock: Gives the time and sleeps.
    """

    def __init__(self, qps: float, burst: int, *, clock: Clock | None = None) -> None:
        if qps <= 0 or burst < 1:
            raise ArgumentError(f"a token bucket needs qps > 0 and burst >= 1, not {qps} and {burst}")
        self._qps = qps
        self._bucket = Limiter(qps, burst)
        self._clock: Clock = clock or SystemClock()

    @property
    def qps(self) -> float:
        """Tokens a second."""
        return self._qps

    def try_accept(self) -> bool:
        """Takes a token if there is one now."""
        return self._bucket.take(self._clock.now())

    async def accept(self) -> None:
        """Takes a token and waits until it is there."""
        await self.wait()

    async def wait(self, timeout: float | None = None) -> None:
        """Takes a token and waits until it is there.

        Raises:
            kmagic.errors.TimeoutError: It would come only after `timeout` seconds; raised at once, and no token is taken.
        """
        delay = self._bucket.reserve(self._clock.now())
        if timeout is not None and delay > timeout:
            self._bucket.give_back()
            raise errors.TimeoutError(
                f"the rate limiter's next token comes in {delay:.3g} s, after the timeout of {timeout} s"
            )
        try:
            await self._clock.sleep(delay)
        except BaseException:
            self._bucket.give_back()  # cancelled: the token goes to someone else
            raise
