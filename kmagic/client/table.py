"""Reading and watching the server's tables, with the objects behind their rows.

Source: k8s.io/cli-runtime/pkg/resource.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from kmagic._lazy import collector_paused
from kmagic.api.options import ListOptions
from kmagic.api.table import RowObject, ServerTable, TableRow, read_row, table_reader
from kmagic.api.types import JSONObject
from kmagic.client.mapped import mapped
from kmagic.errors import DecodeError
from kmagic.rest import status, verbs, watch
from kmagic.rest.list_stream import ListDecoder
from kmagic.rest.watch import WatchEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from kmagic.client.rest import RESTClient
    from kmagic.rest.request import Query, Request
    from kmagic.rest.resource import APIResource

__all__ = ("TABLE_ACCEPT", "TableClient", "read_table")

T = TypeVar("T")

# The plain JSON at the end lets a server that cannot render tables (an old aggregated API) still answer.
TABLE_ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

_read = table_reader(dict[str, Any])


class TableClient:
    """Reads and watches tables."""

    def __init__(self, rest: RESTClient) -> None:
        self._rest = rest

    async def get(
        self,
        resource: APIResource,
        namespace: str | None,
        name: str = "",
        *,
        subresource: str = "",
        label_selector: str | None = None,
        field_selector: str | None = None,
        include_object: str = "Metadata",
        limit: int | None = None,
        continue_token: str | None = None,
        resource_version: str | None = None,
    ) -> ServerTable[JSONObject]:
        """One object, or one page of a collection, as a table.

        Args:
            resource: Resource of the objects.
            namespace: None for all namespaces.
            name: Of one object; "" for the collection.
            subresource: ``status`` or ``scale`` of the one object, instead of itself.
            label_selector: As for a list.
            field_selector: As for a list.
            include_object: ``"Object"``, ``"Metadata"`` or ``"None"``: what comes with each row.
            limit: Rows a page; the answer's `continue_token` asks for the next one.
            continue_token: From the page before.
            resource_version: ``"0"`` allows the server's cache.
        """
        if not name:
            options = ListOptions(
                label_selector=label_selector,
                field_selector=field_selector,
                limit=limit,
                continue_token=continue_token,
                resource_version=resource_version,
            )
            return await self.page(resource, namespace, options, _read, include_object=include_object)
        included: Query = (("includeObject", include_object),)

        async def read(resource: APIResource) -> ServerTable[JSONObject]:
            request = verbs.get(resource, namespace, name, subresource=subresource, query=included, accept=TABLE_ACCEPT)
            return await self._table(resource, request, _read)

        return await mapped(self._rest, resource, read, any_version=True)

    async def page(
        self,
        resource: APIResource,
        namespace: str | None,
        options: ListOptions,
        read: Callable[[bytes], ServerTable[T]],
        *,
        include_object: str = "Metadata",
    ) -> ServerTable[T]:
        """One page of a collection as a table.

        Args:
            resource: Resource of the objects.
            namespace: None for all namespaces.
            options: As for a list.
            read: Reader of what comes with each row, made by `kmagic.api.table.table_reader`.
            include_object: ``"Object"``, ``"Metadata"`` or ``"None"``: what comes with each row.
        """
        included: Query = (("includeObject", include_object),)

        async def ask(resource: APIResource) -> ServerTable[T]:
            request = verbs.list_(resource, namespace, options, accept=TABLE_ACCEPT).with_query(included)
            return await self._table(resource, request, read)

        return await mapped(self._rest, resource, ask, any_version=True)

    async def _table(
        self, resource: APIResource, request: Request, read: Callable[[bytes], ServerTable[T]]
    ) -> ServerTable[T]:
        table = read_table((await self._rest.execute(request)).body, read)
        if not table.columns:
            raise DecodeError(f"the server's table of {resource.full_name} has no columns")
        return table

    async def more(
        self, resource: APIResource, namespace: str | None, options: ListOptions, *, include_object: str
    ) -> ServerTable[RowObject]:
        """A later page, read while it streams, with the metadata of its rows or without; the first page had the columns.

        Args:
            resource: Resource of the objects.
            namespace: None for all namespaces.
            options: As for a list, with the continue token of the page before.
            include_object: ``"Metadata"`` or ``"None"``.

        Raises:
            ExpiredError: The page before came too long ago.
        """
        request = verbs.list_(resource, namespace, options, accept=TABLE_ACCEPT)
        decoder, rows = ListDecoder(read_row, key="rows"), list[TableRow[RowObject]]()

        def take(chunk: bytes) -> None:
            with collector_paused():
                rows.extend(decoder.feed(chunk))

        await self._rest.feed(request.with_query((("includeObject", include_object),)), take)
        last, head = decoder.finish()
        if head.kind != "Table":
            raise DecodeError(f"the server's next page of {resource.full_name} is no table: it sent {head.kind}")
        about = head.metadata
        return ServerTable((), (*rows, *last), about.resource_version, about.continue_token, about.remaining_item_count)

    async def watch(
        self,
        resource: APIResource,
        namespace: str | None,
        options: ListOptions,
        *,
        include_object: str = "Metadata",
        idle_timeout: float | None = None,
    ) -> AsyncGenerator[WatchEvent[ServerTable[JSONObject]], None]:
        """Changes as tables of one row each; only the first has columns.

        Raises:
            ExpiredError: The resource version is too old.
        """
        request = verbs.watch(resource, namespace, options, accept=TABLE_ACCEPT, idle_timeout=idle_timeout)
        request = request.with_query((("includeObject", include_object),))
        decoder = watch.WatchDecoder(watch.raw_event)
        async with self._rest.stream(request) as answer, aclosing(answer.chunks()) as chunks:
            async for chunk in chunks:
                for event in decoder.feed(chunk):
                    yield WatchEvent(event.type, _event_table(request, event))
            for event in decoder.finish():
                yield WatchEvent(event.type, _event_table(request, event))


def read_table(data: bytes, read: Callable[[bytes], ServerTable[T]]) -> ServerTable[T]:
    """Returns the table of an answer or a watch's event.

    Args:
        data: Body of the answer.
        read: Reader, made by `kmagic.api.table.table_reader`.

    Raises:
        StatusError: The server failed after it had begun.
        DecodeError: It answered with something else.
    """
    if failure := status.failure_in(data):
        raise failure
    return read(data)


def _event_table(request: Request, event: watch.RawWatchEvent) -> ServerTable[JSONObject]:
    if event.type == watch.ERROR:
        raise event.error(request)
    return read_table(event.raw, _read)
