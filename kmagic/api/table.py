"""The server's tables: the columns kubectl shows, for every kind, without knowing the kind.

What comes with a row is whatever the request asked for with ``includeObject``: the reader says of which type it is to
be, so a table of metadata costs no more than what is kept of it.

Source: k8s.io/apimachinery/pkg/apis/meta/v1 (Table).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from kmagic.api.door import UNREADABLE, convert, read_json
from kmagic.api.types import JSONObject
from kmagic.errors import DecodeError

__all__ = (
    "Column",
    "EventSeries",
    "RowMetadata",
    "RowObject",
    "RowOwner",
    "ServerTable",
    "TableRow",
    "read_row",
    "row_object",
    "table_reader",
)

T = TypeVar("T")


class Column(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        name: As the server writes it ("Ready"); kubectl prints it in capitals.
        type: ``"string"``, ``"integer"``, ``"number"``, ``"boolean"``, ``"date"``.
        format: ``"name"`` marks the column that names the object.
        priority: 0 is always shown, higher ones by ``-o wide``.
    """

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0


class TableRow(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A row: its cells in the order of the columns, and what was asked to come with it.

    Attributes:
        object: The object's metadata (PartialObjectMetadata) or all of it, or None.
    """

    cells: tuple[Any, ...] = ()
    object: T | None = None


class ServerTable(msgspec.Struct, Generic[T], frozen=True):
    """A table as the server rendered it; in a watch only the first one has columns.

    Attributes:
        continue_token: Asks for the next page; "" where this is the last.
        remaining_item_count: Rows after this page, or None when the server did not say.
    """

    columns: tuple[Column, ...]
    rows: tuple[TableRow[T], ...]
    resource_version: str = ""
    continue_token: str = ""
    remaining_item_count: int | None = None

    def __repr__(self) -> str:
        # No cells: columns of unknown kinds may hold anything.
        return f"<ServerTable of {len(self.rows)} rows, {len(self.columns)} columns>"


class RowOwner(msgspec.Struct, gc=False):
    """An owner of a row's object."""

    kind: str = ""
    name: str = ""
    controller: bool | None = None


class RowMetadata(msgspec.Struct, gc=False, rename="camel"):
    """The part of an object's metadata that tables keep."""

    name: str = ""
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: list[RowOwner] | None = None

    @property
    def owner(self) -> str:
        """The controller of the object, or its first owner, as ``"ReplicaSet/web-1"``; "" where it has none."""
        owners = self.owner_references or ()
        found = next((each for each in owners if each.controller), owners[0] if owners else None)
        return f"{found.kind}/{found.name}" if found is not None else ""


class EventSeries(msgspec.Struct, gc=False, rename="camel"):
    """The series of an event that goes on, with its last occurrence."""

    last_observed_time: str | None = None


class RowObject(msgspec.Struct, gc=False, rename="camel"):
    """The object behind a row, of which only the metadata is read, and of events the times."""

    metadata: RowMetadata | None = None
    # Of events alone, under the names of both groups.
    series: EventSeries | None = None
    last_timestamp: str | None = None
    deprecated_last_timestamp: str | None = None
    event_time: str | None = None

    @property
    def happened(self) -> str:
        """Time of the event's last occurrence, RFC 3339, or "" for other types."""
        seen = self.series.last_observed_time if self.series is not None else None
        return seen or self.last_timestamp or self.deprecated_last_timestamp or self.event_time or ""


class _ListMeta(msgspec.Struct, rename={"token": "continue"}):
    resourceVersion: str = ""  # noqa: N815  # wire names
    token: str = ""
    remainingItemCount: int | None = None  # noqa: N815


R = TypeVar("R")


class _Wire(msgspec.Struct, Generic[R]):
    kind: str = ""
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    columnDefinitions: tuple[Column, ...] | None = None  # noqa: N815
    rows: tuple[R, ...] | None = None


class _PackedRow(msgspec.Struct, gc=False):
    cells: tuple[Any, ...] = ()
    object: msgspec.Raw = msgspec.Raw(b"null")

    def unpacked(self) -> TableRow[bytes]:
        """The row with a copy of its bytes, so that the answer is not kept for the sake of one object."""
        packed = bytes(self.object)
        return TableRow(self.cells, None if packed == b"null" else packed)


def table_reader(object_type: type[T]) -> Callable[[bytes], ServerTable[T]]:
    """Returns a function that reads a Table.

    Args:
        object_type: Type of the objects of rows: `RowObject`, a dict for all of them, or bytes for what came.

    Raises:
        DecodeError: By the function: the server answered with something else.
    """
    if object_type is bytes:
        packed = msgspec.json.Decoder(_Wire[_PackedRow])
        return lambda data: _table(packed, data, lambda row: row.unpacked())  # type: ignore[arg-type, return-value]
    decoder: msgspec.json.Decoder[_Wire[TableRow[T]]] = msgspec.json.Decoder(_Wire[TableRow[object_type]])  # type: ignore[valid-type]
    return lambda data: _table(decoder, data, None)


_row = msgspec.json.Decoder(TableRow[RowObject])


def read_row(data: bytes) -> TableRow[RowObject]:
    """Reads one row of a Table that comes row by row.

    Raises:
        msgspec.DecodeError: It is none.
    """
    return _row.decode(data)


def _table(
    decoder: msgspec.json.Decoder[_Wire[R]], data: bytes, made: Callable[[R], TableRow[T]] | None
) -> ServerTable[T]:
    try:
        found = decoder.decode(data)
    except UNREADABLE as error:
        raise DecodeError(f"the server's table is not readable: {error}") from error
    if found.kind != "Table":
        sent = found.kind or "something else"
        raise DecodeError(f"the server does not render tables of this kind: it sent {sent}")
    meta, rows = found.metadata, found.rows or ()
    return ServerTable(
        found.columnDefinitions or (),
        tuple(map(made, rows)) if made else rows,  # type: ignore[arg-type]
        meta.resourceVersion,
        meta.token,
        meta.remainingItemCount,
    )


class _Head(msgspec.Struct, gc=False):
    """Any object, of which nothing but the metadata is looked at: its other fields may be anything."""

    metadata: RowMetadata | None = None


def row_object(obj: JSONObject | bytes | RowObject | None) -> RowObject | None:
    """Returns the metadata of a whole object, decoded or not, as tables keep it.

    Raises:
        DecodeError: Its metadata is none.
    """
    if obj is None or isinstance(obj, RowObject):
        return obj
    what = "the metadata of a row of the server's table"
    if isinstance(obj, bytes):
        return RowObject(read_json(obj, what, _Head).metadata)
    if (metadata := obj.get("metadata")) is None:
        return RowObject()
    return RowObject(convert(metadata, what, RowMetadata))
