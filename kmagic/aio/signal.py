"""A signal that renews itself, for "look again" between tasks of one event loop."""

from __future__ import annotations

import anyio
import anyio.lowlevel

__all__ = ("Signal",)


class Signal:
    """Wakes whoever waits, again and again.

    A notification that finds no waiter is kept for the next one, so it cannot get lost between looking and waiting.
    Waiters look for themselves whether what they wait for has come, since a kept notification may be an old one:

    ```python
    while not queue:
        await news.wait()
    ```

    It belongs to no event loop before the first wait.
    """

    def __init__(self) -> None:
        self._event: anyio.Event | None = None
        self._kept = False

    def __repr__(self) -> str:
        state = "waited for" if self._event is not None else "notified" if self._kept else "quiet"
        return f"<Signal, {state}>"

    def notify(self) -> None:
        """Wakes all who wait now; without any, the next `wait` returns at once."""
        event, self._event = self._event, None
        if event is not None:
            event.set()
        else:
            self._kept = True

    async def wait(self) -> None:
        """Returns at the next notification, or at once for one that no wait has received yet."""
        if self._kept:
            self._kept = False
            await anyio.lowlevel.checkpoint()
            return
        if self._event is None:
            self._event = anyio.Event()
        event = self._event
        try:
            await event.wait()
        except BaseException:
            # The last waiter gave up: what comes after is for the next one.
            if self._event is event and not event.statistics().tasks_waiting:
                self._event = None
            raise
