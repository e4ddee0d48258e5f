"""Reads that cost no request: get and list from a cache, with the errors of the server's own.

Source: k8s.io/client-go/tools/cache/listers.go, k8s.io/client-go/listers.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from kmagic.api import meta
from kmagic.api.gvk import GroupResource
from kmagic.api.key import ObjectKey
from kmagic.api.selectors import parse_labels
from kmagic.cache.view import StoreView
from kmagic.errors import NotFoundError

__all__ = ("Lister",)

T = TypeVar("T")


class Lister(Generic[T]):
    """Gets and lists cached objects; each reader owns what it gets.

    Args:
        store: The cache to read.
        resource: The cached resource, for messages; may be a function where it is not known yet.
        namespace: Only this one; None or "" for all.
    """

    def __init__(
        self,
        store: StoreView[T],
        resource: GroupResource | Callable[[], GroupResource],
        namespace: str | None = None,
    ) -> None:
        self._store = store
        self._resource = resource
        self._namespace = namespace or ""

    def __call__(self, namespace: str | None) -> Lister[T]:
        """The same lister for one namespace; None for all."""
        return Lister(self._store, self._resource, namespace)

    def __repr__(self) -> str:
        return f"<Lister of {len(self._store.entries)} objects in {self._namespace or 'all namespaces'}>"

    def when(self, ready: Callable[[], object]) -> Lister[T]:
        """The same lister for readers of whom `ready` is asked before each read."""
        return Lister(self._store.when(ready), self._resource, self._namespace)

    def get(self, name: str) -> T:
        """The object of a name; across namespaces, and for cluster-scoped objects, of a key.

        Raises:
            NotFoundError: It is not in the cache.
            SyncError: The cache is not filled.
        """
        key = name if "/" in name else str(ObjectKey(self._namespace, name))
        found = self._store.get_by_key(key)
        if found is None:
            raise self._not_found(name)
        return found

    def list(self, *, label_selector: str | None = None) -> builtins.list[T]:
        """The objects whose labels match; only those are decoded.

        Args:
            label_selector: ``"app=web,tier!=db"``; None for all.

        Raises:
            SelectorError: The selector cannot be read.
            SyncError: The cache is not filled.
        """
        if not label_selector:
            return self._store.in_namespace(self._namespace)
        selector = parse_labels(label_selector)
        entries = self._store.filled
        matching = [
            key
            for obj in entries.in_namespace(self._namespace)
            if selector.matches(meta.labels(obj))
            for key in (entries.key_of(obj),)
        ]
        return [found for key in matching if (found := self._store.get_by_key(key)) is not None]

    def _not_found(self, name: str) -> NotFoundError:
        resource = self._resource if isinstance(self._resource, GroupResource) else self._resource()
        message = f'{resource} "{name}" not found'
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": "NotFound",
            "code": 404,
            "message": message,
            "details": {"name": name, "group": resource.group, "kind": resource.resource},
        }
        where = f' in namespace "{self._namespace}"' if self._namespace else ""
        return NotFoundError(message, status=status, hint=f"it is not in the cache{where}")
