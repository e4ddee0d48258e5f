"""Tables as values: what the server's Table says, and what changes in it.

A `Table` is one answer; a `RowPatch` is what a watch adds to it. Rows are never changed in place: a row that
differs is another object, which is how live views know what to send.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import msgspec

from kmagic.api.types import JSON, JSONObject

__all__ = ("AGE_TYPES", "Cell", "Column", "Row", "RowPatch", "Table", "cell_text", "is_age", "row_of", "table_of")

Cell: TypeAlias = JSON

# Column types whose cells are moments, shown as ages.
AGE_TYPES = ("date",)


class Column(msgspec.Struct, frozen=True):
    """A column of the server's table.

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


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row and whose it is.

    Attributes:
        key: ``"namespace/name"`` or ``"name"``; with a prefix of the view's where it holds several types.
        cells: In the order of the table's columns, also the wide ones.
        created: ``metadata.creationTimestamp``, RFC 3339, or "".
        deleted: ``metadata.deletionTimestamp``, or "" while nobody deleted it.
        labels: Not copied: do not change it.
        came: When the server rendered the cells, in seconds since 1970; 0 where that is not known.
        happened: When what an event tells of happened last, RFC 3339; "" for other types.
    """

    key: str
    cells: tuple[Any, ...]
    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    created: str = ""
    deleted: str = ""
    labels: Mapping[str, str] = {}
    came: float = 0.0
    happened: str = ""


class Table(msgspec.Struct, frozen=True):
    """Rows of one resource type.

    Attributes:
        kind: ``"Pod"`` or ``"Deployment.apps"``: what kubectl puts before names when it lists several types; may be "".
        namespaced: Whether rows have a namespace.
        remaining: Rows that the server has and did not send, or None when it did not say.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    kind: str = ""
    namespaced: bool = True
    resource_version: str = ""
    remaining: int | None = None

    def shown(self, *, wide: bool = False) -> tuple[int, ...]:
        """The indexes of the columns that are shown."""
        return tuple(i for i, column in enumerate(self.columns) if wide or column.priority == 0)

    def column(self, name: str) -> int | None:
        """The index of a column by its name, in any case, or None."""
        wanted = name.casefold()
        return next((i for i, column in enumerate(self.columns) if column.name.casefold() == wanted), None)

    def records(self, *, wide: bool = True) -> list[dict[str, Cell]]:
        """One dict a row, by lower-case column names, with the namespace first: what a DataFrame is made of."""
        shown = self.shown(wide=wide)
        names = [self.columns[i].name.lower().replace(" ", "_").replace("-", "_") for i in shown]
        records: list[dict[str, Cell]] = []
        for row in self.rows:
            record: dict[str, Cell] = {"namespace": row.namespace} if self.namespaced else {}
            record.update(zip(names, (row.cells[i] if i < len(row.cells) else None for i in shown), strict=True))
            records.append(record)
        return records


class RowPatch(msgspec.Struct, frozen=True):
    """What changed: rows that are new or differ, keys that are gone.

    Attributes:
        reset: Everything known before is void; `put` is all there is (a relist).
        columns: Set when the columns became known or changed.
    """

    put: tuple[Row, ...] = ()
    drop: tuple[str, ...] = ()
    reset: bool = False
    columns: tuple[Column, ...] | None = None


class _ServerColumn(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def priority(self) -> int: ...


class _ServerRow(Protocol):
    @property
    def cells(self) -> Sequence[Any]: ...
    @property
    def object(self) -> JSONObject | None: ...


class _ServerTable(Protocol):
    @property
    def columns(self) -> Sequence[_ServerColumn]: ...
    @property
    def rows(self) -> Sequence[_ServerRow]: ...
    @property
    def resource_version(self) -> str: ...
    @property
    def remaining_item_count(self) -> int | None: ...


def table_of(source: _ServerTable | JSONObject, *, kind: str = "", namespaced: bool = True) -> Table:
    """Reads the server's Table: decoded (`client.table.ServerTable`) or a plain dict."""
    if isinstance(source, Mapping):
        meta = source.get("metadata") or {}
        columns = tuple(msgspec.convert(c, Column) for c in source.get("columnDefinitions") or ())
        rows = tuple(row_of(r.get("cells") or (), r.get("object")) for r in source.get("rows") or ())
        return Table(columns, rows, kind, namespaced, meta.get("resourceVersion") or "", meta.get("remainingItemCount"))
    return Table(
        tuple(Column(c.name, c.type, c.format, c.description, c.priority) for c in source.columns),
        tuple(row_of(r.cells, r.object) for r in source.rows),
        kind,
        namespaced,
        source.resource_version,
        source.remaining_item_count,
    )


def row_of(cells: Iterable[Any], obj: Mapping[str, Any] | None, *, prefix: str = "") -> Row:
    """A row of its cells and the object, or PartialObjectMetadata, that came with it.

    Args:
        cells: As the server rendered them.
        obj: None where the request asked for no object: the first cell is then taken as the name.
        prefix: Put before the key, to tell types apart in one view.
    """
    values = tuple(cells)
    meta = (obj or {}).get("metadata") or {}
    namespace = meta.get("namespace") or ""
    name = meta.get("name") or (str(values[0]) if values else "")
    return Row(
        key=f"{prefix}{namespace}/{name}" if namespace else f"{prefix}{name}",
        cells=values,
        namespace=namespace,
        name=name,
        uid=meta.get("uid") or "",
        resource_version=meta.get("resourceVersion") or "",
        created=meta.get("creationTimestamp") or "",
        deleted=meta.get("deletionTimestamp") or "",
        labels=meta.get("labels") or {},
    )


def is_age(column: Column) -> bool:
    """Returns whether the column is the age of the object, which follows from the creation time at any moment."""
    return column.name.casefold() == "age"


def cell_text(cell: Cell) -> str:
    """A cell as text: nothing for null, as Go prints it otherwise."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e21:
        return str(int(cell))
    return str(cell)
