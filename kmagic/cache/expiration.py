"""Stores that forget: an object is gone when it was not written for a while.

Source: k8s.io/client-go/tools/cache/expiration_cache.go
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import Any

from kmagic.api.clock import Clock
from kmagic.cache.delta import KeyFunc, object_key
from kmagic.cache.store import Store

__all__ = ("ExpiringStore",)


class ExpiringStore:
    """A store whose objects expire; what has expired is removed when it is next read.

    Args:
        key_func: From an object to its key.
        ttl: Seconds an object lives after it was written; 0 or less for ever. Or a function of the object.
        clock: Gives the time, in seconds.
    """

    def __init__(
        self, key_func: KeyFunc = object_key, ttl: float | Callable[[Any], float] = 0.0, *, clock: Clock
    ) -> None:
        self._ttl = ttl if callable(ttl) else lambda obj: float(ttl)
        self._clock = clock
        self._store = Store(key_func)
        self._written: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self.list())

    def add(self, obj: Any) -> None:
        """Writes an object; its time to live restarts."""
        self._written[self._store.key_of(obj)] = self._clock.now()
        self._store.add(obj)

    def update(self, obj: Any) -> None:
        """The same as `add`."""
        self.add(obj)

    def delete(self, obj: Any) -> None:
        """Removes an object, given itself or its key."""
        self._written.pop(self._store.key_of(obj), None)
        self._store.delete(obj)

    def replace(self, objects: Iterable[Any], resource_version: str = "") -> None:
        """Holds exactly these objects; the time of each begins now."""
        objects = list(objects)
        now = self._clock.now()
        self._written = {self._store.key_of(obj): now for obj in objects}
        self._store.replace(objects, resource_version)

    def resync(self) -> None:
        """Does nothing: a store has no queue behind it."""

    def get(self, obj: Any) -> Any | None:
        """The object of the same key if it is still alive, or None."""
        return self.get_by_key(self._store.key_of(obj))

    def get_by_key(self, key: str) -> Any | None:
        """The object of a key if it is still alive, or None."""
        obj = self._store.get_by_key(key)
        if obj is None:
            return None
        ttl = self._ttl(obj)
        if ttl > 0 and self._clock.now() - self._written[key] > ttl:
            self.delete(key)
            return None
        return obj

    def list(self) -> builtins.list[Any]:
        """The objects that are alive."""
        return [obj for key in self._store.list_keys() if (obj := self.get_by_key(key)) is not None]

    def list_keys(self) -> builtins.list[str]:
        """All keys, also of objects that have expired and were not read since."""
        return self._store.list_keys()
