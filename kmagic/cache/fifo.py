"""Every change in order, one by one: the queue between a reflector and a store.

Nothing is compressed and nothing is dropped: N updates of an object are N deliveries. A relist is one atomic item,
so a half of it is never seen. `pop_now` never waits; `kmagic.cache.queues` has the same queue with a `pop` that does.

Source: k8s.io/client-go/tools/cache/the_real_fifo.go
"""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from kmagic.cache.delta import DeletedFinalStateUnknown, Delta, DeltaType, KeyFunc, object_key
from kmagic.errors import ArgumentError

__all__ = ("FIFOClosedError", "FIFOEmptyError", "KnownObjects", "RealFIFO")

R = TypeVar("R")

# client-go's: a batch is one transaction of the store, and must not keep others waiting for long.
_BATCH = 1000
_ALONE = frozenset((DeltaType.REPLACED_ALL, DeltaType.SYNC_ALL, DeltaType.BOOKMARK))


class FIFOEmptyError(Exception):
    """There is nothing to pop now."""


class FIFOClosedError(Exception):
    """There is nothing to pop and nothing will come: the queue is closed."""


class KnownObjects(Protocol):
    """The keys and objects in the store, with which a relist finds deletions and a resync repeats all."""

    def list_keys(self) -> list[str]:
        """All keys."""

    def get_by_key(self, key: str) -> Any | None:
        """The object of a key, or None."""


class RealFIFO:
    """An ordered list of changes.

    Args:
        key_func: From an object to its key.
        known_objects: The consumer's store; only for relists that come as single deltas (`atomic=False`).
        atomic: A relist is one REPLACED_ALL and a resync one SYNC_ALL, which the consumer compares with its store.
            None: unless there are `known_objects`.
        transform: Applied to every object once, before it is queued; not to a `DeletedFinalStateUnknown`.
        emit_bookmarks: Whether bookmarks are queued too.
        on_change: Called after something was queued, and after `close`.

    Raises:
        ArgumentError: Atomic with known objects, which would have no reader.
    """

    def __init__(
        self,
        key_func: KeyFunc = object_key,
        known_objects: KnownObjects | None = None,
        *,
        atomic: bool | None = None,
        transform: Callable[[Any], Any] | None = None,
        emit_bookmarks: bool = False,
        on_change: Callable[[], object] | None = None,
    ) -> None:
        self._atomic = known_objects is None if atomic is None else atomic
        if self._atomic and known_objects is not None:
            raise ArgumentError(
                "an atomic RealFIFO takes no known_objects: the consumer compares a relist with its store"
            )
        self._key_func = key_func
        self._known = known_objects
        self._transform = transform
        self._emit_bookmarks = emit_bookmarks
        self._on_change = on_change or (lambda: None)
        self._items: deque[Delta] = deque()
        self._closed = False
        # Synced once the first relist, or a first change before it, has been processed.
        self._populated = False
        self._initial_left = 0

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._items)}{', closed' if self._closed else ''}>"

    @property
    def closed(self) -> bool:
        """True if `close` was called."""
        return self._closed

    def has_synced(self) -> bool:
        """Returns whether everything of the first relist has been processed."""
        return self._populated and self._initial_left == 0

    def key_of(self, obj: Any) -> str:
        """An object's key."""
        if isinstance(obj, Delta):
            return self.key_of(obj.object)
        return obj.key if isinstance(obj, DeletedFinalStateUnknown) else self._key_func(obj)

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
        if self.key_of(obj) not in self.list_keys():
            self.add(obj)

    def replace(self, objects: Iterable[Any], resource_version: str = "") -> None:
        """Queues a relist: as one item, or deletions of what is gone and then every object."""
        if self._atomic:
            transformed = [self._transformed(obj) for obj in objects]
            self._put(Delta(DeltaType.REPLACED_ALL, transformed, resource_version))
        else:
            self._replace_one_by_one(list(objects))
        if not self._populated:
            self._populated = True
            self._initial_left = len(self._items)

    def resync(self) -> None:
        """Queues a resync of everything stored: as one item, or of each known object without a waiting change."""
        if self._atomic:
            self._put(Delta(DeltaType.SYNC_ALL))
            return
        waiting = set(self.list_keys())
        for key in self._known.list_keys() if self._known is not None else ():
            assert self._known is not None
            obj = self._known.get_by_key(key)
            if key not in waiting and obj is not None:
                self._put(Delta(DeltaType.SYNC, obj))

    def bookmark(self, resource_version: str) -> None:
        """Queues a bookmark if bookmarks are wanted."""
        if self._emit_bookmarks:
            self._put(Delta(DeltaType.BOOKMARK, None, resource_version))

    def list(self) -> builtins.list[Any]:
        """The newest waiting object of each key."""
        return [delta.object for delta in self._newest().values()]

    def list_keys(self) -> builtins.list[str]:
        """The keys with waiting changes, each once, in the order they first came."""
        return builtins.list(self._newest())

    def get(self, obj: Any) -> builtins.list[Delta] | None:
        """The waiting deltas of an object's key, oldest first, or None."""
        return self.get_by_key(self.key_of(obj))

    def get_by_key(self, key: str) -> builtins.list[Delta] | None:
        """The waiting deltas of a key, oldest first, or None."""
        found = [delta for delta in self._singles() if self.key_of(delta.object) == key]
        return found or None

    def pop_now(self, process: Callable[[Delta, bool], R]) -> R:
        """Takes the oldest change and processes it.

        Args:
            process: Gets the delta, and whether it belongs to the initial list.

        Returns:
            What `process` returns; its error goes to the caller and the change is not queued again.

        Raises:
            FIFOEmptyError: Nothing waits.
            FIFOClosedError: Nothing waits and the queue is closed.
        """
        self._check_not_empty()
        initial = not self.has_synced()
        delta = self._items.popleft()
        try:
            return process(delta, initial)
        finally:
            # After processing, so that synced means seen.
            self._initial_left = max(0, self._initial_left - 1)

    def pop_batch_now(self, process: Callable[[builtins.list[Delta], bool], R]) -> R:
        """Takes as many changes as one transaction may hold and processes them together.

        A batch has each key once, at most 1000 changes, and does not reach over the end of the initial list; a whole
        relist, a resync or a bookmark travels alone.

        Args:
            process: Gets the deltas, oldest first, and whether they belong to the initial list.

        Returns:
            What `process` returns; errors as `pop_now`.
        """
        self._check_not_empty()
        initial = not self.has_synced()
        batch = self._batch(min(_BATCH, self._initial_left) if self._initial_left else _BATCH)
        try:
            return process(batch, initial)
        finally:
            self._initial_left = max(0, self._initial_left - len(batch))

    def close(self) -> None:
        """Stops queueing; the items in the queue can still be popped."""
        self._closed = True
        self._on_change()

    def _check_not_empty(self) -> None:
        if not self._items:
            raise FIFOClosedError if self._closed else FIFOEmptyError

    def _batch(self, limit: int) -> builtins.list[Delta]:
        batch = [self._items.popleft()]
        if batch[0].type in _ALONE:
            return batch
        keys = {self._key_or_none(batch[0])}
        while self._items and len(batch) < limit and None not in keys and self._items[0].type not in _ALONE:
            key = self._key_or_none(self._items[0])
            if key is not None and key in keys:
                break
            keys.add(key)
            batch.append(self._items.popleft())
        return batch

    def _key_or_none(self, delta: Delta) -> str | None:
        """Returns the key, None for an object without one; it closes the batch, and the consumer reports it."""
        try:
            return self.key_of(delta.object)
        except Exception:  # the key function is the user's
            return None

    def _replace_one_by_one(self, objects: builtins.list[Any]) -> None:
        keys = {self.key_of(obj) for obj in objects}
        newest = self._newest()
        for key, delta in newest.items():
            if key not in keys and delta.type is not DeltaType.DELETED:
                last = delta.object.obj if isinstance(delta.object, DeletedFinalStateUnknown) else delta.object
                self._put(Delta(DeltaType.DELETED, DeletedFinalStateUnknown(key, last)))
        for key in self._known.list_keys() if self._known is not None else ():
            assert self._known is not None
            if key not in keys and key not in newest:
                self._put(Delta(DeltaType.DELETED, DeletedFinalStateUnknown(key, self._known.get_by_key(key))))
        for obj in objects:
            self._put(Delta(DeltaType.REPLACED, self._transformed(obj)))

    def _newest(self) -> dict[str, Delta]:
        return {self.key_of(delta.object): delta for delta in self._singles()}

    def _singles(self) -> Iterable[Delta]:
        """The waiting changes of single objects; a waiting relist counts as each of its objects."""
        for delta in self._items:
            if delta.type is DeltaType.REPLACED_ALL:
                yield from (Delta(DeltaType.REPLACED, obj) for obj in delta.object)
            elif delta.type not in _ALONE:
                yield delta

    def _transformed(self, obj: Any) -> Any:
        return obj if self._transform is None or isinstance(obj, DeletedFinalStateUnknown) else self._transform(obj)

    def _put(self, delta: Delta) -> None:
        if self._closed:
            return
        self._items.append(delta)
        self._on_change()
