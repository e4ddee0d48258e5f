"""A reading's scope, what of a list it needs, and one type's answer."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmagic.api.door import read_object
from kmagic.api.options import ListOptions
from kmagic.api.table import TableRow, row_object
from kmagic.views.table import name_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.api.table import Column
    from kmagic.api.types import JSONObject
    from kmagic.magics.results.objects import Unread
    from kmagic.rest.resource import APIResource

__all__ = ("PAGE", "Fetched", "Need", "Scope", "decoded")

# kubectl's own page size.
PAGE = 500


class Need(enum.Enum):
    """The part of a list that a reading needs; the first page comes with its objects in any case."""

    ROWS_AND_OBJECTS = "rows with their objects"
    ROWS_AND_METADATA = "rows with the metadata of their objects"
    ROWS = "rows that know their namespace and name"
    NAMES = "rows that know their name"
    OBJECTS = "objects without rows"


@dataclass(frozen=True)
class Scope:
    """The namespace and the selectors of a reading.

    Attributes:
        namespace: None for all namespaces.
        page: Rows a request; 0 for all at once.
        limit: At most so many rows in all; 0 for no limit.
        subresource: Of objects read by name, instead of the objects.
    """

    namespace: str | None
    labels: str = ""
    fields: str = ""
    page: int = PAGE
    limit: int = 0
    ignore_missing: bool = False
    subresource: str = ""

    def options(self, page: int, token: str = "") -> ListOptions:
        """The options of a list's page.

        Args:
            page: Objects in it at most; 0 for all.
            token: The continue token of the page before.
        """
        return ListOptions(
            label_selector=self.labels or None,
            field_selector=self.fields or None,
            limit=page or None,
            continue_token=token or None,
        )


@dataclass(frozen=True)
class Fetched:
    """One type's answer.

    Attributes:
        rows: With each what came: its object, as a dict or as bytes, its metadata (`RowObject`), or nothing.
        single: Whether one object was asked for by name.
        remaining_item_count: Number of rows that the server kept back because of the limit.
        note: Source of the answer, if it is not the server.
        namespace: Namespace of rows that came with nothing; "" where it is not known.
        unread: Source of the objects that did not come.
    """

    resource: APIResource
    columns: tuple[Column, ...]
    rows: list[TableRow[Any]]
    resource_version: str = ""
    single: bool = False
    remaining_item_count: int | None = None
    note: str = ""
    namespace: str = ""
    unread: Unread | None = None

    @property
    def objects(self) -> list[JSONObject]:
        """The objects behind the rows, whole, in the order of the rows."""
        return list(self.each())

    def each(self) -> Iterator[JSONObject]:
        """The objects behind the rows, decoded one after the other.

        Raises:
            DecodeError: One is not readable.
        """
        for row in self.rows:
            yield decoded(row.object or {})

    def decoded(self) -> Fetched:
        """The same answer with its objects as dicts.

        Raises:
            DecodeError: One is not readable.
        """
        return replace(self, rows=[TableRow(row.cells, decoded(row.object or {})) for row in self.rows])

    @property
    def keys(self) -> list[tuple[str, str]]:
        """(namespace, name) of every object."""
        named, keys = name_column(self.columns), []
        for row in self.rows:
            found = row_object(row.object)
            head = found.metadata if found is not None else None
            if head is not None:
                keys.append((head.namespace or "", head.name))
            else:
                keys.append((self.namespace, str(row.cells[named]) if named < len(row.cells) else ""))
        return keys


def decoded(came: JSONObject | bytes) -> JSONObject:
    """An object that came as a dict or as bytes, as a dict.

    Raises:
        DecodeError: It is not readable.
    """
    return read_object(came, "an object of the server's list") if isinstance(came, bytes) else came
