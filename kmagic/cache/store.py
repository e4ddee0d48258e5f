"""Objects by key, with indexes: the one place where cached state is written.

It keeps what it is given (cache entries, dicts, models) and copies nothing; who gives plain objects shares them.
Not a lock in sight: a store belongs to one event loop, and nothing here waits.

Source: k8s.io/client-go/tools/cache (thread_safe_store.go, store.go, index.go)
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from kmagic.api import meta
from kmagic.api.key import ObjectKey, meta_namespace_key

__all__ = ("NAMESPACE_INDEX", "IndexFunc", "KeyFunc", "Store", "namespace_index")

KeyFunc: TypeAlias = Callable[[Any], str]
# From an object to the values it is found under; several values put it under each.
IndexFunc: TypeAlias = Callable[[Any], Iterable[str]]

NAMESPACE_INDEX = "namespace"


def namespace_index(obj: Any) -> tuple[str]:
    """Indexes objects by namespace; "" holds the cluster-scoped ones."""
    return (meta.namespace(obj),)


class Store:
    """A set of objects, each under its key.

    Args:
        key_func: From an object to its key.
        indexers: Index name to function.
        version_of: From an object to its resource version, "" for none.
    """

    def __init__(
        self,
        key_func: KeyFunc = meta_namespace_key,
        indexers: Mapping[str, IndexFunc] | None = None,
        *,
        version_of: Callable[[Any], str] = meta.resource_version,
    ) -> None:
        self._key_func = key_func
        self._version_of = version_of
        self._items: dict[str, Any] = {}
        self._indexers: dict[str, IndexFunc] = dict(indexers or {})
        # Index name -> value -> keys; a value without keys is not kept.
        self._indexes: dict[str, dict[str, set[str]]] = {name: {} for name in self._indexers}
        self._last_version = ""

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"<Store of {len(self._items)} at {self._last_version or 'no version'}>"

    @property
    def last_sync_resource_version(self) -> str:
        """The version of the last object or list written, not the highest; "" before any."""
        return self._last_version

    def key_of(self, obj: Any) -> str:
        """The key an object has here; a string is a key already."""
        return obj if isinstance(obj, str) else self._key_func(obj)

    def add(self, obj: Any) -> Any | None:
        """Puts an object, replacing the one of its key.

        Returns:
            The object that was there, or None.
        """
        key = self.key_of(obj)
        old = self._items.get(key)
        self._items[key] = obj
        if self._indexers:
            self._reindex(key, old, obj)
        self._note(obj)
        return old

    def update(self, obj: Any) -> Any | None:
        """The same as `add`."""
        return self.add(obj)

    def delete(self, obj: Any) -> Any | None:
        """Removes an object, given itself or its key.

        Returns:
            The object that was there, or None.
        """
        key = self.key_of(obj)
        old = self._items.pop(key, None)
        if old is not None and self._indexers:
            self._reindex(key, old, None)
        if not isinstance(obj, str):
            self._note(obj)
        return old

    def replace(self, objects: Iterable[Any], resource_version: str = "") -> None:
        """Holds exactly these objects from now on; all indexes are rebuilt."""
        self._items = {self.key_of(obj): obj for obj in objects}
        for name in self._indexers:
            self._build(name)
        self._last_version = resource_version

    def bookmark(self, resource_version: str) -> None:
        """Notes a version at which nothing changed here."""
        self._last_version = resource_version

    def resync(self) -> None:
        """Nothing: a store has no queue behind it."""

    def get(self, obj: Any) -> Any | None:
        """The stored object of the same key, or None."""
        return self._items.get(self.key_of(obj))

    def get_by_key(self, key: str) -> Any | None:
        """The object of a key, or None."""
        return self._items.get(key)

    def list(self) -> builtins.list[Any]:
        """All objects, in the order they came."""
        return list(self._items.values())

    def list_keys(self) -> builtins.list[str]:
        """All keys, in the order they came."""
        return list(self._items)

    @property
    def indexers(self) -> Mapping[str, IndexFunc]:
        """The index functions by name."""
        return self._indexers

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        """Adds indexes; what is stored is indexed at once.

        Raises:
            ValueError: A name is taken; nothing is added.
        """
        if taken := sorted(self._indexers.keys() & indexers.keys()):
            raise ValueError(f"indexer conflict: {taken}")
        self._indexers.update(indexers)
        for name in indexers:
            self._build(name)

    def by_index(self, name: str, value: str) -> builtins.list[Any]:
        """The objects found under a value, in no order.

        Raises:
            KeyError: There is no such index.
        """
        return [self._items[key] for key in self._index(name).get(value, ())]

    def index(self, name: str, obj: Any) -> builtins.list[Any]:
        """The objects that share a value with `obj`, once each.

        Raises:
            KeyError: There is no such index.
        """
        index = self._index(name)
        keys = set().union(*(index.get(value, ()) for value in self._indexers[name](obj)))
        return [self._items[key] for key in keys]

    def index_keys(self, name: str, value: str) -> builtins.list[str]:
        """The keys found under a value, sorted.

        Raises:
            KeyError: There is no such index.
        """
        return sorted(self._index(name).get(value, ()))

    def list_index_values(self, name: str) -> builtins.list[str]:
        """The values an index knows.

        Raises:
            KeyError: There is no such index.
        """
        return list(self._index(name))

    def keys_in(self, namespace: str) -> builtins.list[str]:
        """The keys in a namespace, from the namespace index where there is one."""
        if NAMESPACE_INDEX in self._indexers:
            return self.index_keys(NAMESPACE_INDEX, namespace)
        return [key for key in self._items if ObjectKey.parse(key).namespace == namespace]

    def _index(self, name: str) -> dict[str, set[str]]:
        try:
            return self._indexes[name]
        except KeyError:
            raise KeyError(f"Index with name {name} does not exist") from None

    def _build(self, name: str) -> None:
        index: dict[str, set[str]] = {}
        function = self._indexers[name]
        for key, obj in self._items.items():
            for value in function(obj):
                index.setdefault(value, set()).add(key)
        self._indexes[name] = index

    def _reindex(self, key: str, old: Any | None, new: Any | None) -> None:
        for name, function in self._indexers.items():
            before = set(function(old)) if old is not None else set()
            after = set(function(new)) if new is not None else set()
            index = self._indexes[name]
            for value in before - after:
                keys = index[value]
                keys.discard(key)
                if not keys:
                    del index[value]
            for value in after - before:
                index.setdefault(value, set()).add(key)

    def _note(self, obj: Any) -> None:
        # An object without a version says nothing about the store's.
        if version := "" if isinstance(obj, str) else self._version_of(obj):
            self._last_version = version
