"""Time as an argument: what reads a clock or sleeps takes one of these, so tests decide what time it is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

__all__ = ("Clock",)


class Clock(Protocol):
    """A source of time."""

    def now(self) -> float:
        """Monotonic seconds; only differences mean something."""
        ...

    def wall(self) -> datetime:
        """The time of day, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after this many seconds; cancellable."""
        ...
