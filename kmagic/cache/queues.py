"""The FIFOs with a `pop` that waits, for a consumer that is a task of its own.

Informers do not need it: they drain their queue in the same step that fills it.

Source: k8s.io/client-go/tools/cache (fifo.go: Queue.Pop).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.lowlevel

from kmagic.cache import delta_fifo, fifo
from kmagic.cache.delta import Delta, KeyFunc, object_key
from kmagic.cache.fifo import KnownObjects

__all__ = ("DeltaFIFO", "RealFIFO")

R = TypeVar("R")


class _Bell:
    """Wakes whoever waits for the queue."""

    def __init__(self) -> None:
        self._event: anyio.Event | None = None

    def ring(self) -> None:
        if self._event is not None:
            self._event.set()
            self._event = None

    async def wait(self) -> None:
        if self._event is None:
            self._event = anyio.Event()
        await self._event.wait()


def _itself(item: Any, is_in_initial_list: bool) -> Any:
    return item


class RealFIFO(fifo.RealFIFO):
    """An ordered list of changes; see `kmagic.cache.fifo.RealFIFO` for its arguments."""

    def __init__(
        self,
        key_func: KeyFunc = object_key,
        known_objects: KnownObjects | None = None,
        *,
        atomic: bool | None = None,
        transform: Callable[[Any], Any] | None = None,
        emit_bookmarks: bool = False,
    ) -> None:
        self._bell = _Bell()
        super().__init__(
            key_func,
            known_objects,
            atomic=atomic,
            transform=transform,
            emit_bookmarks=emit_bookmarks,
            on_change=self._bell.ring,
        )

    async def pop(self, process: Callable[[Delta, bool], Any] = _itself) -> Any:
        """Waits for a change and processes it.

        Args:
            process: Gets the delta, and whether it belongs to the initial list.

        Returns:
            What `process` returns: the delta itself unless given. Its error goes to the caller.

        Raises:
            FIFOClosedError: Nothing waits and the queue is closed.
        """
        await anyio.lowlevel.checkpoint()
        while not len(self) and not self.closed:
            await self._bell.wait()
        return self.pop_now(process)

    async def pop_batch(self, process: Callable[[list[Delta], bool], Any] = _itself) -> Any:
        """Waits for changes and processes as many as one transaction may hold; as `pop` for the rest."""
        await anyio.lowlevel.checkpoint()
        while not len(self) and not self.closed:
            await self._bell.wait()
        return self.pop_batch_now(process)


class DeltaFIFO(delta_fifo.DeltaFIFO):
    """Changes by key; see `kmagic.cache.delta_fifo.DeltaFIFO` for its arguments."""

    def __init__(
        self,
        key_func: KeyFunc = object_key,
        known_objects: KnownObjects | None = None,
        *,
        emit_replaced: bool = False,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self._bell = _Bell()
        super().__init__(
            key_func, known_objects, emit_replaced=emit_replaced, transform=transform, on_change=self._bell.ring
        )

    async def pop(self, process: Callable[[list[Delta], bool], Any] = _itself) -> Any:
        """Waits for a key with changes and processes them.

        Args:
            process: Gets the key's deltas, oldest first, and whether they belong to the initial list.

        Returns:
            What `process` returns: the deltas themselves unless given. Its error goes to the caller.

        Raises:
            FIFOClosedError: Nothing waits and the queue is closed.
        """
        await anyio.lowlevel.checkpoint()
        while not len(self) and not self.closed:
            await self._bell.wait()
        return self.pop_now(process)
