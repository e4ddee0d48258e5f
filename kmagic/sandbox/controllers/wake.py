"""A wake-up call between a writer and one waiter."""

from __future__ import annotations

import anyio

__all__ = ("Wake",)


class Wake:
    """An event that is reset by waiting for it."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    def set(self) -> None:
        """Wake the waiter, or the next one."""
        self._event.set()

    async def wait(self) -> None:
        """Wait until it was set since the last wait."""
        await self._event.wait()
        self._event = anyio.Event()
