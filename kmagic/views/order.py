"""The order of cells: numbers as numbers, ages as durations, `1/2` as a share, names with their numbers.

Every key has one shape, so that a column that mixes types never fails to sort. Nothing (``<none>``, empty) has the
last rank, and `is_empty` recognizes it, so that a view can keep it last in both directions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from kmagic.api.table import Column
from kmagic.api.times import duration_seconds, instant
from kmagic.views.table import Cell, Row, cell_text, is_age
from kmagic.views.values import Kind, kind_of

__all__ = ("BY_TIME", "SortKey", "is_empty", "key_of", "natural", "row_key", "sorted_rows")

BY_TIME = -3
"""The order of no column: what happened last, or was made last, first."""

# (rank, number, text): rank 0 is ordered by number and then text, 1 by text, 2 is nothing.
SortKey: TypeAlias = "tuple[int, float, tuple[str | int, ...]]"

_EMPTY = frozenset(("", "<none>", "<unknown>", "<unset>", "<nil>", "<invalid>", "-", "n/a"))
_DIGITS = re.compile(r"(\d+)")
_MOST_DIGITS = 300
_SHARE = re.compile(r"(\d+)/(\d+)")
_LEADING = re.compile(r"([-+]?\d+(?:\.\d+)?)(?:\s*\(.*\))?")
_QUANTITY = re.compile(r"([-+]?\d+(?:\.\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)")
_PERCENT = re.compile(r"([-+]?\d+(?:\.\d+)?)%")
_FACTORS = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip
# "5m" is five minutes under AGE and five thousandths under CPU.
_QUANTITY_COLUMNS = re.compile(r"(?i)cpu|memory|capacity|storage|size|limit|request|used|hard|allocat")


def natural(text: str) -> tuple[str | int, ...]:
    """A key that orders numbers inside text by value: web-2 before web-10."""
    parts: list[str | int] = list(_DIGITS.split(text.casefold()))
    # Python reads no number of more digits; names have fewer.
    parts[1::2] = [int(part[:_MOST_DIGITS]) for part in parts[1::2]]  # type: ignore[index]  # still text here
    return tuple(parts)


# Many rows share few namespaces.
_namespace = lru_cache(1024)(natural)


def key_of(cell: Cell, column: Column) -> SortKey:
    """The key of a cell of a column."""
    if isinstance(cell, bool | int | float):
        return (0, float(cell), ())
    text = cell_text(cell).strip()
    if text in _EMPTY:
        return (2, 0.0, ())
    if column.format == "name" or not text[0].isdigit():
        return (1, 0.0, natural(text))
    number = _number(text, column)
    return (1, 0.0, natural(text)) if number is None else (0, number, natural(text))


def _number(text: str, column: Column) -> float | None:
    if len(text) > _MOST_DIGITS:
        return None
    if found := _SHARE.fullmatch(text):
        part, whole = int(found[1]), int(found[2])
        # More of the same share is more: 1/1 before 3/3; the whole only breaks ties.
        return (part / whole if whole else 0.0) + whole * 1e-9
    if found := _LEADING.fullmatch(text):
        return float(found[1])
    if found := _PERCENT.fullmatch(text):
        return float(found[1])
    quantity = _QUANTITY.fullmatch(text)
    if quantity and _QUANTITY_COLUMNS.search(column.name):
        return float(quantity[1]) * _FACTORS[quantity[2]]
    seconds = duration_seconds(text)
    if seconds is not None:
        return seconds
    return float(quantity[1]) * _FACTORS[quantity[2]] if quantity else None


def is_empty(key: SortKey) -> bool:
    """Returns whether the key is of a cell that holds nothing."""
    return key[0] == 2


def row_key(columns: tuple[Column, ...], index: int) -> Callable[[Row], SortKey]:
    """The key of a row by one column; -1 orders by namespace and name, as kubectl lists, `BY_TIME` the newest first."""
    if index == BY_TIME:
        return _time_key
    if index < 0 or index >= len(columns):
        # Natural keys alternate text and number, and so must their joint: -1 is less than any number in a name.
        return lambda row: (1, 0.0, (*_namespace(row.namespace), -1, *natural(row.name)))
    column = columns[index]
    if kind_of(column) in (Kind.AGE, Kind.AGO):
        return lambda row: _ago_key(row, index, column)
    return lambda row: key_of(row.cells[index] if index < len(row.cells) else None, column)


def _ago_key(row: Row, index: int, column: Column) -> SortKey:
    # The moment, not the cell: the cell says how long ago it was when the row was sent.
    if is_age(column) and (created := instant(row.created)):
        return (0, -created.timestamp(), ())
    cell = row.cells[index] if index < len(row.cells) else None
    # "10s (x3 over 5m)" was ten seconds ago.
    seconds = duration_seconds(cell_text(cell).partition(" ")[0])
    return key_of(cell, column) if seconds is None else (0, seconds - row.came, ())


def _time_key(row: Row) -> SortKey:
    when = instant(row.happened or row.created)
    return (0, -when.timestamp() if when else 0.0, (*_namespace(row.namespace), -1, *natural(row.name)))


def sorted_rows(
    rows: tuple[Row, ...], columns: tuple[Column, ...], index: int, *, descending: bool = False
) -> tuple[Row, ...]:
    """Rows in order of one column; equal ones keep their order, empty cells come last either way."""
    key = row_key(columns, index)
    keyed = [(key(row), row) for row in rows]
    full = sorted((k for k in keyed if not is_empty(k[0])), key=lambda pair: pair[0], reverse=descending)
    return tuple(row for _, row in (*full, *(k for k in keyed if is_empty(k[0]))))
