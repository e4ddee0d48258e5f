"""Delays between tries: longer each time, with jitter.

Source: k8s.io/apimachinery/pkg/util/wait/backoff.go
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import msgspec

__all__ = ("Backoff", "Delay")


class Backoff(msgspec.Struct, frozen=True):
    """Growing delays.

    Attributes:
        steps: Number of delays, and so of tries; None for no end.
        seconds: Seconds of the first delay.
        factor: Each delay is this many times the one before.
        jitter: Up to this share is added to each delay, but does not grow with it; spreads clients that failed together.
        cap: No delay grows beyond this before jitter, in seconds; None for no cap.
    """

    steps: int | None
    seconds: float
    factor: float = 1.0
    jitter: float = 0.0
    cap: float | None = None

    def delays(self, rng: Callable[[], float]) -> Iterator[float]:
        """The delays in seconds; `rng` gives numbers in [0, 1)."""
        delay = self.seconds
        for _ in itertools.count() if self.steps is None else range(self.steps):
            yield delay + rng() * self.jitter * delay
            delay *= self.factor
            if self.cap is not None and delay > self.cap:
                delay = self.cap


class Delay:
    """The delays of a back-off one by one; after a quiet time they start from the first again.

    Args:
        backoff: The delays.
        reset_after: Seconds without a delay after which the sequence restarts.
    """

    def __init__(self, backoff: Backoff, reset_after: float) -> None:
        self._backoff = backoff
        self._reset_after = reset_after
        self._random: Callable[[], float] = float
        self._delays = self._begin()
        self._last: float | None = None

    def next(self, now: float, random: Callable[[], float]) -> float:
        """The delay before the next try, in seconds.

        Args:
            now: Monotonic seconds.
            random: Gives a number in [0, 1).
        """
        if self._last is not None and now - self._last > self._reset_after:
            self.reset()
        self._last = now
        self._random = random
        return next(self._delays)

    def reset(self) -> None:
        """Begins with the shortest delay again."""
        self._delays = self._begin()

    def _begin(self) -> Iterator[float]:
        endless = msgspec.structs.replace(self._backoff, steps=None)
        return endless.delays(lambda: self._random())
