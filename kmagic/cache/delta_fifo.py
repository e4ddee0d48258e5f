"""The queue client-go used before 1.36: for every key a list of what happened to it.

A key is in the queue at most once, in the order it first came; only two deletions in a row are compressed. Informers
here run on `RealFIFO`; this one is for code that was written against it. `pop_now` never waits;
`kmagic.cache.queues` has the same queue with a `pop` that does.

Source: k8s.io/client-go/tools/cache/delta_fifo.go
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from kmagic.cache.delta import DeletedFinalStateUnknown, Delta, DeltaType, KeyFunc, object_key
from kmagic.cache.fifo import FIFOClosedError, FIFOEmptyError, KnownObjects
from kmagic.errors import ArgumentError

__all__ = ("DeltaFIFO",)

R = TypeVar("R")


class DeltaFIFO:
    """Changes by key.

    Args:
        key_func: From an object to its key.
        known_objects: The consumer's store.
        emit_replaced: Whether a relist's objects are REPLACED; otherwise they are SYNC.
        transform: Applied to every object before it is queued, except on resync and for `DeletedFinalStateUnknown`.
        on_change: Called after something was queued, and after `close`.
    """

    def __init__(
        self,
        key_func: KeyFunc = object_key,
        known_objects: KnownObjects | None = None,
        *,
        emit_replaced: bool = False,
        transform: Callable[[Any], Any] | None = None,
        on_change: Callable[[], object] | None = None,
    ) -> None:
        self._key_func = key_func
        self._known = known_objects
        self._replaced = DeltaType.REPLACED if emit_replaced else DeltaType.SYNC
        self._transform = transform
        self._on_change = on_change or (lambda: None)
        # Insertion order is the queue's order: a key's deltas stay where the key first came.
        self._items: dict[str, builtins.list[Delta]] = {}
        self._populated = False
        self._initial_left = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._items)} keys{', closed' if self._closed else ''}>"

    def key_of(self, obj: Any) -> str:
        """An object's key; also of its deltas and of a `DeletedFinalStateUnknown`."""
        if isinstance(obj, list):
            if not obj:
                raise ArgumentError("0 length Deltas object; can't get key")
            return self.key_of(obj[-1].object)
        return obj.key if isinstance(obj, DeletedFinalStateUnknown) else self._key_func(obj)

    def add(self, obj: Any) -> None:
        """Queues that an object was added."""
        self._populated = True
        self._queue(DeltaType.ADDED, obj)

    def update(self, obj: Any) -> None:
        """Queues that an object changed."""
        self._populated = True
        self._queue(DeltaType.UPDATED, obj)

    def delete(self, obj: Any) -> None:
        """Queues the deletion of an object; ignored for one that was never seen."""
        self._populated = True
        key = self.key_of(obj)
        if key not in self._items and (self._known is None or self._known.get_by_key(key) is None):
            return
        self._queue(DeltaType.DELETED, obj)

    def add_if_not_present(self, deltas: builtins.list[Delta]) -> None:
        """Queues an object's deltas unless its key waits already."""
        key = self.key_of(deltas)
        self._populated = True
        if key not in self._items and not self._closed:
            self._items[key] = list(deltas)
            self._on_change()

    def replace(self, objects: Iterable[Any], resource_version: str = "") -> None:
        """Queues a relist: each of its objects, then a deletion of everything that is not among them."""
        keys: set[str] = set()
        for obj in objects:
            keys.add(self.key_of(obj))
            self._queue(self._replaced, obj)
        deletions = 0
        for key, deltas in list(self._items.items()):
            if key not in keys:
                newest = deltas[-1].object
                last = newest.obj if isinstance(newest, DeletedFinalStateUnknown) else newest
                deletions += 1
                self._queue(DeltaType.DELETED, DeletedFinalStateUnknown(key, last))
        known = self._known.list_keys() if self._known is not None else ()
        for key in known:
            if key not in keys and key not in self._items:
                assert self._known is not None
                deletions += 1
                self._queue(DeltaType.DELETED, DeletedFinalStateUnknown(key, self._known.get_by_key(key)))
        if not self._populated:
            self._populated = True
            self._initial_left = len(keys) + deletions

    def resync(self) -> None:
        """Queues a SYNC of every known object that has no change waiting."""
        for key in self._known.list_keys() if self._known is not None else ():
            assert self._known is not None
            obj = self._known.get_by_key(key)
            if key not in self._items and obj is not None:
                self._queue(DeltaType.SYNC, obj, transform=False)

    def bookmark(self, resource_version: str) -> None:
        """Ignored: this queue knows no bookmarks."""

    def list(self) -> builtins.list[Any]:
        """The newest object of each key that waits."""
        return [deltas[-1].object for deltas in self._items.values()]

    def list_keys(self) -> builtins.list[str]:
        """The keys that wait, in order."""
        return builtins.list(self._items)

    def get(self, obj: Any) -> builtins.list[Delta] | None:
        """The deltas of an object's key, or None."""
        return self.get_by_key(self.key_of(obj))

    def get_by_key(self, key: str) -> builtins.list[Delta] | None:
        """The deltas of a key as a copy, or None."""
        deltas = self._items.get(key)
        return builtins.list(deltas) if deltas is not None else None

    def pop_now(self, process: Callable[[builtins.list[Delta], bool], R]) -> R:
        """Takes the oldest key's deltas and processes them.

        Args:
            process: Gets the deltas, oldest first, and whether they belong to the initial list.

        Returns:
            What `process` returns; its error goes to the caller and the deltas are not queued again.

        Raises:
            FIFOEmptyError: Nothing waits.
            FIFOClosedError: Nothing waits and the queue is closed.
        """
        if not self._items:
            raise FIFOClosedError if self._closed else FIFOEmptyError
        initial = not self.has_synced()
        key = next(iter(self._items))
        deltas = self._items.pop(key)
        # Before processing, as upstream does here (and `RealFIFO` does not).
        self._initial_left = max(0, self._initial_left - 1)
        return process(deltas, initial)

    def has_synced(self) -> bool:
        """Returns whether everything of the first relist has been popped."""
        return self._populated and self._initial_left == 0

    @property
    def closed(self) -> bool:
        """True if `close` was called."""
        return self._closed

    def close(self) -> None:
        """Stops queueing; the items in the queue can still be popped."""
        self._closed = True
        self._on_change()

    def _queue(self, kind: DeltaType, obj: Any, *, transform: bool = True) -> None:
        if self._closed:
            return
        if transform and self._transform and not isinstance(obj, DeletedFinalStateUnknown):
            obj = self._transform(obj)
        deltas = self._items.setdefault(self.key_of(obj), [])
        deltas.append(Delta(kind, obj))
        _compress(deltas)
        self._on_change()


def _compress(deltas: builtins.list[Delta]) -> None:
    """Two deletions in a row are one; the real object is worth more than the tombstone."""
    if len(deltas) < 2 or deltas[-1].type is not DeltaType.DELETED or deltas[-2].type is not DeltaType.DELETED:
        return
    older, newer = deltas[-2], deltas[-1]
    deltas[-2:] = [newer if isinstance(older.object, DeletedFinalStateUnknown) else older]
