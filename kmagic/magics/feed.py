"""A live table's rows from the server: list the Table page by page, then watch it, for as long as someone looks.

Everything runs on the loop's thread. A watch that ends is taken up again; one that expired starts over from a
list; an error is told and tried again, ever more slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import anyio

from kmagic.api.options import ListOptions
from kmagic.errors import ExpiredError, KubeError, TimeoutError  # noqa: A004  # kmagic's own
from kmagic.views.table import Column, Row, RowPatch, row_of
from kmagic.widgets.feed import FeedState, OnPatch, OnState

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.client.table import ServerTable
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime

__all__ = ("TableFeed",)

_PAGE = 500
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0


class TableFeed:
    """Rows of one resource type that match a selection.

    Args:
        client: Where they come from.
        resource: Their type.
        namespace: None for all.
        labels: A label selector.
        fields: A field selector.
        runtime: The loop that follows them.
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
    ) -> None:
        self.resource = resource
        self.columns: tuple[Column, ...] = ()
        self.state = FeedState("listing")
        self.error: KubeError | None = None
        self._client, self._namespace = client, namespace
        self._labels, self._fields = labels, fields
        self._runtime = runtime
        self._rows: dict[str, Row] = {}
        self._subscribers: dict[int, tuple[OnPatch, OnState]] = {}
        self._next = 0
        self._scope: anyio.CancelScope | None = None
        self._settled = anyio.Event()

    @property
    def rows(self) -> Iterable[Row]:
        """All rows now."""
        return self._rows.values()

    def subscribe(self, on_patch: OnPatch, on_state: OnState) -> Callable[[], None]:
        """Asks for word of changes; the first subscriber starts the watch, the last one to leave stops it."""
        key, self._next = self._next, self._next + 1
        self._subscribers[key] = (on_patch, on_state)
        if self._scope is None:
            self._scope = self._runtime.spawn(self._follow, name=f"feed:{self.resource.resource}")

        def leave() -> None:
            self._subscribers.pop(key, None)
            if not self._subscribers and self._scope is not None:
                self._scope.cancel()
                self._scope = None

        return leave

    async def _follow(self) -> None:
        wait = _FIRST_WAIT
        while True:
            try:
                version = await self._list()
                wait = _FIRST_WAIT
                await self._watch(version)
            except ExpiredError:
                continue
            except KubeError as error:
                self.error = error
                self._become(FeedState("reconnecting", error.message))
                await self._client.rest.clock.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)

    async def _list(self) -> str:
        """Lists all pages; the first time each is told as it comes, later only the whole, so that no row blinks."""
        token, rows, first = "", dict[str, Row](), not self._rows
        while True:
            page = await self._client.tables.get(
                self.resource,
                self._namespace,
                label_selector=self._labels or None,
                field_selector=self._fields or None,
                limit=_PAGE,
                continue_token=token or None,
            )
            added = _rows_of(page)
            rows.update((row.key, row) for row in added)
            token = page.continue_token
            if first:
                self._rows.update((row.key, row) for row in added)
                self._tell(page, RowPatch(put=tuple(added)))
            elif not token:
                self._rows = rows
                self._tell(page, RowPatch(put=tuple(rows.values()), reset=True))
            if not token:
                self.error = None
                self._become(FeedState("live"))
                return page.resource_version
            self._become(FeedState("listing", f"{len(rows):,} of {len(rows) + (page.remaining_item_count or 0):,}"))

    async def _watch(self, version: str) -> None:
        while True:
            options = ListOptions(
                label_selector=self._labels or None,
                field_selector=self._fields or None,
                resource_version=version,
                allow_watch_bookmarks=True,
            )
            async for event in self._client.tables.watch(self.resource, self._namespace, options):
                version = _version_of(event.object) or version
                if event.type != "BOOKMARK":
                    self._change(event.type, event.object)

    def _change(self, kind: str, table: ServerTable) -> None:
        changed = _rows_of(table)
        if kind == "DELETED":
            for row in changed:
                self._rows.pop(row.key, None)
            self._tell(table, RowPatch(drop=tuple(row.key for row in changed)))
        else:
            self._rows.update((row.key, row) for row in changed)
            self._tell(table, RowPatch(put=tuple(changed)))

    def _tell(self, table: ServerTable, patch: RowPatch) -> None:
        if table.columns and not self.columns:
            self.columns = tuple(Column(c.name, c.type, c.format, c.description, c.priority) for c in table.columns)
            patch = RowPatch(patch.put, patch.drop, patch.reset, self.columns)
        for on_patch, _ in tuple(self._subscribers.values()):
            on_patch(patch)

    async def settled(self, seconds: float) -> KubeError | None:
        """Waits for the first page or the first error, and returns the error."""
        with anyio.move_on_after(seconds):
            await self._settled.wait()
            return self.error
        return TimeoutError(f"no list of {self.resource.full_name} within {seconds:g} s")

    def _become(self, state: FeedState) -> None:
        self.state = state
        self._settled.set()
        for _, on_state in tuple(self._subscribers.values()):
            on_state(state)


def _rows_of(table: ServerTable) -> list[Row]:
    return [row_of(row.cells, row.object) for row in table.rows]


def _version_of(table: ServerTable) -> str:
    for row in table.rows:
        version = ((row.object or {}).get("metadata") or {}).get("resourceVersion")
        if version:
            return str(version)
    return table.resource_version
