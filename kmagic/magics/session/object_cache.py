"""Whole objects of a selection for one who reads them: a share of the informer that everybody has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio

from kmagic.cache.factory import SharedInformerFactory
from kmagic.errors import KubeError, SyncError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.cache.informer import SharedInformer
    from kmagic.cache.pool import InformerPool
    from kmagic.cache.store import Store
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime
    from kmagic.views.table import Row

__all__ = ("ObjectCache",)


class ObjectCache:
    """A reader of the shared informer of a selection, from `start` to `stop`; what was read last stays.

    `start`, `stop` and the waits belong to the loop's thread; objects are read from any.

    Args:
        client: Source of the objects, if this is the first who asks.
        pool: Shared informers.
        resource: The objects' type.
        namespace: None for all.
        labels: A label selector.
        fields: A field selector.
        runtime: The loop that follows them.
        owner: Name of the reader, in words.
    """

    def __init__(
        self,
        client: AsyncClient,
        pool: InformerPool,
        resource: APIResource,
        namespace: str | None,
        *,
        labels: str = "",
        fields: str = "",
        runtime: Runtime,
        owner: str,
    ) -> None:
        self.resource = resource
        self.namespace: str | None = namespace if resource.namespaced else None
        self.labels: str = labels
        self.fields: str = fields
        self.owner: str = owner
        self._client, self._pool, self._runtime = client, pool, runtime
        self._factory: SharedInformerFactory | None = None
        self._ended: anyio.Event | None = None
        self._informer: SharedInformer[JSONObject] | None = None

    @property
    def running(self) -> bool:
        """True while it counts as a reader."""
        return self._factory is not None

    @property
    def state(self) -> str:
        """``listing``, ``live``, ``reconnecting`` or ``stopped``."""
        if self._factory is None or self._informer is None:
            return "stopped"
        if self._informer.state.last_error is not None:
            return "reconnecting"
        return "live" if self._informer.has_synced else "listing"

    @property
    def synced(self) -> bool:
        """True when all objects are there."""
        return self._informer is not None and self._informer.has_synced

    def start(self) -> None:
        """Counts as a reader from now on; the first one makes the informer list and watch."""
        if self._factory is not None:
            return
        self._factory = SharedInformerFactory(
            self._client,
            namespace=self.namespace,
            label_selector=self.labels or None,
            field_selector=self.fields or None,
            owner=self.owner,
            pool=self._pool,
            clock=self._client.rest.clock,
            rng=self._client.rest.rng,
        )
        self._informer = self._factory.resource(self.resource).informer
        with suppress(KubeError):  # who started it hears of its errors already
            self._informer.set_error_handler(lambda error: None)  # they are in the state, which readers see
        self._factory.start()

    def stop(self) -> None:
        """Counts no more; the last reader to leave ends the watch."""
        factory, self._factory = self._factory, None
        if factory is not None:
            self._ended = ended = anyio.Event()

            async def end() -> None:
                try:
                    await factory.stop()
                finally:
                    ended.set()

            self._runtime.spawn(end, name=f"end of {self.owner}")

    async def ended(self) -> None:
        """Waits until what was stopped has closed its connections."""
        if self._ended is not None:
            await self._ended.wait()

    async def wait_synced(self, timeout: float | None) -> None:
        """Starts, and waits until all objects are there.

        Raises:
            SyncError: They did not come in time or cannot come; the list's or watch's error is its cause.
        """
        self.start()
        assert self._informer is not None
        await self._informer.wait_synced(timeout)

    async def wait_for(self, met: Callable[[], bool], timeout: float) -> bool:
        """Waits until something is so of the objects, and returns whether it is; it looks at every change."""
        return self._informer is not None and await self._informer.wait_for(met, timeout)

    async def catch_up(self, rows: Callable[[], Iterable[Row]], timeout: float) -> bool:
        """Waits until no row is newer than the object behind it; False when that did not come in time."""
        return await self.wait_for(lambda: not any(_is_newer(row, self.entries) for row in rows()), timeout)

    @property
    def entries(self) -> Store:
        """The store, with objects as they are kept.

        Raises:
            SyncError: It was never listed.
        """
        return self._filled().store.filled

    @property
    def resource_version(self) -> str:
        """The version up to which the server was followed; "" before the first list."""
        return self._informer.last_sync_resource_version if self._informer is not None else ""

    def objects(self) -> list[JSONObject]:
        """All objects by namespace and name; each is the caller's own.

        Raises:
            SyncError: They were never listed.
        """
        store = self._filled().store
        found = [store.get_by_key(entry.key) for entry in sorted(store.filled.list(), key=_by_name)]
        return [obj for obj in found if obj is not None]  # one that went in the meantime

    def get(self, key: str) -> JSONObject | None:
        """The object of a key, ``"ns/name"`` or ``"name"``, or None; it is the caller's own.

        Raises:
            SyncError: They were never listed.
        """
        return self._filled().store.get_by_key(key)

    def _filled(self) -> SharedInformer[JSONObject]:
        if self._informer is None:
            raise SyncError(f"the objects of {self.resource.full_name} were never listed")
        return self._informer


def _by_name(entry: Any) -> tuple[str, str]:
    return entry.namespace, entry.name


def _is_newer(row: Row, store: Store) -> bool:
    found = store.get_by_key(row.key)
    if found is None:
        return True
    try:
        return int(row.resource_version) > int(found.resource_version)
    except ValueError:  # versions are numbers on every server of ours; where not, there is nothing to compare
        return False
