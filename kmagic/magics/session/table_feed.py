"""A live table's rows from the server, for as long as someone looks: the cache's table informer as a widget's feed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import anyio

from kmagic.cache.census import CacheReport, state_fields
from kmagic.cache.reflector_state import Phase, State
from kmagic.cache.tables import TableInformer, table_list_watch
from kmagic.errors import KubeError, SyncError, TimeoutError  # noqa: A004  # kmagic's own
from kmagic.widgets.feed import FeedState, OnPatch, OnState

if TYPE_CHECKING:
    from kmagic.api.table import Column
    from kmagic.client.client import AsyncClient
    from kmagic.magics.session.object_cache import ObjectCache
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime
    from kmagic.views.table import Row, RowPatch

__all__ = ("TableFeed",)

# Two watches of one server are this much apart at most, unless one of them is broken.
_CATCH_UP_SECONDS = 2.0


class TableFeed:
    """Rows of one resource type that match a selection; everything runs on the loop's thread.

    It lists and watches while it has a reader. When the last one has left it holds no rows, and the next one to look
    gets a new list. The objects behind the rows come from the shared informer of the same selection, from the first
    read of them until the last reader has left.

    Args:
        client: Client that lists and watches the rows.
        resource: Resource of the rows.
        namespace: Namespace; None for all.
        labels: A label selector.
        fields: A field selector.
        runtime: The loop that follows them.
        objects: Reader of the objects behind the rows.
    """

    def __init__(
        self,
        client: AsyncClient,
        resource: APIResource,
        namespace: str | None,
        *,
        labels: str = "",
        fields: str = "",
        runtime: Runtime,
        objects: ObjectCache | None = None,
    ) -> None:
        self.resource = resource
        self.namespace: str | None = namespace if resource.namespaced else None
        self.labels: str = labels
        self.fields: str = fields
        self.objects = objects
        self._client = client
        self._source = functools.partial(
            table_list_watch, client, resource, namespace, label_selector=labels or None, field_selector=fields or None
        )
        self._runtime = runtime
        self._lookers = 0
        self._scope: anyio.CancelScope | None = None
        self._settled = anyio.Event()
        # A watch that is being closed must be gone before the next one begins.
        self._following = anyio.Lock()
        self._informer = self._new_informer()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns; empty before the first page."""
        return self._informer.columns

    @property
    def rows(self) -> Iterable[Row]:
        """All rows now."""
        return self._informer.rows

    @property
    def full(self) -> bool:
        """True while all rows are there and have a reader."""
        return self._lookers > 0 and self._informer.has_synced

    @property
    def state(self) -> FeedState:
        """The freshness of the rows."""
        return self._state_of(self._informer.state)

    @property
    def error(self) -> KubeError | None:
        """The error of the last list or watch; None when it works."""
        error = self._informer.state.last_error
        if error is None or isinstance(error, KubeError):
            return error
        return SyncError(f"{self.resource.full_name} cannot be followed: {error}")

    def subscribe(self, on_patch: OnPatch, on_state: OnState) -> Callable[[], None]:
        """Asks for word of changes; the first to look starts the watch, the last one to leave stops it."""
        leave_informer = self._informer.subscribe(on_patch, lambda state: on_state(self._state_of(state)))
        self._lookers += 1
        if self._scope is None:
            self._scope = self._runtime.spawn(self._follow, name=f"feed:{self.resource.resource}")
        left = False

        def leave() -> None:
            nonlocal left
            if left:
                return
            left = True
            leave_informer()
            self._lookers -= 1
            if not self._lookers and self._scope is not None:
                self._scope.cancel()
                self._scope = None
                self._settled = anyio.Event()
                self._informer = self._new_informer()
                if self.objects is not None:
                    self.objects.stop()

        return leave

    async def read_objects(self, timeout: float) -> ObjectCache:
        """The objects behind the rows, none older than its row if that can be had in time.

        Raises:
            SyncError: The rows have no reader any more, or the objects cannot be listed.
        """
        if self.objects is None or not self._lookers:
            raise SyncError(
                f"the view of {self.resource.full_name} has stopped, so it holds no objects", hint="run its cell again"
            )
        await self.objects.wait_synced(timeout)
        await self.objects.catch_up(lambda: self.rows, _CATCH_UP_SECONDS)
        return self.objects

    def report(self) -> CacheReport:
        """The report of it as it is now, for who looks at all caches."""
        informer = self._informer
        return CacheReport(
            what=informer.source.description,
            resource=self.resource,
            server=self._client.config.server,
            selector=" ".join(filter(None, (self.labels, self.fields))),
            form="table",
            objects=len(tuple(informer.rows)),
            readers=("a live view",) * self._lookers,
            **state_fields(informer.state, informer.clock.now()),
        )

    def _new_informer(self) -> TableInformer:
        informer = TableInformer(self._source(), clock=self._client.rest.clock)
        informer.subscribe(self._on_patch, self._on_state)
        return informer

    async def _follow(self) -> None:
        informer = self._informer
        async with self._following:
            await informer.run()

    async def ended(self) -> None:
        """Waits until the watch without readers has closed its connection."""
        if not self._lookers:
            if self.objects is not None:
                await self.objects.ended()
            async with self._following:
                return

    async def settled(self, seconds: float) -> KubeError | None:
        """Waits for the first page or the first error, and returns the error."""
        with anyio.move_on_after(seconds):
            await self._settled.wait()
            return self.error
        return TimeoutError(f"no list of {self.resource.full_name} within {seconds:g} s")

    def _on_patch(self, _: RowPatch) -> None:
        # Of a long list the first page is enough to begin with; a list of one page is complete in a moment.
        if self._informer.progress.loaded != self._informer.progress.total:
            self._settled.set()

    def _on_state(self, state: State) -> None:
        if state.last_error is not None or state.phase is Phase.STREAMING:
            self._settled.set()

    def _state_of(self, state: State) -> FeedState:
        if state.last_error is not None:
            error = self.error
            return FeedState("reconnecting", error.message if error else "")
        if state.phase is Phase.STOPPED:
            return FeedState("stopped")
        if state.synced:
            return FeedState("live")
        progress = self._informer.progress
        total = f" of {progress.total:,}" if progress.total is not None else ""
        return FeedState("listing", f"{progress.loaded:,}{total}" if progress.loaded else "")
