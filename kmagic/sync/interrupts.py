"""Interrupts (Ctrl-C, the kernel's ■) of blocking code, none of them lost and none tearing what is half done.

Python raises KeyboardInterrupt wherever its main thread is at that moment. In a weak reference's callback or a
destructor, and every import runs some, the exception is reported and thrown away, and what was waited for goes on;
between the making of a coroutine and its start it leaves one that was never awaited. Here a handler of our own
remembers that an interrupt came: a wait is cancelled, and short work is finished first, until the next wait or the
end of the block. Only what works on for longer is torn.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import TypeVar

__all__ = ("Interrupts", "wait")

T = TypeVar("T")

_QUICK_SECONDS = 0.05
# How long work goes on that an interrupt has found; people feel that as at once.
_PATIENCE_SECONDS = 0.2


class Interrupts:
    """A block of the main thread whose interrupts are remembered until they are raised.

    A block within a block joins the outer one. On other threads, and where the program has a SIGINT handler of its
    own (as asyncio's Runner has), nothing is changed.
    """

    def __init__(self) -> None:
        self._installed = False
        self._pending = False
        self._instead: Callable[[], object] | None = None
        self._lock = threading.Lock()
        self._reminded = False

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
            with self._lock:  # no reminder comes after this
                self._installed, _active = False, None
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if error is None or isinstance(error, Exception):
                self.check()

    def check(self) -> None:
        """Raises KeyboardInterrupt where an interrupt came and was not raised."""
        if self._is_due():
            self._raise()

    def taken(self) -> None:
        """Forgets an interrupt that the caller has caught and answered."""
        self._pending = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block that an interrupt does not tear, however long it is; a second one does."""
        self.check()
        before, self._instead = self._instead, _later
        try:
            yield
        finally:
            self._instead = before
        self.check()

    def _wait(self, future: Future[T], begin: Callable[[], object], end: Callable[[], object], grace: float) -> T:
        before, self._instead = self._instead, _later
        try:
            begin()
            self._instead = end
            if self._is_due():  # one from before, that was held or that a callback threw away
                end()
            return future.result()
        except BaseException as error:
            _see_off(future, end, grace)
            if self._pending and isinstance(error, CancelledError):
                self._raise()
            raise
        finally:
            self._instead = before

    def _is_due(self) -> bool:
        # Not while the interrupt itself is on its way out: what is waited for then is the clean-up.
        return self._pending and not _is_leaving(sys.exc_info()[1])

    def _raise(self) -> None:
        self._pending = False
        raise KeyboardInterrupt from None

    def _came(self, number: int, frame: FrameType | None) -> None:
        if self._reminded:
            self._reminded = False
            if self._installed and self._pending and self._instead is None:
                raise KeyboardInterrupt
            return
        again, self._pending = self._pending, True
        if again:
            raise KeyboardInterrupt
        if self._instead is not None:
            self._instead()
            return
        # Not a Timer: the start of one takes a lock that the main thread may hold right now.
        _thread.start_new_thread(self._remind, ())

    def _remind(self) -> None:
        time.sleep(_PATIENCE_SECONDS)
        with self._lock:
            if self._installed and self._pending:
                self._reminded = True
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def wait(future: Future[T], begin: Callable[[], object], end: Callable[[], object], grace: float) -> T:
    """Returns a future's result; an interrupt ends what it is the result of.

    Args:
        future: It is not cancelled from here: to wake its waiter from a signal's handler can come too early.
        begin: Starts what is waited for; within `Interrupts`, no interrupt tears it.
        end: Asks it to end, from a signal's handler or after an interrupt, begun or not.
        grace: Seconds that it has to end, so that a request is over when the prompt comes back.

    Raises:
        KeyboardInterrupt: An interrupt came.
        concurrent.futures.CancelledError: Something else cancelled it.
    """
    if _active is not None:
        with Interrupts() as interrupts:
            return interrupts._wait(future, begin, end, grace)
    try:
        begin()
        # To set a handler takes longer than many an answer does.
        with suppress(TimeoutError):  # one of the future's own comes again below
            return future.result(_QUICK_SECONDS)
        with Interrupts() as interrupts:
            return interrupts._wait(future, _later, end, grace)
    except BaseException:
        _see_off(future, end, grace)
        raise


def _see_off(future: Future[T], end: Callable[[], object], grace: float) -> None:
    if not future.done():
        end()
        futures.wait([future], grace)


def _is_leaving(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, KeyboardInterrupt | GeneratorExit):
        error = error.__context__
    return error is not None


def _later() -> None:
    """Does nothing at once about an interrupt that is held."""


# The block that the main thread is in.
_active: Interrupts | None = None
