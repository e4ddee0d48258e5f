"""A context manager that is entered here and left there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, TypeVar

import anyio

from kmagic.aio.tasks import Background

__all__ = ("Held",)

T = TypeVar("T")


class Held(Generic[T]):
    """Keeps a context manager open in a task of its own, from `start` to `stop` or from ``async with`` to its end.

    Task groups and cancel scopes must be left by the task that entered them; `start` and `stop` may be called by any.
    An exception of the body does not reach the context manager, which is left as after a success.

    Args:
        make: Makes a fresh context manager for each start.
        name: Name in messages.
    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[T]], name: str) -> None:
        self._make = make
        self._name = name
        self._background = Background(name)
        self._leave, self._ended = anyio.Event(), anyio.Event()
        self._values: list[T] = []

    def __repr__(self) -> str:
        return f"<{self._name}, {'open' if self._values else 'not open'}>"

    @property
    def value(self) -> T:
        """The value that is open.

        Raises:
            RuntimeError: It is not open.
        """
        if not self._values:
            raise RuntimeError(f"{self._name} is not open")
        return self._values[0]

    async def start(self) -> T:
        """Opens it and returns what is open; what opening raises comes out.

        Raises:
            RuntimeError: It is open already.
        """
        self._background.start()
        self._leave, self._ended = anyio.Event(), anyio.Event()
        settled = anyio.Event()
        self._background.spawn(self._hold, settled)
        try:
            await settled.wait()
        except BaseException:
            await self._background.stop()
            raise
        if not self._values:
            await self._background.stop()
        return self.value

    async def stop(self) -> None:
        """Closes it; does nothing when it is not open."""
        self._leave.set()
        with anyio.CancelScope(shield=True):
            if self._values:
                await self._ended.wait()
            await self._background.stop()

    async def __aenter__(self) -> T:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _hold(self, settled: anyio.Event) -> None:
        try:
            async with self._make() as value:
                self._values.append(value)
                settled.set()
                await self._leave.wait()
        finally:
            self._values.clear()
            settled.set()
            self._ended.set()
