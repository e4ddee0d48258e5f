"""One cache for each resource, namespace and selection of a client, however many ask for it.

The first who asks makes it, the last who gives it back drops it. The pool runs nothing: every owner runs what it has,
and the caches themselves see to it that only one run is active.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from typing import TYPE_CHECKING, Any

from kmagic.cache.informer import SharedInformer

if TYPE_CHECKING:
    from kmagic.cache.forms import Form

__all__ = ("InformerPool",)


class InformerPool:
    """Shared informers, counted by their owners. Belongs to one client, so to one server and user."""

    def __init__(self) -> None:
        self._informers: dict[Hashable, SharedInformer[Any]] = {}
        self._owners: dict[Hashable, int] = {}
        # What does not support watch-lists on this server.
        self.no_watch_list: set[str] = set()

    def __repr__(self) -> str:
        return f"<InformerPool of {len(self._informers)}>"

    @property
    def keys(self) -> Set[Hashable]:
        """The keys of the caches."""
        return self._informers.keys()

    @property
    def informers(self) -> tuple[SharedInformer[Any], ...]:
        """The caches there are now. What is only looked at is not kept."""
        return tuple(self._informers.values())

    def owners(self, key: Hashable) -> int:
        """Returns the number of owners of a key's cache."""
        return self._owners.get(key, 0)

    def acquire(
        self,
        key: Hashable,
        make: Callable[[], SharedInformer[Any]],
        *,
        form: Form | None = None,
        owner: str = "an owner",
    ) -> SharedInformer[Any]:
        """An informer on the cache of a key; give it back with `release`.

        Args:
            key: The same for the same objects.
            make: Called where there is none yet.
            form: Form in which this owner gets the objects, if not as the one who made the cache.
            owner: Name of the owner, in words.
        """
        if key not in self._informers:
            self._informers[key] = make()
        self._owners[key] = self.owners(key) + 1
        return self._informers[key].share(form=form, owner=owner)

    def release(self, key: Hashable, informer: SharedInformer[Any]) -> None:
        """Closes an informer; the last one takes the cache with it."""
        informer.close()
        left = self.owners(key) - 1
        if left > 0:
            self._owners[key] = left
        else:
            self._owners.pop(key, None)
            self._informers.pop(key, None)
