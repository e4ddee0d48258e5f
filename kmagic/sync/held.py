"""Background resources for blocking code, open from `start` to `stop`."""

from __future__ import annotations

from types import TracebackType
from typing import Generic, TypeVar

from kmagic.aio import held as asynchronous
from kmagic.sync.runtime import Runtime

__all__ = ("Held",)

T = TypeVar("T")


class Held(Generic[T]):
    """Open from `start` to `stop`, or from ``with`` to its end. See `kmagic.aio.held.Held`."""

    def __init__(self, inner: asynchronous.Held[T], runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def value(self) -> T:
        """The value that is open.

        Raises:
            RuntimeError: It is not open.
        """
        return self._async.value

    def start(self) -> T:
        """Opens it and returns what is open; what opening raises comes out.

        Raises:
            RuntimeError: It is open already.
        """
        return self._runtime.run(self._async.start())

    def stop(self) -> None:
        """Closes it; does nothing when it is not open."""
        if self._runtime.running:
            self._runtime.run(self._async.stop())

    def __enter__(self) -> T:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
