"""The objects behind rows that came without them, as they were when the rows were printed.

A list has one version, and the server still answers what was true at it for some minutes. After that it says that the
version is gone: then an object that did not change since is read as it is now, and of one that changed or was deleted
it is not known any more what was printed. That is an error, and never another object than the one of the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.key import ObjectKey
from kmagic.api.options import ListOptions
from kmagic.api.table import RowMetadata, row_object
from kmagic.errors import ExpiredError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from kmagic.client.resource import AsyncResource
    from kmagic.rest.resource import APIResource
    from kmagic.views.table import Row

__all__ = ("Behind",)


class Behind:
    """Fetches the objects behind the rows of one list.

    Args:
        objects: The verbs on the list's objects.
        resource: Their type.
        selected: The selectors of the list, and the size of its pages.
        version: The list's version.
        run: Runs a request to its end.
    """

    def __init__(
        self,
        objects: AsyncResource[bytes],
        resource: APIResource,
        selected: ListOptions,
        version: str,
        run: Callable[[Coroutine[Any, Any, Any]], Any],
    ) -> None:
        self._objects = objects
        self._resource = resource
        self._selected = msgspec.structs.replace(
            selected, resource_version=version, resource_version_match="Exact", continue_token=None
        )
        self._version = version
        self._run = run

    def one(self, row: Row) -> bytes:
        """The object behind a row.

        Raises:
            ExpiredError: It changed or was deleted since, so long ago that the server does not know the version any more.
        """
        found: bytes | None = self._run(self._one(row))
        if found is None:
            raise self.gone(row)
        return found

    def all(self) -> dict[str, bytes]:
        """The objects behind all rows by their keys, without those that `one` would not find."""
        found: dict[str, bytes] = self._run(self._all())
        return found

    def as_printed(self, row: Row, obj: bytes) -> bool:
        """Returns whether an object is the one that the row was printed of."""
        head = _head(obj)
        if row.resource_version:
            return (head.uid, head.resource_version) == (row.uid, row.resource_version)
        try:
            # Every change has a greater version than the list that does not show it.
            return int(head.resource_version) <= int(self._version)
        except ValueError:
            return False

    def gone(self, row: Row) -> ExpiredError:
        """The error of a row whose object cannot be had any more."""
        return ExpiredError(
            f'{self._resource.full_name} "{row.name}" changed or was deleted since it was printed at version'
            f" {self._version}, and the server does not know that version any more",
            hint="run the cell again for the objects as they are now",
        )

    async def _one(self, row: Row) -> bytes | None:
        objects = self._objects(row.namespace or None)
        named = ListOptions(
            field_selector=f"metadata.name={row.name}", resource_version=self._version, resource_version_match="Exact"
        )
        try:
            found = list(await objects.list_page(named))
        except ExpiredError:
            try:
                found = [await objects.get(row.name)]
            except NotFoundError:
                return None
        return next((each for each in found if _head(each).name == row.name and self.as_printed(row, each)), None)

    async def _all(self) -> dict[str, bytes]:
        try:
            return await self._listed(self._selected)
        except ExpiredError:
            return await self._listed(
                msgspec.structs.replace(self._selected, resource_version=None, resource_version_match=None)
            )

    async def _listed(self, options: ListOptions) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        async for page in self._objects.pages(options):
            for obj in page:
                head = _head(obj)
                found[str(ObjectKey(head.namespace or "", head.name))] = obj
        return found


def _head(obj: bytes) -> RowMetadata:
    found = row_object(obj)
    assert found is not None
    return found.metadata or RowMetadata()
