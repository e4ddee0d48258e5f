"""A token bucket as arithmetic: when may the next request go?

Source: k8s.io/client-go/util/flowcontrol/throttle.go (golang.org/x/time/rate).
"""

from __future__ import annotations

from kmagic.errors import ArgumentError

__all__ = ("Limiter",)


class Limiter:
    """Lets `qps` requests a second pass and `burst` at once. Holds no clock; callers say what time it is.

    Args:
        qps: Requests a second, more than 0.
        burst: Requests that may go at once after a pause, at least 1.
    """

    def __init__(self, qps: float = 5.0, burst: int = 10) -> None:
        if qps <= 0 or burst < 1:
            raise ArgumentError("burst is required to be greater than 0 when QPS is set to greater than 0")
        self._qps = qps
        self._burst = burst
        self._tokens = float(burst)
        self._at: float | None = None

    def reserve(self, now: float) -> float:
        """Takes one token, in advance if need be, and returns the seconds to wait before using it.

        Args:
            now: Present time, monotonic seconds.
        """
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._qps)
        self._at = now if self._at is None else max(now, self._at)
        self._tokens -= 1.0
        return 0.0 if self._tokens >= 0 else -self._tokens / self._qps

    def take(self, now: float) -> bool:
        """Takes a token if there is one now; False leaves the bucket as it is.

        Args:
            now: Present time, monotonic seconds.
        """
        wait = self.reserve(now)
        if wait > 0:
            self.give_back()
        return wait <= 0

    def give_back(self) -> None:
        """Returns a token that was taken and not used."""
        self._tokens = min(self._burst, self._tokens + 1.0)
