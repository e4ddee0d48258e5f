"""A store as readers see it: objects of their own, no way to write.

Other threads may read too; see `kmagic.cache.store`.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from kmagic.cache.forms import Form
from kmagic.cache.store import Store

__all__ = ("StoreView",)

T = TypeVar("T")


class StoreView(Generic[T]):
    """The objects of a cache.

    A cache that was never filled answers with an error, or lets the reader wait: it does not know that there is nothing.

    Args:
        store: The store that is read.
        form: Form in which its objects are handed out.
        ready: Called before each read; raises, or waits, until the store is filled.
    """

    def __init__(self, store: Store, form: Form, ready: Callable[[], object] = lambda: None) -> None:
        self._store = store
        self._form = form
        self._ready = ready

    def __repr__(self) -> str:
        return f"<StoreView of {len(self._store)} at {self.last_sync_resource_version or 'no version'}>"

    def __len__(self) -> int:
        return len(self.filled)

    def __contains__(self, key: object) -> bool:
        return key in self.filled

    def __iter__(self) -> Iterator[T]:
        return (self._form.read(obj) for obj in self.filled.list())

    def when(self, ready: Callable[[], object]) -> StoreView[T]:
        """The same objects for readers of whom `ready` is asked before each read."""
        return StoreView(self._store, self._form, ready)

    @property
    def filled(self) -> Store:
        """As `entries`, once it is filled.

        Raises:
            SyncError: It is not.
        """
        self._ready()
        return self._store

    @property
    def entries(self) -> Store:
        """The store itself, as the cache keeps it: metadata without decoding. For reading only."""
        return self._store

    @property
    def last_sync_resource_version(self) -> str:
        """The version of what was written last; "" before the first list."""
        return self._store.last_sync_resource_version

    def get(self, obj: Any) -> T | None:
        """The cached object of the same key, or None; takes an object or a key."""
        return self.get_by_key(self._store.key_of(obj))

    def get_by_key(self, key: str) -> T | None:
        """The object of a key, ``"ns/name"`` or ``"name"``, or None."""
        found = self.filled.get_by_key(key)
        return None if found is None else self._form.read(found)

    def list(self) -> builtins.list[T]:
        """All objects."""
        return builtins.list(self)

    def list_keys(self) -> builtins.list[str]:
        """All keys."""
        return self.filled.list_keys()

    def in_namespace(self, namespace: str) -> builtins.list[T]:
        """The objects of a namespace; "" is all."""
        return self._read(self.filled.in_namespace(namespace))

    def by_index(self, name: str, value: str) -> builtins.list[T]:
        """The objects found under a value of an index, for example ``by_index("owner", uid)``.

        Raises:
            KeyError: There is no such index.
        """
        return self._read(self.filled.by_index(name, value))

    def index(self, name: str, obj: Any) -> builtins.list[T]:
        """The objects that share an index value with `obj`.

        Raises:
            KeyError: There is no such index.
        """
        stored = obj if isinstance(obj, str) else self._form.keep(obj)
        return self._read(self.filled.index(name, stored))

    def index_keys(self, name: str, value: str) -> builtins.list[str]:
        """The keys found under a value of an index, sorted.

        Raises:
            KeyError: There is no such index.
        """
        return self.filled.index_keys(name, value)

    def list_index_values(self, name: str) -> builtins.list[str]:
        """The values an index knows.

        Raises:
            KeyError: There is no such index.
        """
        return self.filled.list_index_values(name)

    def _read(self, stored: builtins.list[Any]) -> builtins.list[T]:
        return [self._form.read(obj) for obj in stored]
