"""Interrupts (Ctrl-C, the kernel's ■) of blocking code, none of them lost.

Python raises KeyboardInterrupt wherever its main thread is at that moment. In a weak reference's callback or a
destructor, and every import runs some, the exception is reported and thrown away, and what was waited for goes on.
Here a handler of our own remembers that an interrupt came: a wait is cancelled instead of torn, an import is
finished first, and what was thrown away is raised at the next wait or at the end of the block.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import TypeVar

__all__ = ("Interrupts", "wait")

T = TypeVar("T")

_QUICK_SECONDS = 0.05
# Functions that weak references call: those of the standard library run with every import and every ended task.
_CALLBACKS = frozenset({("weakref", "remove"), ("_weakrefset", "_remove"), ("importlib._bootstrap", "cb")})


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
        """Raises KeyboardInterrupt where an interrupt came and was thrown away."""
        if self._is_due():
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

    def _wait(self, begin: Callable[[], Future[T]], grace: float) -> T:
        before, self._instead = self._instead, _later
        try:
            future = begin()
            self._instead = future.cancel
            if self._is_due():  # one from before, that was held or that a callback threw away
                future.cancel()
            return _result(future, grace)
        except CancelledError:
            if self._pending:
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
        again, self._pending = self._pending, True
        if self._instead is not None and not again:
            self._instead()
        elif not _is_thrown_away(frame):
            raise KeyboardInterrupt


def wait(begin: Callable[[], Future[T]], grace: float) -> T:
    """Returns a future's result; an interrupt cancels the future.

    Args:
        begin: Starts what is waited for; within `Interrupts`, no interrupt tears it.
        grace: Seconds that a cancelled future has to end, so that a request is over when the prompt comes back.

    Raises:
        KeyboardInterrupt: An interrupt came.
        concurrent.futures.CancelledError: Something else cancelled the future.
    """
    if _active is not None:
        with Interrupts() as interrupts:
            return interrupts._wait(begin, grace)
    future = begin()
    # To set a handler takes longer than many an answer does.
    with suppress(TimeoutError):  # one of the future's own comes again below
        return _result(future, grace, _QUICK_SECONDS)
    try:
        with Interrupts() as interrupts:
            return interrupts._wait(lambda: future, grace)
    except BaseException:
        _end(future, grace)
        raise


def _result(future: Future[T], grace: float, timeout: float | None = None) -> T:
    try:
        return future.result(timeout)
    except TimeoutError:
        raise
    except BaseException:
        # Of an interrupt that was raised right here, or that has cancelled the future already.
        _end(future, grace)
        raise


def _end(future: Future[T], grace: float) -> None:
    if future.cancel():
        futures.wait([future], grace)


def _is_leaving(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, KeyboardInterrupt | GeneratorExit):
        error = error.__context__
    return error is not None


def _is_thrown_away(frame: FrameType | None) -> bool:
    """Returns whether Python would report an exception raised here and go on."""
    while frame is not None:
        name = frame.f_code.co_name
        if name == "__del__" or (frame.f_globals.get("__name__"), name) in _CALLBACKS:
            return True
        frame = frame.f_back
    return False


def _later() -> None:
    """Does nothing at once about an interrupt that is held."""


# The block that the main thread is in.
_active: Interrupts | None = None
