"""The feeds of a notebook's live views: equal ones are one, so ten views of the same Pods cost one watch."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.table_feed import TableFeed
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime

__all__ = ("Feeds",)


class Feeds:
    """The feeds that some view holds; a feed counts those who look and follows only while there are any."""

    def __init__(self) -> None:
        self._held: weakref.WeakKeyDictionary[TableFeed, tuple[object, ...]] = weakref.WeakKeyDictionary()

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
        """The feed of a selection at a server as one user sees it; made if no view has it.

        Args:
            place: Source of the rows.
            resource: Resource of the rows.
            namespace: Namespace; None for all.
            labels: A label selector.
            fields: A field selector.
            runtime: The loop that follows them.
        """
        user = msgspec.structs.replace(place.config, namespace="default", context_name="")
        wanted = (user, resource, namespace, labels, fields, runtime)
        for feed, what in self._held.items():
            if what == wanted:
                return feed
        # What follows is imported by the first view.
        from kmagic.magics.session.table_feed import TableFeed

        feed = TableFeed(place.client, resource, namespace, labels=labels, fields=fields, runtime=runtime)
        self._held[feed] = wanted
        return feed
