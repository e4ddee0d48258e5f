"""Tables as they are shown: rows that know whose they are, and what changes in them.

A `Table` is one answer; a `RowPatch` is what a watch adds to it. Rows are never changed in place: a row that
differs is another object, which is how live views know what to send.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from kmagic.api.table import Column, RowObject
from kmagic.api.types import JSON

__all__ = ("AGE_TYPES", "Cell", "Row", "RowPatch", "Table", "cell_text", "is_age", "name_column", "row_of")

Cell: TypeAlias = JSON

# Column types whose cells are moments, shown as ages.
AGE_TYPES = ("date",)


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row and whose it is.

    Attributes:
        key: ``"namespace/name"`` or ``"name"``.
        cells: In the order of the table's columns, also the wide ones.
        created: ``metadata.creationTimestamp``, RFC 3339, or "".
        deleted: ``metadata.deletionTimestamp``, or "" for an object that was not deleted.
        labels: Not copied: do not change it.
        came: Time at which the server rendered the cells, in seconds since 1970; 0 where it is not known.
        happened: Time of an event's last occurrence, RFC 3339; "" for other types.
        owner: The controller of the object, or its first owner: ``"ReplicaSet/web-1"``; "" where it has none.
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
    owner: str = ""


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
    """The changes of a table: rows that are new or differ, keys that are gone.

    Attributes:
        reset: Everything known before is void; `put` is all there is (a relist).
        columns: Set when the columns became known or changed.
    """

    put: tuple[Row, ...] = ()
    drop: tuple[str, ...] = ()
    reset: bool = False
    columns: tuple[Column, ...] | None = None


def name_column(columns: Sequence[Column]) -> int:
    """Returns the index of the column that names the object; of the first one where none says so."""
    return next((i for i, each in enumerate(columns) if each.format == "name" and each.name.casefold() == "name"), 0)


def row_of(
    cells: tuple[Any, ...], obj: RowObject | None, *, came: float = 0.0, named: int = 0, namespace: str = ""
) -> Row:
    """Returns a row of a server's table with its key.

    Args:
        cells: As the server rendered them.
        obj: None where the request asked for no object.
        came: Time at which the server rendered the cells, in seconds since 1970.
        named: The index of the cell that is the name of a row without an object.
        namespace: Namespace of a row without an object.
    """
    meta = obj.metadata if obj is not None else None
    if obj is None or meta is None:
        name = str(cells[named]) if named < len(cells) else ""
        return Row(f"{namespace}/{name}" if namespace else name, cells, namespace, name, came=came)
    namespace = meta.namespace or ""
    return Row(
        f"{namespace}/{meta.name}" if namespace else meta.name,
        cells,
        namespace,
        meta.name,
        meta.uid,
        meta.resource_version,
        meta.creation_timestamp or "",
        meta.deletion_timestamp or "",
        meta.labels or {},
        came,
        obj.happened,
        sys.intern(meta.owner),  # of many rows the same
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
