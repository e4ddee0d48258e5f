"""The time at which the running cell was sent, by this machine's clock.

A front-end dates the requests it sends by a clock of its own, which may be wrong. What is known for sure is that a
cell begins after it was sent; the shortest time between the two that was ever seen bounds the clocks' difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ("Cells",)


class Cells:
    """The cells of one notebook, as they begin and end.

    Args:
        now: This machine's clock, in seconds.
        loaded: Time at which the extension began to load.
        dated: Time at which the cell that loads it was sent, by the front-end's clock; None where it gives none.
    """

    def __init__(self, now: Callable[[], float], loaded: float | None = None, dated: float | None = None) -> None:
        self.now = now
        # What runs before the first cell ends is the cell that loads the extension, sent before this.
        self._loading: float | None = now() if loaded is None else loaded
        self._difference = math.inf if dated is None else self._loading - dated
        self._running: list[float] = []

    def begin(self, dated: float | None = None) -> None:
        """A cell begins.

        Args:
            dated: Time at which it was sent, by the front-end's clock; None where it gives none.
        """
        began = self.now()
        sent = began
        if dated is not None:
            self._difference = min(self._difference, began - dated)
            sent = dated + self._difference
        # A cell that runs inside another one was sent with it.
        self._running.append(min([sent, *self._running]))

    def end(self) -> None:
        """The cell that began last ends."""
        self._loading = None
        if self._running:
            self._running.pop()

    @property
    def sent(self) -> float:
        """The time at which the running code was sent; between cells a click has just been made."""
        if self._running:
            return self._running[-1]
        return self.now() if self._loading is None else self._loading
