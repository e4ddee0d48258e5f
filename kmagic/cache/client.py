"""The async client with informers: `kmagic.AsyncClient`.

The client's own layer knows no caches; this is the same client with the one verb more that needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from kmagic.api.model import Model
from kmagic.cache.factory import SharedInformerFactory
from kmagic.cache.list_watch import Tweak
from kmagic.cache.pool import InformerPool
from kmagic.client import client

__all__ = ("AsyncClient",)


class AsyncClient(client.AsyncClient):
    """A server as one user sees it; see `kmagic.client.client.AsyncClient` for the arguments."""

    @cached_property
    def pool(self) -> InformerPool:
        """The caches of this client, shared by all its factories.

        Set it before the first informer, to share with other clients of the same server, user and event loop.
        """
        return InformerPool()

    def informers(
        self,
        *,
        namespace: str | None = None,
        resync_seconds: float = 0.0,
        label_selector: str | None = None,
        field_selector: str | None = None,
        custom_resync: Mapping[type[Model] | str, float] | None = None,
        tweak: Tweak | None = None,
        transform: Callable[[Any], Any] | None = None,
        watch_list: bool = False,
        keep_managed_fields: bool = False,
        metadata_only: bool = False,
        owner: str = "",
    ) -> SharedInformerFactory:
        """Caches that follow resources: ask the factory for informers, enter it, read.

        Args:
            namespace: Only this one; None or "" for all.
            resync_seconds: Default period in seconds after which handlers get every object again; 0 for never.
            label_selector: Only matching objects, of every resource.
            field_selector: Only matching objects, of every resource.
            custom_resync: Other periods for some: by model class, or by the name the resource is asked by.
            tweak: Changes the options of every list and watch.
            transform: Changes each object before it is stored; must keep its name and namespace.
            watch_list: Fill by watches that send what exists.
            keep_managed_fields: Whether the cached objects keep them.
            metadata_only: Resources by name are cached as metadata only.
            owner: Name of the reader, in words: `kmagic.cache.census` says it.
        """
        return SharedInformerFactory(
            self,
            namespace=namespace,
            resync_seconds=resync_seconds,
            label_selector=label_selector,
            field_selector=field_selector,
            custom_resync=custom_resync,
            tweak=tweak,
            transform=transform,
            watch_list=watch_list,
            keep_managed_fields=keep_managed_fields,
            metadata_only=metadata_only,
            owner=owner,
            pool=self.pool,
            clock=self.rest.clock,
            rng=self.rest.rng,
        )
