"""Read your own writes: what was just written is seen over a cache that has not caught up yet.

Source: k8s.io/client-go/tools/cache/mutation_cache.go
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Protocol

import msgspec

from kmagic.api import meta
from kmagic.api.clock import Clock
from kmagic.cache.delta import KeyFunc, object_key
from kmagic.cache.store import IndexFunc

__all__ = ("Backing", "MutationCache")

_MAX_MUTATIONS = 100
# As long as a cache may reasonably lag behind.
DEFAULT_TTL = 300.0


class Backing(Protocol):
    """The cache that lags."""

    def get_by_key(self, key: str) -> Any | None:
        """The object of a key, or None."""

    def by_index(self, name: str, value: str) -> list[Any]:
        """The objects under an index value."""


class _Mutation(msgspec.Struct):
    obj: Any
    expires: float
    deleted: bool = False


class MutationCache:
    """An overlay of written objects over a cache; the newer of the two wins.

    Args:
        backing: The cache behind it.
        clock: Gives the time, in seconds.
        ttl: Seconds after which a written object is forgotten.
        include_adds: Whether an object that the cache does not have yet is shown.
        indexers: The cache's index functions, so that `by_index` finds written objects too.
        key_func: From an object to its key.
    """

    def __init__(
        self,
        backing: Backing,
        *,
        clock: Clock,
        ttl: float = DEFAULT_TTL,
        include_adds: bool = False,
        indexers: dict[str, IndexFunc] | None = None,
        key_func: KeyFunc = object_key,
    ) -> None:
        self._backing = backing
        self._clock = clock
        self._ttl = ttl
        self._include_adds = include_adds
        self._indexers = indexers or {}
        self._key_func = key_func
        self._mutations: OrderedDict[str, _Mutation] = OrderedDict()

    def mutation(self, obj: Any) -> None:
        """Shows an object that was just written, as the server returned it.

        One that is older than what is shown, or was deleted meanwhile, is ignored.
        """
        key = self._key_func(obj)
        shown = self._live(key)
        if shown is not None and shown.deleted and not _newer(obj, shown.obj) and _same_object(obj, shown.obj):
            return
        if shown is not None and not shown.deleted and _newer(shown.obj, obj):
            return
        self._remember(key, _Mutation(obj, self._clock.now() + self._ttl))

    def on_add_or_update(self, obj: Any) -> None:
        """The cache got an object: a written one that is not newer is not needed any more."""
        key = self._key_func(obj)
        shown = self._live(key)
        if shown is not None and not _newer(shown.obj, obj):
            del self._mutations[key]

    def on_delete(self, obj: Any) -> None:
        """The cache lost an object: it is not shown, and a write of it that is reported late is ignored."""
        key = self._key_func(obj)
        shown = self._live(key)
        if shown is not None and not shown.deleted and _newer(shown.obj, obj) and not _same_object(shown.obj, obj):
            return
        self._remember(key, _Mutation(obj, self._clock.now() + self._ttl, deleted=True))

    def get_by_key(self, key: str) -> Any | None:
        """The newer of the cached and the written object, or None."""
        return self._newest(key, self._backing.get_by_key(key))

    def by_index(self, name: str, value: str) -> list[Any]:
        """The objects under an index value, with written ones that are newer or (where adds are shown) new.

        Raises:
            KeyError: There is no such index.
        """
        index = self._indexers.get(name)
        cached = {self._key_func(obj): obj for obj in self._backing.by_index(name, value)}
        found: list[Any] = []
        for key, obj in cached.items():
            newest = self._newest(key, obj)
            if newest is not None and (newest is obj or index is None or value in index(newest)):
                found.append(newest)
        if index is None:
            return found
        for key in list(self._mutations):
            if key not in cached:
                newest = self.get_by_key(key)
                if newest is not None and value in index(newest):
                    found.append(newest)
        return found

    def _newest(self, key: str, cached: Any | None) -> Any | None:
        shown = self._live(key)
        if shown is None or shown.deleted:
            return cached
        if cached is None:
            return shown.obj if self._include_adds else None
        if _newer(shown.obj, cached):
            return shown.obj
        del self._mutations[key]
        return cached

    def _live(self, key: str) -> _Mutation | None:
        found = self._mutations.get(key)
        if found is not None and found.expires <= self._clock.now():
            del self._mutations[key]
            return None
        return found

    def _remember(self, key: str, mutation: _Mutation) -> None:
        self._mutations[key] = mutation
        self._mutations.move_to_end(key)
        while len(self._mutations) > _MAX_MUTATIONS:
            self._mutations.popitem(last=False)


def _newer(obj: Any, than: Any) -> bool:
    """Returns whether a version is higher; one that is no number is not."""
    try:
        return meta.compare_resource_versions(meta.resource_version(obj), meta.resource_version(than)) > 0
    except ValueError:
        return False


def _same_object(a: Any, b: Any) -> bool:
    return meta.uid(a) == meta.uid(b)
