"""A delaying queue that knows how long a failing item has to wait.

Source: k8s.io/client-go/util/workqueue/rate_limiting_queue.go.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

from kmagic.api.clock import Clock
from kmagic.controller.delaying_queue import DelayingQueue
from kmagic.controller.metrics import MetricsProvider
from kmagic.controller.rate_limiters import RateLimiter, default_controller_rate_limiter
from kmagic.controller.workqueue import QueueOrder

__all__ = ("RateLimitingQueue",)

T = TypeVar("T", bound=Hashable)


class RateLimitingQueue(DelayingQueue[T]):
    """A `DelayingQueue` with `add_rate_limited` and `forget`.

    Args:
        rate_limiter: Says how long an item waits; `default_controller_rate_limiter` unless given.
        name: The label of its metrics; "" means no metrics.
        metrics: Receiver of the queue's metrics.
        clock: Gives the time, in seconds.
        order: Order of the items; first come, first served unless given.
    """

    def __init__(
        self,
        rate_limiter: RateLimiter[T] | None = None,
        *,
        name: str = "",
        metrics: MetricsProvider | None = None,
        clock: Clock | None = None,
        order: QueueOrder[T] | None = None,
    ) -> None:
        super().__init__(name=name, metrics=metrics, clock=clock, order=order)
        self._limiter: RateLimiter[T] = rate_limiter or default_controller_rate_limiter(clock=self._clock)

    def add_rate_limited(self, item: T) -> None:
        """Adds the item when the limiter says it may come; each call counts as a failure of the item."""
        self.add_after(item, self._limiter.when(item))

    def forget(self, item: T) -> None:
        """The item succeeded or is given up: its failures count no more. It still needs `done`."""
        self._limiter.forget(item)

    def num_requeues(self, item: T) -> int:
        """Returns the number of `add_rate_limited` calls for an item since it was last forgotten."""
        return self._limiter.num_requeues(item)
