"""Big lists in pages, blocking: composition over `kmagic.client.pager.Pager`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from kmagic.api.options import ListOptions
from kmagic.client import pager
from kmagic.client.codec import ResourceList
from kmagic.sync.documentation import documented_by
from kmagic.sync.resource import Resource

__all__ = ("Pager",)

T = TypeVar("T")


@documented_by(pager.Pager)
class Pager(Generic[T]):
    """Lists a resource page by page. See `kmagic.client.pager.Pager`.

    ```python
    for page in Pager(client.core_v1.pods("shop"), page_size=100).pages():
        print(len(page))
    ```

    Args:
        resource: The resource to list.
        page_size: Objects a page where the options set no limit; 0 for all in one.
        full_list_if_expired: A continue token that expired on the way makes `list` list everything in one request
            instead of failing.
    """

    def __init__(
        self, resource: Resource[T], *, page_size: int = pager.PAGE_SIZE, full_list_if_expired: bool = True
    ) -> None:
        self._runtime = resource.runtime
        self._async = pager.Pager(
            resource.unblocked.list_page, page_size=page_size, full_list_if_expired=full_list_if_expired
        )

    def pages(self, options: ListOptions = ListOptions()) -> Iterator[ResourceList[T]]:
        return self._runtime.iterate(self._async.pages(options))

    def list(self, options: ListOptions = ListOptions()) -> ResourceList[T]:
        return self._runtime.run(self._async.list(options))

    def each(self, handle: Callable[[T], object], options: ListOptions = ListOptions()) -> None:
        """Calls `handle` with every object, in order, in the caller's own thread; an error ends it."""
        for page in self.pages(options):
            for item in page:
                handle(item)
