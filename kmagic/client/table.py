"""The server's own tables: the columns kubectl shows, for every kind, without knowing the kind.

Source: k8s.io/apimachinery/pkg/apis/meta/v1 (Table), k8s.io/cli-runtime/pkg/resource.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.options import ListOptions
from kmagic.api.types import JSONObject
from kmagic.client.mapped import mapped
from kmagic.errors import DecodeError
from kmagic.rest import status, verbs, watch
from kmagic.rest.watch import WatchEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from kmagic.client.rest import RESTClient
    from kmagic.rest.request import Query, Request
    from kmagic.rest.resource import APIResource

__all__ = ("TABLE_ACCEPT", "ServerTable", "TableClient", "TableColumn", "TableRow", "decode_table")

# The plain JSON at the end lets a server that cannot render tables (an old aggregated API) still answer.
TABLE_ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


class TableColumn(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        type: ``"string"``, ``"integer"``, ``"number"``, ``"boolean"``, ``"date"``.
        format: ``"name"`` marks the column that names the object.
        priority: 0 is always shown, higher ones by ``-o wide``.
    """

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0


class TableRow(msgspec.Struct):
    """A row: its cells in the order of the columns, and what was asked to come with it.

    Attributes:
        object: The object's metadata (PartialObjectMetadata) or all of it, or None.
    """

    cells: list[Any] = []
    object: JSONObject | None = None


class ServerTable(msgspec.Struct):
    """A table as the server rendered it; in a watch only the first one has columns."""

    columns: tuple[TableColumn, ...]
    rows: list[TableRow]
    resource_version: str = ""
    continue_token: str = ""
    remaining_item_count: int | None = None

    def __repr__(self) -> str:
        # No cells: columns of unknown kinds may hold anything.
        return f"<ServerTable of {len(self.rows)} rows, {len(self.columns)} columns>"


class _ListMeta(msgspec.Struct):
    resourceVersion: str = ""  # noqa: N815  # wire names
    continue_: str = msgspec.field(default="", name="continue")
    remainingItemCount: int | None = None  # noqa: N815


class _Table(msgspec.Struct):
    kind: str = ""
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    columnDefinitions: tuple[TableColumn, ...] | None = None  # noqa: N815
    rows: list[TableRow] | None = None


_decoder = msgspec.json.Decoder(_Table)


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
    ) -> ServerTable:
        """One object, or one page of a collection, as a table.

        Args:
            resource: Of which type.
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
        included: Query = (("includeObject", include_object),)

        async def read(resource: APIResource) -> ServerTable:
            if name:
                request = verbs.get(
                    resource, namespace, name, subresource=subresource, query=included, accept=TABLE_ACCEPT
                )
            else:
                options = ListOptions(
                    label_selector=label_selector,
                    field_selector=field_selector,
                    limit=limit,
                    continue_token=continue_token,
                    resource_version=resource_version,
                )
                request = verbs.list_(resource, namespace, options, accept=TABLE_ACCEPT).with_query(included)
            table = decode_table((await self._rest.execute(request)).body)
            if not table.columns:
                raise DecodeError(f"the server's table of {resource.full_name} has no columns")
            return table

        return await mapped(self._rest, resource, read, any_version=True)

    async def watch(
        self,
        resource: APIResource,
        namespace: str | None,
        options: ListOptions,
        *,
        include_object: str = "Metadata",
        idle_timeout: float | None = None,
    ) -> AsyncGenerator[WatchEvent[ServerTable], None]:
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


def decode_table(data: bytes) -> ServerTable:
    """Reads a Table object.

    Raises:
        DecodeError: The server answered with something else.
    """
    try:
        found = _decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DecodeError(f"the server's table is not readable: {error}") from error
    if failure := status.failure_in(data):
        raise failure
    if found.kind != "Table":
        raise DecodeError(f"the server does not render tables of this kind: it sent {found.kind or 'something else'}")
    return ServerTable(
        tuple(found.columnDefinitions or ()),
        found.rows or [],
        found.metadata.resourceVersion,
        found.metadata.continue_,
        found.metadata.remainingItemCount,
    )


def _event_table(request: Request, event: watch.RawWatchEvent) -> ServerTable:
    if event.type == watch.ERROR:
        raise event.error(request)
    return decode_table(event.raw)
