"""The caches of a notebook: equal selections are one, so ten views of the same Pods cost one watch.

Live tables share the rows of a `TableFeed`; who wants whole objects counts on the shared informer of the selection, in
the same pool as the factories of the notebook's clients. Caches belong to a server as one user sees it, whatever the
context is called and whichever namespace the notebook is in.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import msgspec

from kmagic._lazy import collector_paused

if TYPE_CHECKING:
    from kmagic.cache.pool import InformerPool
    from kmagic.config.client_config import ClientConfig
    from kmagic.magics.session.object_cache import ObjectCache
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.table_feed import TableFeed
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime

__all__ = ("Caches",)


class Caches:
    """Caches that have readers; each counts them and follows only while there are any."""

    def __init__(self) -> None:
        self._feeds: weakref.WeakKeyDictionary[TableFeed, tuple[object, ...]] = weakref.WeakKeyDictionary()
        self._pools: list[tuple[ClientConfig, InformerPool]] = []

    def pool(self, config: ClientConfig) -> InformerPool:
        """The shared informers of a server as one user sees it; made at first use."""
        user = _user(config)
        for known, pool in self._pools:
            if known == user:
                return pool
        # What follows is imported by the first cache: loading the extension needs none of it.
        from kmagic.cache.pool import InformerPool

        self._pools.append((user, InformerPool()))
        return self._pools[-1][1]

    def feeds(self, config: ClientConfig | None = None) -> tuple[TableFeed, ...]:
        """The rows that live tables hold; only a user's where `config` says whose."""
        user = None if config is None else _user(config)
        return tuple(feed for feed, what in list(self._feeds.items()) if user is None or what[0] == user)

    def feed(
        self,
        place: Place,
        resource: APIResource,
        namespace: str | None,
        *,
        labels: str = "",
        fields: str = "",
        runtime: Runtime,
    ) -> TableFeed:
        """The rows of a selection at a server as one user sees it; made if no view has them.

        Args:
            place: Source of the rows.
            resource: Their type.
            namespace: None for all.
            labels: A label selector.
            fields: A field selector.
            runtime: The loop that follows them.
        """
        namespace = namespace if resource.namespaced else None
        wanted = (_user(place.config), resource, namespace, labels, fields, runtime)
        for feed, what in self._feeds.items():
            if what == wanted:
                return feed
        with collector_paused():
            from kmagic.magics.session.table_feed import TableFeed

        objects = self.objects(place, resource, namespace, labels=labels, fields=fields, runtime=runtime)
        feed = TableFeed(
            place.client, resource, namespace, labels=labels, fields=fields, runtime=runtime, objects=objects
        )
        self._feeds[feed] = wanted
        return feed

    def objects(
        self,
        place: Place,
        resource: APIResource,
        namespace: str | None,
        *,
        labels: str = "",
        fields: str = "",
        runtime: Runtime,
        owner: str = "a live view",
    ) -> ObjectCache:
        """One more who reads the whole objects of a selection; it follows from its `start` on.

        Args:
            place: Source of the objects.
            resource: Their type.
            namespace: None for all.
            labels: A label selector.
            fields: A field selector.
            runtime: The loop that follows them.
            owner: Name of the reader, in words.
        """
        with collector_paused():
            from kmagic.magics.session.object_cache import ObjectCache

        return ObjectCache(
            place.client,
            self.pool(place.config),
            resource,
            namespace,
            labels=labels,
            fields=fields,
            runtime=runtime,
            owner=owner,
        )


def _user(config: ClientConfig) -> ClientConfig:
    """A server as one user sees it: where the notebook is has nothing to do with what is cached."""
    return msgspec.structs.replace(config, namespace="default", context_name="")
