"""The server's Table form: rows made of stored objects, encoded once for every reader.

A row is kept with the object version it was made of, its ages left open; lists and watches fill these in and join
bytes.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.sandbox.printers import builtin as builtin_cells
from kmagic.sandbox.printers import columns as builtin_columns
from kmagic.sandbox.printers.ages import Ages
from kmagic.sandbox.printers.pods import row_conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kmagic.api.table import Column
    from kmagic.sandbox.printers.ages import AgedText
    from kmagic.sandbox.storage.store import Stored

__all__ = ("INCLUDE_POLICIES", "TableFormat", "builtin_format", "metadata_only")

INCLUDE_POLICIES = ("None", "Metadata", "Object")

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class TableFormat:
    """The format of a resource's rows.

    Args:
        columns: The column definitions.
        cells: Gives the cells of an object at a moment.
        conditions: Gives the row's conditions; almost all rows have none.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[dict[str, Any], Ages], list[Any]],
        conditions: Callable[[dict[str, Any]], list[dict[str, Any]]] | None = None,
    ) -> None:
        self._cells = cells
        self._conditions = conditions
        self.definitions: bytes = encode(list(columns))

    def row(self, stored: Stored, include: str, now: float) -> bytes:
        """The encoded row of an object; ``include`` is one of INCLUDE_POLICIES."""
        kept: AgedText | None = stored.forms.get(("row", include))
        if kept is None:
            ages = Ages()
            obj = stored.decode()
            row: dict[str, Any] = {"cells": self._cells(obj, ages)}
            if self._conditions and (conditions := self._conditions(obj)):
                row["conditions"] = conditions
            row["object"] = None
            if include != "None":
                row["object"] = msgspec.Raw(stored.raw) if include == "Object" else metadata_only(obj)
            kept = stored.forms["row", include] = ages.compile(encode(row))
        return kept.at(now)

    def table(self, rows: Iterable[bytes], metadata: dict[str, Any], *, headers: bool = True) -> bytes:
        """A whole Table of encoded rows."""
        head = b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":' + encode(metadata)
        definitions = self.definitions if headers else b"null"
        return b"".join((head, b',"columnDefinitions":', definitions, b',"rows":[', b",".join(rows), b"]}"))


def builtin_format(resource: str) -> TableFormat:
    """The format of a built-in resource by its storage key; those without columns show name and creation."""
    words = builtin_columns.COLUMNS.get(resource)
    cells = builtin_cells.CELLS.get(resource)
    if words is None or cells is None:
        columns = builtin_columns.columns_of(builtin_columns.DEFAULT_COLUMNS)
        return TableFormat(columns, builtin_cells.name_and_creation)
    return TableFormat(builtin_columns.columns_of(words), cells, row_conditions if resource == "pods" else None)


def metadata_only(obj: dict[str, Any], *, kind: str = "PartialObjectMetadata") -> dict[str, Any]:
    """The object without anything but its metadata."""
    return {"kind": kind, "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
