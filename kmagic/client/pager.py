"""Big lists in pages.

Source: k8s.io/client-go/tools/pager/pager.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import anyio
import msgspec

from kmagic.aio.tasks import task_group
from kmagic.api.options import ListOptions
from kmagic.client.codec import ResourceList
from kmagic.errors import ExpiredError
from kmagic.rest.pages import Pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

__all__ = ("PAGE_SIZE", "Pager")

T = TypeVar("T")

# client-go's default: small enough for the server, few enough requests for 10,000 objects.
PAGE_SIZE = 500
# Pages read ahead of the consumer.
_READ_AHEAD = 10


class Pager(Generic[T]):
    """Lists page by page through a function that fetches one.

    Args:
        fetch: Fetches the page that its options (limit, continue) describe.
        page_size: Objects a page where the options set no limit; 0 for all in one.
        full_list_if_expired: A continue token that expired on the way makes it list everything in one request
            instead of failing.
    """

    def __init__(
        self,
        fetch: Callable[[ListOptions], Awaitable[ResourceList[T]]],
        *,
        page_size: int = PAGE_SIZE,
        full_list_if_expired: bool = True,
    ) -> None:
        self._fetch = fetch
        self._page_size = page_size
        self._full_list_if_expired = full_list_if_expired

    async def pages(self, options: ListOptions = ListOptions()) -> AsyncIterator[ResourceList[T]]:
        """The pages as they come; only the first has the list's resource version for a watch.

        Raises:
            ExpiredError: A continue token expired after a page had been handed out: start again.
            ProtocolError: The server's pages have no end.
        """
        options, pages = self._limited(options), Pages()
        while True:
            page = await self._fetch(options)
            yield page
            if not (token := pages.next(page.continue_token, page.items)):
                return
            options = _next_page(options, token)

    async def list(self, options: ListOptions = ListOptions()) -> ResourceList[T]:
        """All pages as one list.

        The resource version is the first page's, from which a watch sees every later change. A list of one page
        is the server's own.
        """
        first = page = await self._fetch(limited := self._limited(options))
        if not page.continue_token:
            return page
        items, pages = list(page.items), Pages()
        while token := pages.next(page.continue_token, page.items):
            limited = _next_page(limited, token)
            try:
                page = await self._fetch(limited)
            except ExpiredError:
                if not self._full_list_if_expired:
                    raise
                return await self._fetch(msgspec.structs.replace(options, limit=None, continue_token=None))
            items += page.items
        return ResourceList(
            items, resource_version=first.resource_version, kind=first.kind, api_version=first.api_version
        )

    async def each(self, handle: Callable[[T], Awaitable[object]], options: ListOptions = ListOptions()) -> None:
        """Calls `handle` with every object, in order; pages are read ahead while it works, at most ten.

        An error of `handle` or of a page ends it.
        """
        send, receive = anyio.create_memory_object_stream[ResourceList[T]](_READ_AHEAD)

        async def read_ahead() -> None:
            async with send:
                async for page in self.pages(options):
                    await send.send(page)

        async with task_group() as group:
            group.start_soon(read_ahead)
            async with receive:
                async for page in receive:
                    for item in page.items:
                        await handle(item)

    def _limited(self, options: ListOptions) -> ListOptions:
        if options.limit or not self._page_size:
            return options
        return msgspec.structs.replace(options, limit=self._page_size)


def _next_page(options: ListOptions, token: str) -> ListOptions:
    # The token itself holds the version; servers refuse both at once.
    return msgspec.structs.replace(options, continue_token=token, resource_version=None, resource_version_match=None)
