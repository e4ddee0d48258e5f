"""Interrupts (Ctrl-C, the kernel's ■) of blocking code, none of them lost.

Python raises KeyboardInterrupt wherever its main thread is at that moment. In a weak reference's callback or a
destructor, and every import runs some, the exception is reported and thrown away, and what was waited for goes on.
Here a handler of our own remembers that an interrupt came: a wait is cancelled instead of torn, an import is
finished first, and what was thrown away is raised at the next wait or at the end of the block.
"""

from __future__ import annotations

import concurrent.futures
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TypeVar

__all__ = ("Interrupts",)

T = TypeVar("T")


class Interrupts:
    """A block of the main thread whose interrupts are remembered until they are raised.

    A block within a block joins the outer one. On other threads, and where the program has a SIGINT handler of its
    own (as asyncio's Runner has), nothing is changed.
    """

    def __init__(self) -> None:
        self._installed = False
        self._pending = False
        self._instead: Callable[[], object] | None = None

    def __enter__(self) -> Interrupts:
        global _active
        if threading.current_thread() is not threading.main_thread():
            return self
        if _active is not None:
            return _active
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._came)
            self._installed, _active = True, self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _active
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._installed, _active = False, None
            if error is None:
                self.check()

    def check(self) -> None:
        """Raises KeyboardInterrupt where an interrupt came and was thrown away.

        Not while an exception is handled: it may be the interrupt's own, and what is done then is the clean-up.
        """
        if self._pending and sys.exc_info()[1] is None:
            self._raise()

    def taken(self) -> None:
        """Forgets an interrupt that the caller has caught and answered."""
        self._pending = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block that an interrupt does not tear: it is raised at the end. A second one is raised at once."""
        self.check()
        before, self._instead = self._instead, _later
        try:
            yield
        finally:
            self._instead = before
        self.check()

    def wait(self, begin: Callable[[], concurrent.futures.Future[T]], grace: float) -> T:
        """Returns a future's result; an interrupt cancels the future.

        Args:
            begin: Starts what is waited for; an interrupt does not tear it.
            grace: Seconds that a cancelled one has to end, so that a request is over when the prompt comes back.

        Raises:
            KeyboardInterrupt: An interrupt came.
        """
        before, self._instead = self._instead, _later
        try:
            future = begin()
            self._instead = future.cancel
            try:
                self.check()  # one from before, that was held or that a callback threw away
                return future.result()
            except BaseException as error:
                # An interrupt of another handler was raised right here; one of ours shows as a cancelled future.
                if future.cancel():
                    concurrent.futures.wait([future], grace)
                if self._pending and isinstance(error, concurrent.futures.CancelledError):
                    self._raise()
                raise
        finally:
            self._instead = before

    def _raise(self) -> None:
        self._pending = False
        raise KeyboardInterrupt from None

    def _came(self, number: int, frame: FrameType | None) -> None:
        again, self._pending = self._pending, True
        if again or self._instead is None:
            raise KeyboardInterrupt
        self._instead()


def _later() -> None:
    """Does nothing at once about an interrupt that is held."""


# The block that the main thread is in.
_active: Interrupts | None = None
