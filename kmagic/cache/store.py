"""Objects by key, with indexes: the one place where cached state is written.

It keeps what it is given (cache entries, dicts, models) and copies nothing; who gives plain objects shares them.
It belongs to one event loop, and nothing here waits. Other threads may read: every read is one operation on a dict
or a set, which the interpreter does not interrupt, and copes with a key that has just gone.

Source: k8s.io/client-go/tools/cache (thread_safe_store.go, store.go, index.go)
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from kmagic.api import meta
from kmagic.api.key import ObjectKey
from kmagic.cache.delta import Change, DeletedFinalStateUnknown, Delta, DeltaType, KeyFunc, object_key
from kmagic.errors import ArgumentError

__all__ = (
    "NAMESPACE_INDEX",
    "OWNER_INDEX",
    "IndexFunc",
    "PushStore",
    "Store",
    "namespace_index",
    "owner_index",
    "single_key",
)

# From an object to the values it is found under; several values put it under each.
IndexFunc: TypeAlias = Callable[[Any], Iterable[str]]

NAMESPACE_INDEX = "namespace"
OWNER_INDEX = "owner"


def namespace_index(obj: Any) -> tuple[str]:
    """Indexes objects by namespace; "" holds the cluster-scoped ones."""
    return (meta.namespace(obj),)


def owner_index(obj: Any) -> Sequence[str]:
    """Indexes objects by the uids of their owners."""
    return meta.owner_uids(obj)


def single_key(index: IndexFunc) -> KeyFunc:
    """Makes a key function of an index function that gives one value for each object.

    The key function raises ValueError for an object with no value or several.
    """

    def key(obj: Any) -> str:
        values = list(index(obj))
        if len(values) != 1:
            raise ArgumentError(f"too many keys: {values}" if values else "unexpected empty indexKeys")
        return values[0]

    return key


class Store:
    """A set of objects, each under its key.

    Args:
        key_func: From an object to its key.
        indexers: Index name to function.
        version_of: From an object to its resource version, "" for none.
    """

    def __init__(
        self,
        key_func: KeyFunc = object_key,
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

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.list())

    def __repr__(self) -> str:
        return f"<Store of {len(self._items)} at {self._last_version or 'no version'}>"

    @property
    def last_sync_resource_version(self) -> str:
        """The version of the last object or list written, not the highest; "" before any."""
        return self._last_version

    def key_of(self, obj: Any) -> str:
        """The key an object has here; a text is a key already.

        Raises:
            ArgumentError: It has none.
        """
        if isinstance(obj, str):
            return obj
        return obj.key if isinstance(obj, DeletedFinalStateUnknown) else self._key_func(obj)

    def add(self, obj: Any) -> Any | None:
        """Puts an object, replacing the one of its key.

        Returns:
            The object that was there, or None.
        """
        return self._put(self._key_func(obj), obj)

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
        self._items = {self._key_func(obj): obj for obj in objects}
        for name in self._indexers:
            self._build(name)
        self._last_version = resource_version

    def bookmark(self, resource_version: str) -> None:
        """Notes a version at which nothing changed here."""
        self._last_version = resource_version

    def resync(self) -> None:
        """Does nothing: a store has no queue behind it."""

    def apply(self, delta: Delta, *, initial: bool = False) -> builtins.list[Change]:
        """Applies a delta and returns the changes that handlers are called with, in that order.

        Whether it is an addition or an update is decided by what is stored, not by the delta's type.

        Args:
            delta: A delta from a queue.
            initial: It belongs to the first list.
        """
        match delta.type:
            case DeltaType.DELETED:
                return self._apply_delete(delta.object)
            case DeltaType.REPLACED_ALL:
                return self._apply_replace(delta, initial)
            case DeltaType.SYNC_ALL:
                return [Change(key, obj, obj) for key, obj in list(self._items.items())]
            case DeltaType.BOOKMARK:
                self.bookmark(delta.resource_version)
                return []
            case _:
                key = self._key_func(delta.object)
                old = self._put(key, delta.object)
                return [Change(key, old, delta.object, initial=initial and old is None)]

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
            ArgumentError: A name is taken; nothing is added.
        """
        if taken := sorted(self._indexers.keys() & indexers.keys()):
            raise ArgumentError(f"indexer conflict: {', '.join(taken)}")
        for name, function in indexers.items():
            self._indexes[name] = self._built(function)
            self._indexers[name] = function

    def by_index(self, name: str, value: str) -> builtins.list[Any]:
        """The objects found under a value, in no order.

        Raises:
            KeyError: There is no such index.
        """
        return self._objects(list(self._index(name).get(value, ())))

    def index(self, name: str, obj: Any) -> builtins.list[Any]:
        """The objects that share a value with `obj`, once each.

        Raises:
            KeyError: There is no such index.
        """
        index = self._index(name)
        keys = {key for value in self._indexers[name](obj) for key in list(index.get(value, ()))}
        return self._objects(keys)

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

    def in_namespace(self, namespace: str) -> builtins.list[Any]:
        """The objects of a namespace, from the namespace index where there is one, else from all; "" is all."""
        if not namespace:
            return self.list()
        if NAMESPACE_INDEX in self._indexers:
            return self.by_index(NAMESPACE_INDEX, namespace)
        return [obj for key, obj in list(self._items.items()) if ObjectKey.parse(key).namespace == namespace]

    def _put(self, key: str, obj: Any) -> Any | None:
        old = self._items.get(key)
        # Before the object is in: an index function that fails leaves everything as it was.
        if self._indexers:
            self._reindex(key, old, obj)
        self._items[key] = obj
        self._note(obj)
        return old

    def _apply_delete(self, obj: Any) -> builtins.list[Change]:
        key = self.key_of(obj)
        old = self.delete(obj)
        unknown = isinstance(obj, DeletedFinalStateUnknown)
        last = (old if old is not None else obj.obj) if unknown else obj
        # A deletion of an object that handlers never got is no change, unless it carries the object itself.
        return [Change(key, last, None, final_state_unknown=unknown)] if last is not None else []

    def _apply_replace(self, delta: Delta, initial: bool) -> builtins.list[Change]:
        before = self._items
        self.replace(delta.object, delta.resource_version)
        gone = [Change(key, old, None, final_state_unknown=True) for key, old in before.items() if key not in self]
        return gone + [
            Change(key, old, new, initial=initial and old is None)
            for key, new in self._items.items()
            for old in (before.get(key),)
        ]

    def _objects(self, keys: Iterable[str]) -> builtins.list[Any]:
        return [obj for key in keys if (obj := self._items.get(key)) is not None]

    def _index(self, name: str) -> dict[str, set[str]]:
        try:
            return self._indexes[name]
        except KeyError:
            raise KeyError(f"Index with name {name} does not exist") from None

    def _build(self, name: str) -> None:
        self._indexes[name] = self._built(self._indexers[name])

    def _built(self, function: IndexFunc) -> dict[str, set[str]]:
        index: dict[str, set[str]] = {}
        for key, obj in self._items.items():
            _insert(index, function(obj), key)
        return index

    def _reindex(self, key: str, old: Any | None, new: Any | None) -> None:
        if old is None:
            # All functions before the first index changes: one that fails leaves everything as it was.
            for name, values in [(name, function(new)) for name, function in self._indexers.items()]:
                _insert(self._indexes[name], values, key)
            return
        moves = []
        for name, function in self._indexers.items():
            before = function(old)
            after = function(new) if new is not None else ()
            if before != after:  # most changes move nothing
                moves.append((self._indexes[name], set(before), set(after)))
        for index, gone, come in moves:
            for value in gone - come:
                keys = index.get(value, set())
                keys.discard(key)
                if not keys:
                    index.pop(value, None)
            _insert(index, come - gone, key)

    def _note(self, obj: Any) -> None:
        # An object without a version says nothing about the store's.
        if version := self._version_of(obj):
            self._last_version = version


def _insert(index: dict[str, set[str]], values: Iterable[str], key: str) -> None:
    for value in values:
        keys = index.get(value)
        if keys is None:
            index[value] = {key}
        else:
            keys.add(key)


class PushStore(Store):
    """A store that hands over everything it holds after each change.

    Args:
        push: Called with all objects.
        key_func: From an object to its key.

    Source: k8s.io/client-go/tools/cache/undelta_store.go
    """

    def __init__(self, push: Callable[[builtins.list[Any]], object], key_func: KeyFunc = object_key) -> None:
        super().__init__(key_func)
        self._push = push

    def add(self, obj: Any) -> Any | None:
        """As `Store.add`."""
        old = super().add(obj)
        self._push(self.list())
        return old

    def delete(self, obj: Any) -> Any | None:
        """As `Store.delete`."""
        old = super().delete(obj)
        self._push(self.list())
        return old

    def replace(self, objects: Iterable[Any], resource_version: str = "") -> None:
        """As `Store.replace`."""
        super().replace(objects, resource_version)
        self._push(self.list())
