"""How long to wait before the next try: longer each time, with jitter, short again after a quiet while.

Source: k8s.io/apimachinery/pkg/util/wait/backoff.go, k8s.io/client-go/tools/cache/reflector.go (its figures)
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ("Backoff",)


class Backoff:
    """A growing delay.

    Args:
        initial: The first delay in seconds.
        cap: The longest delay before jitter.
        factor: By how much each delay is longer than the last.
        jitter: Up to this share is added: 1.0 doubles at most. Spreads clients that failed together.
        reset_after: After this many seconds without a delay they begin anew.
    """

    def __init__(
        self,
        initial: float = 0.8,
        cap: float = 30.0,
        factor: float = 2.0,
        jitter: float = 1.0,
        reset_after: float = 120.0,
    ) -> None:
        self._initial = initial
        self._cap = cap
        self._factor = factor
        self._jitter = jitter
        self._reset_after = reset_after
        self._delay = initial
        self._last: float | None = None

    def next(self, now: float, random: Callable[[], float]) -> float:
        """The delay before the next try.

        Args:
            now: Monotonic seconds.
            random: Gives a number in [0, 1).
        """
        if self._last is not None and now - self._last > self._reset_after:
            self.reset()
        self._last = now
        delay = self._delay
        self._delay = min(self._delay * self._factor, self._cap)
        return delay * (1.0 + random() * self._jitter)

    def reset(self) -> None:
        """Begin with the shortest delay again."""
        self._delay = self._initial
