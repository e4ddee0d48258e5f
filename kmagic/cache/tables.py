"""The server's own table of a resource, kept up to date: what live views show.

Every kind, CRDs included, has the columns kubectl shows without a line of column code here. Rows come in pages, so the
first ones are there while the rest still comes, and then from a watch; with each row comes its object's metadata, no
more. Subscribers get one patch for each page or network chunk, however many rows it changes.

Source: k8s.io/apimachinery/pkg/apis/meta/v1 (Table), k8s.io/kubectl/pkg/cmd/get (the watch of a table).
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Protocol, Self

import anyio
import anyio.lowlevel
import msgspec

from kmagic.aio.backoff import Backoff
from kmagic.aio.signal import Signal
from kmagic.aio.tasks import Background, Later
from kmagic.api.clock import Clock
from kmagic.api.gvk import GroupVersionResource
from kmagic.api.options import ListOptions
from kmagic.api.table import Column, RowObject, ServerTable, table_reader
from kmagic.cache.list_watch import Batch, ListPage, raw_batches
from kmagic.cache.reflector import IDLE_SECONDS, Reflector
from kmagic.cache.reflector_state import State, is_permanent
from kmagic.client.dynamic import DynamicClient
from kmagic.client.resource import AsyncResource
from kmagic.client.table import TABLE_ACCEPT, read_table
from kmagic.errors import DecodeError, KubeError, SyncError
from kmagic.rest import verbs, watch
from kmagic.rest.resource import APIResource
from kmagic.rest.watch import WatchEvent
from kmagic.transport.clock import SystemClock
from kmagic.views.table import Row, RowPatch, row_of

__all__ = ("Progress", "TableInformer", "TableListWatch", "table_list_watch")

# kubectl's chunk: on the screen after a tenth of a second.
PAGE_ROWS = 500


_read = table_reader(RowObject)


class Progress(msgspec.Struct, frozen=True):
    """The progress of the first list.

    Attributes:
        loaded: Rows that are there.
        total: Rows there will be, or None when the server did not say.
    """

    loaded: int = 0
    total: int | None = None


def _included(resource: APIResource) -> tuple[tuple[str, str], ...]:
    """Returns the part of the object that rows bring: only an event itself says when it happened."""
    whole = resource.resource == "events" and resource.group in ("", "events.k8s.io")
    return (("includeObject", "Object" if whole else "Metadata"),)


class _HasDynamic(Protocol):
    @property
    def dynamic(self) -> DynamicClient: ...


class TableListWatch:
    """Lists and watches a resource as rows of the server's table.

    Args:
        resource: Of what; its namespace counts.
        label_selector: Selector of the objects' labels.
        field_selector: Selector of the objects' fields.
    """

    def __init__(
        self, resource: AsyncResource[Any], *, label_selector: str | None = None, field_selector: str | None = None
    ) -> None:
        self._resource = resource
        self._label_selector = label_selector
        self._field_selector = field_selector
        self._resolved: APIResource | None = None
        self.columns: tuple[Column, ...] = ()

    @property
    def resolved(self) -> APIResource | None:
        """The listed resource; None before the first list of a resource given by name."""
        return self._resolved

    @property
    def resource(self) -> AsyncResource[Any]:
        """The verbs on the resource, for example to fetch the object behind a row."""
        return self._resource

    @property
    def description(self) -> str:
        """The listed resource, for messages."""
        if self._resolved is None:
            return repr(self._resource).strip("<>")
        where = f' in namespace "{self._resource.namespace}"' if self._resource.namespace else ""
        return f"{self._resolved.full_name}{where}"

    async def list(self, options: ListOptions) -> ListPage:
        """One page of rows."""
        return await self._resource.mapped(lambda resource: self._list(resource, options), any_version=True)

    async def _list(self, resource: APIResource, options: ListOptions) -> ListPage:
        self._resolved = resource
        request = verbs.list_(
            self._resolved, self._resource.namespace, self._selected(options), accept=TABLE_ACCEPT
        ).with_query(_included(self._resolved))
        table = read_table((await self._resource.rest.execute(request)).body, _read)
        if not table.columns or not table.resource_version:
            raise DecodeError(f"the server's table of {self.description} has no columns, or no version to watch from")
        return ListPage(self._rows(table), table.resource_version, table.continue_token, table.remaining_item_count)

    @asynccontextmanager
    async def watch(
        self, options: ListOptions, *, idle_seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """Opens a watch of rows; leaving closes it."""
        self._resolved = resource = await self._resource.resolve()
        request = verbs.watch(
            resource,
            self._resource.namespace,
            self._selected(options),
            accept=TABLE_ACCEPT,
            idle_timeout=idle_seconds,
        ).with_query(_included(resource))
        async with self._resource.rest.stream(request) as answer:
            yield raw_batches(answer.chunks(), self._event)

    def _selected(self, options: ListOptions) -> ListOptions:
        return msgspec.structs.replace(
            options, label_selector=self._label_selector, field_selector=self._field_selector
        )

    def _event(self, frame: bytes) -> WatchEvent[Any]:
        event = watch.raw_event(frame)
        if event.type == watch.ERROR:
            return WatchEvent(event.type, event.error())
        table = read_table(event.raw, _read)
        rows = self._rows(table)
        if event.type == watch.BOOKMARK or not rows:
            version = table.resource_version or (rows[0].resource_version if rows else "")
            return WatchEvent(watch.BOOKMARK, Row("", (), resource_version=version))
        return WatchEvent(event.type, rows[0])

    def _rows(self, table: ServerTable[RowObject]) -> tuple[Row, ...]:
        if table.columns:
            self.columns = table.columns
        came = time.time()
        return tuple(row_of(row.cells, row.object, came=came) for row in table.rows)


def table_list_watch(
    client: _HasDynamic,
    resource: str | APIResource | GroupVersionResource,
    namespace: str | None = None,
    *,
    label_selector: str | None = None,
    field_selector: str | None = None,
) -> TableListWatch:
    """Lists and watches any resource as rows of the server's table.

    Args:
        client: The client that lists and watches.
        resource: By any name kubectl takes, or as discovery knows it.
        namespace: Namespace; None for all.
        label_selector: Selector of the objects' labels.
        field_selector: Selector of the objects' fields.
    """
    return TableListWatch(
        client.dynamic.resource(resource, namespace), label_selector=label_selector, field_selector=field_selector
    )


class TableInformer:
    """Rows that follow a resource. Everything belongs to one event loop, and calls back there.

    Args:
        source: Source of the rows: `table_list_watch(client, "deploy", "shop")`.
        page_rows: Rows a page of the list.
        idle_seconds: Silence after which a watch counts as dead.
        backoff: The delays between tries.
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1) for jitter.
    """

    def __init__(
        self,
        source: TableListWatch,
        *,
        page_rows: int = PAGE_ROWS,
        idle_seconds: float | None = IDLE_SECONDS,
        backoff: Backoff | None = None,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.source = source
        self.clock: Clock = clock or SystemClock()
        self._rows: dict[str, Row] = {}
        self._told_columns: tuple[Column, ...] = ()
        self._progress = Progress()
        self._put: dict[str, Row] = {}
        self._drop: dict[str, None] = {}
        self._subscribers: list[tuple[Callable[[RowPatch], object], Callable[[State], object]]] = []
        self._changed = Signal()
        self._background = Background(f"table of {self.source.description}")
        self._reflector = Reflector(
            source,
            self,
            page_size=page_rows,
            # From the server's cache all rows would come in one piece.
            first_version="",
            idle_seconds=idle_seconds,
            backoff=backoff,
            clock=self.clock,
            rng=rng,
            on_page=self._page,
            on_error=lambda error: None,  # it is in the state, which subscribers see
        )
        self._reflector.observe(self._tell_state)

    def __repr__(self) -> str:
        return (
            f"<TableInformer of {self.source.description}: {len(self._rows)} rows,"
            f" {self.state.describe(self.clock.now())}>"
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns; empty before the first page."""
        return self.source.columns

    @property
    def rows(self) -> Iterable[Row]:
        """All rows now, in the order they came."""
        return self._rows.values()

    @property
    def progress(self) -> Progress:
        """The progress of the first list."""
        return self._progress

    @property
    def state(self) -> State:
        """Its phase, the time of the last change and the last error."""
        return self._reflector.state

    @property
    def has_synced(self) -> bool:
        """True if all rows are there."""
        return self.state.synced

    def subscribe(
        self, on_patch: Callable[[RowPatch], object], on_state: Callable[[State], object] = lambda state: None
    ) -> Callable[[], None]:
        """Asks for word of changes from now on; `rows` has what was before.

        Args:
            on_patch: Called once for each page or network chunk.
            on_state: Called when what it does changes, when an error comes or goes, and for each page.

        Returns:
            Ends the subscription.
        """
        pair = (on_patch, on_state)
        self._subscribers.append(pair)
        return lambda: self._subscribers.remove(pair) if pair in self._subscribers else None

    async def run(self) -> None:
        """Lists and watches until cancelled; a second run goes on where the first was stopped."""
        await self._reflector.run()

    async def wait_synced(self, timeout: float | None = None) -> None:
        """Waits until all rows are there.

        Raises:
            SyncError: They did not come in time, or cannot come; the list's or watch's error is its cause.
        """
        error: Exception | None = None
        with anyio.move_on_after(timeout):
            while not self.has_synced:
                error = self.state.last_error
                if error is not None and is_permanent(error):
                    break
                await self._changed.wait()
        if not self.has_synced:
            text = error.message if isinstance(error, KubeError) else self.state.describe(self.clock.now())
            raise SyncError(
                f"cannot list {self.source.description}: {text}", hint=getattr(error, "hint", "")
            ) from error

    def start(self) -> Later:
        """Follows the table in the background until `stop`; what it returns need not be awaited."""
        if not self._background.running:
            self._background.start()
            self._background.spawn(self.run)
        return Later(anyio.lowlevel.checkpoint)

    async def stop(self) -> None:
        """Ends what `start` began; rows stay, and it may be started again."""
        await self._background.stop()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # What the reflector writes to.

    def add(self, row: Row) -> None:
        """A row appeared."""
        self._rows[row.key] = self._put[row.key] = row
        self._drop.pop(row.key, None)

    update = add

    def delete(self, row: Row) -> None:
        """A row is gone."""
        if self._rows.pop(row.key, None) is not None:
            self._put.pop(row.key, None)
            self._drop[row.key] = None

    def replace(self, rows: Iterable[Row], resource_version: str = "") -> None:
        """These rows are all there are."""
        before, self._rows = self._rows, {row.key: row for row in rows}
        self._put = {key: row for key, row in self._rows.items() if not _same(before.get(key), row)}
        self._drop = dict.fromkeys(key for key in before if key not in self._rows)
        self._progress = Progress(len(self._rows), len(self._rows))

    def resync(self) -> None:
        """Does nothing: rows do not come twice."""

    def flush(self) -> None:
        """Calls subscribers with the changes since the last call."""
        columns = self.columns if self.columns != self._told_columns else None
        if not self._put and not self._drop and columns is None:
            return
        patch = RowPatch(tuple(self._put.values()), tuple(self._drop), columns=columns)
        self._put, self._drop, self._told_columns = {}, {}, self.columns
        for on_patch, _ in tuple(self._subscribers):
            on_patch(patch)

    def _page(self, page: ListPage) -> None:
        """The first list is shown while it comes; a later one only as a whole, when it is known what is gone."""
        if self.has_synced:
            return
        for row in page.items:
            self.add(row)
        total = (
            len(self._rows) + (page.remaining or 0) if page.remaining is not None or not page.continue_token else None
        )
        self._progress = Progress(len(self._rows), total)
        self.flush()
        self._tell_state(self.state)

    def _tell_state(self, state: State) -> None:
        self._changed.notify()
        for _, on_state in tuple(self._subscribers):
            on_state(state)


def _same(old: Row | None, new: Row) -> bool:
    """Returns whether a row says what it said before, whenever that was."""
    return old is not None and (old.uid, old.resource_version, old.cells) == (new.uid, new.resource_version, new.cells)
