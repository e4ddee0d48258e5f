"""Every change in order, one by one: the queue between a reflector and a store.

Nothing is compressed and nothing is dropped: N updates of an object are N deliveries. A relist is one atomic item,
so nobody sees half of it. `pop` never waits; who drives the queue is told through `on_change` that there is work.

Source: k8s.io/client-go/tools/cache/the_real_fifo.go
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from kmagic.api.key import meta_namespace_key
from kmagic.cache.store import KeyFunc

__all__ = ("Delta", "DeltaType", "FIFOClosedError", "FIFOEmptyError", "FinalStateUnknown", "RealFIFO")


class DeltaType(enum.StrEnum):
    """What happened to an object."""

    ADDED = "Added"
    UPDATED = "Updated"
    DELETED = "Deleted"
    #: One object of a relist.
    REPLACED = "Replaced"
    #: A whole relist.
    REPLACED_ALL = "ReplacedAll"
    #: A periodic resync of one object.
    SYNC = "Sync"
    #: A periodic resync of everything stored.
    SYNC_ALL = "SyncAll"
    #: A version at which nothing changed.
    BOOKMARK = "Bookmark"


class FinalStateUnknown(msgspec.Struct, frozen=True):
    """Stands for an object whose deletion was missed: its key and the last state that was seen.

    Attributes:
        key: The object's key.
        obj: What was known last; may be older than the deletion, may be None.
    """

    key: str
    obj: Any = None


class Delta(msgspec.Struct, frozen=True):
    """One change.

    Attributes:
        type: What happened.
        obj: The object; a list of them for REPLACED_ALL, None for SYNC_ALL and BOOKMARK.
        resource_version: Of a REPLACED_ALL or a BOOKMARK.
    """

    type: DeltaType
    obj: Any = None
    resource_version: str = ""


class FIFOEmptyError(Exception):
    """There is nothing to pop now."""


class FIFOClosedError(Exception):
    """There is nothing to pop and nothing will come: the queue is closed."""


def _same(obj: Any) -> Any:
    return obj


class RealFIFO:
    """An ordered list of changes with atomic relists.

    Args:
        key_func: From an object to its key.
        transform: Applied to every object once, before it is queued; not to a `FinalStateUnknown`.
        emit_bookmarks: Whether bookmarks are queued too.
        on_change: Called after something was queued.
    """

    def __init__(
        self,
        *,
        key_func: KeyFunc = meta_namespace_key,
        transform: Callable[[Any], Any] | None = None,
        emit_bookmarks: bool = False,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._key_func = key_func
        self._transform = transform or _same
        self._emit_bookmarks = emit_bookmarks
        self._on_change = on_change or (lambda: None)
        self._items: deque[Delta] = deque()
        self._closed = False
        # Synced once the first relist, or a first change before it, has been processed.
        self._populated = False
        self._initial_left = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def key_of(self, obj: Any) -> str:
        """An object's key; also of a `FinalStateUnknown`."""
        return obj.key if isinstance(obj, FinalStateUnknown) else self._key_func(obj)

    def add(self, obj: Any) -> None:
        """Queues that an object was added."""
        self._populated = True
        self._put(Delta(DeltaType.ADDED, self._transformed(obj)))

    def update(self, obj: Any) -> None:
        """Queues that an object changed."""
        self._populated = True
        self._put(Delta(DeltaType.UPDATED, self._transformed(obj)))

    def delete(self, obj: Any) -> None:
        """Queues that an object is gone, known or not."""
        self._populated = True
        self._put(Delta(DeltaType.DELETED, self._transformed(obj)))

    def add_if_not_present(self, obj: Any) -> None:
        """Queues an object unless a change of its key waits already."""
        key = self.key_of(obj)
        if not any(delta.obj is not None and self._mentions(delta, key) for delta in self._items):
            self.add(obj)

    def replace(self, objects: Iterable[Any], resource_version: str = "") -> None:
        """Queues a relist as one item."""
        transformed = [self._transformed(obj) for obj in objects]
        self._put(Delta(DeltaType.REPLACED_ALL, transformed, resource_version))
        if not self._populated:
            self._populated = True
            self._initial_left = len(self._items)

    def resync(self) -> None:
        """Queues a resync of everything stored."""
        self._put(Delta(DeltaType.SYNC_ALL))

    def bookmark(self, resource_version: str) -> None:
        """Queues a bookmark if bookmarks are wanted."""
        if self._emit_bookmarks:
            self._put(Delta(DeltaType.BOOKMARK, None, resource_version))

    def pop(self, process: Callable[[Delta, bool], Any]) -> Any:
        """Takes the oldest change and processes it.

        Args:
            process: Gets the delta, and whether it belongs to the initial list.

        Returns:
            What `process` returns; its error goes to the caller and the change is not queued again.

        Raises:
            FIFOEmptyError: Nothing waits.
            FIFOClosedError: Nothing waits and the queue is closed.
        """
        if not self._items:
            raise FIFOClosedError if self._closed else FIFOEmptyError
        initial = not self.has_synced
        delta = self._items.popleft()
        try:
            return process(delta, initial)
        finally:
            # After processing, so that synced means seen.
            self._initial_left = max(0, self._initial_left - 1)

    @property
    def has_synced(self) -> bool:
        """Whether everything of the first relist has been processed."""
        return self._populated and self._initial_left == 0

    def close(self) -> None:
        """Nothing can be queued any more; what waits can still be popped."""
        self._closed = True
        self._on_change()

    def _transformed(self, obj: Any) -> Any:
        return obj if isinstance(obj, FinalStateUnknown) else self._transform(obj)

    def _mentions(self, delta: Delta, key: str) -> bool:
        objects = delta.obj if delta.type is DeltaType.REPLACED_ALL else (delta.obj,)
        return any(self.key_of(obj) == key for obj in objects)

    def _put(self, delta: Delta) -> None:
        if self._closed:
            return
        self._items.append(delta)
        self._on_change()
