"""Reading a type's list: the first page whole, then no more than what is needed, in pages that are as big as they may be.

Most lists are one page, so that what is printed and what Python gets are one answer. Of a long one a person sees the
text: its cells alone are a thirtieth of the bytes. All pages are of one version, at which the objects behind the rows
can be asked for later (`kmagic.magics.work.behind`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.api.table import TableRow, table_reader
from kmagic.client.codec import BytesCodec
from kmagic.client.resource import AsyncResource
from kmagic.magics.work.fetched import PAGE, Fetched, Need
from kmagic.rest.pages import Pages
from kmagic.views.table import name_column

if TYPE_CHECKING:
    from kmagic.api.options import ListOptions
    from kmagic.client.client import AsyncClient
    from kmagic.magics.work.fetched import Scope
    from kmagic.rest.resource import APIResource

__all__ = ("objects_of", "page_after", "read_list")

# One big page costs the server less than many small ones, but each must come within the time of a request.
_BIG_PAGE = 10_000
_BIG_PAGE_BYTES = 64 * 2**20

_read_bytes = table_reader(bytes)


async def read_list(client: AsyncClient, resource: APIResource, scope: Scope, need: Need) -> Fetched:
    """Reads all of a type that a scope selects, at one version of the list.

    Raises:
        ExpiredError: The list changed so much while it was read that the server forgot its beginning.
        ProtocolError: The server's pages have no end.
    """
    reading = _Reading(client, resource, scope, need)
    pages, token = Pages(), await reading.first(scope.options(_page(scope, scope.page, 0)))
    found = reading.found
    while (token := pages.next(token, found.rows)) and (not scope.limit or len(found.rows) < scope.limit):
        size = page_after(found) if scope.page == PAGE else scope.page
        token = await reading.more(scope.options(_page(scope, size, len(found.rows)), token))
    if not scope.limit:
        return replace(found, remaining_item_count=None)
    kept_back = (reading.remaining or 0) + max(0, len(found.rows) - scope.limit)
    cut = bool(token) or len(found.rows) > scope.limit
    del found.rows[scope.limit :]
    return replace(found, remaining_item_count=kept_back if cut else None)


def page_after(found: Fetched) -> int:
    """Returns the size of a page after those that came, by the size of the objects in them."""
    size = sum(len(row.object) for row in found.rows if isinstance(row.object, bytes))
    return max(PAGE, min(_BIG_PAGE, _BIG_PAGE_BYTES * len(found.rows) // max(size, 1)))


def objects_of(client: AsyncClient, resource: APIResource, namespace: str | None) -> AsyncResource[bytes]:
    """The verbs on a type's objects, read as the bytes that came."""
    return AsyncResource(client.rest, resource, BytesCodec(), namespace)


def _page(scope: Scope, size: int, had: int) -> int:
    left = scope.limit - had if scope.limit else 0
    return min(left, size or left) if left else size


class _Reading:
    """The pages of one list.

    Attributes:
        found: The answer so far.
        remaining: Objects on later pages as the server said last.
    """

    def __init__(self, client: AsyncClient, resource: APIResource, scope: Scope, need: Need) -> None:
        self._client = client
        self._resource = resource
        self._scope = scope
        self._need = need
        self._included = "Object"
        self.found = Fetched(resource, (), [])
        self.remaining: int | None = None

    async def first(self, options: ListOptions) -> str:
        """Reads the first page, whose rows come with their objects; returns the token of the next one."""
        if self._need is Need.OBJECTS:
            return await self._objects(options)
        token = await self._whole_rows(options)
        self._included = self._what_follows()
        return token

    async def more(self, options: ListOptions) -> str:
        """Reads the next page; returns the token of the one after it."""
        if self._need is Need.OBJECTS:
            return await self._objects(options)
        if self._included == "Object":
            return await self._whole_rows(options)
        table = await self._client.tables.more(
            self._resource, self._scope.namespace, options, include_object=self._included
        )
        self.found.rows.extend(table.rows)
        self.remaining = table.remaining_item_count
        return table.continue_token

    def _what_follows(self) -> str:
        """Returns what comes with the rows of later pages, in the server's words."""
        found, need = self.found, self._need
        if need is Need.ROWS_AND_OBJECTS or not found.resource_version:
            return "Object"  # without a version nobody can ask later for the objects that these rows are of
        spread = self._resource.namespaced and self._scope.namespace is None
        if need is Need.ROWS_AND_METADATA or (need is Need.ROWS and spread):
            return "Metadata"
        named = name_column(found.columns)
        names = [row.cells[named] if named < len(row.cells) else None for row in found.rows]
        return "None" if names == [name for _, name in found.keys] else "Metadata"

    async def _whole_rows(self, options: ListOptions) -> str:
        table = await self._client.tables.page(
            self._resource, self._scope.namespace, options, _read_bytes, include_object="Object"
        )
        namespace = (self._scope.namespace or "") if self._resource.namespaced else ""
        if not self.found.columns:
            self.found = replace(
                self.found, columns=table.columns, resource_version=table.resource_version, namespace=namespace
            )
        self.found.rows.extend(table.rows)
        self.remaining = table.remaining_item_count
        return table.continue_token

    async def _objects(self, options: ListOptions) -> str:
        page = await objects_of(self._client, self._resource, self._scope.namespace).list_page(options)
        self.found.rows.extend(TableRow((), item) for item in page)
        self.remaining = page.remaining_item_count
        return page.continue_token
