"""Cells as data, and as text of a later moment.

The server renders a table's cells for people, at the moment it answers: ``5 (3h ago)``, ``2m``. Here a column has one
type, whatever its cells say, and durations "so long ago" go on counting.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from kmagic.api.table import Column
from kmagic.api.times import duration_seconds, human_duration, instant
from kmagic.views.table import AGE_TYPES, Cell, Row, Table, cell_text, is_age

__all__ = ("Kind", "aged", "aged_cells", "kind_of", "value_reader")


class Kind(enum.Enum):
    """The kind of data in the cells of a column."""

    AGE = "time since the object was made"
    AGO = "time since something happened"
    DURATION = "how long something took, or has taken so far"
    COUNT = "a whole number, perhaps with words after it"
    NUMBER = "a number"
    TRUTH = "true or false"
    WORD = "one of a few words"
    TEXT = "text"


_BY_TYPE = {"integer": Kind.COUNT, "number": Kind.NUMBER, "boolean": Kind.TRUTH, **dict.fromkeys(AGE_TYPES, Kind.AGO)}
# What the server declares as text; it prints these for every type it knows.
_BY_NAME = {
    "restarts": Kind.COUNT,
    "last seen": Kind.AGO,
    "first seen": Kind.AGO,
    "last schedule": Kind.AGO,
    "duration": Kind.DURATION,
    "status": Kind.WORD,
    "phase": Kind.WORD,
    "type": Kind.WORD,
    "reason": Kind.WORD,
}
_LEADING = re.compile(r"-?\d{1,300}")
_AGO = re.compile(r"\((\w+) ago\)")


def kind_of(column: Column) -> Kind:
    """Returns the kind of a column's data; decided by the column alone, so that no row changes it."""
    if is_age(column):
        return Kind.AGE
    return _BY_TYPE.get(column.type) or _BY_NAME.get(column.name.casefold(), Kind.TEXT)


def value_reader(columns: tuple[Column, ...], index: int) -> Callable[[Row, datetime], Any]:
    """Reads a column's cell of a row as data, as of a moment.

    Ages are `timedelta`, counts `int`; None where the cell says nothing.
    """
    kind = kind_of(columns[index])

    def read(row: Row, now: datetime) -> Any:
        cell = row.cells[index] if index < len(row.cells) else None
        match kind:
            case Kind.AGE | Kind.AGO:
                seconds = _seconds_ago(cell, row, now, kind)
                return None if seconds is None else timedelta(seconds=seconds)
            case Kind.DURATION:
                seconds = _seconds(cell)
                if seconds is not None and _is_running(row, columns):
                    seconds += _elapsed(row, now)
                return None if seconds is None else timedelta(seconds=seconds)
            case Kind.COUNT:
                return _count(cell)
            case Kind.NUMBER:
                return float(cell) if isinstance(cell, int | float) else None
            case Kind.TRUTH:
                return cell if isinstance(cell, bool) else None
            case _:
                return cell

    return read


def aged(table: Table, now: datetime) -> Table:
    """The table as the server would print it at a later moment, as far as only time has passed."""
    rows = tuple(_aged_row(row, table.columns, now) for row in table.rows)
    return msgspec.structs.replace(table, rows=rows)


def aged_cells(row: Row, columns: tuple[Column, ...], now: datetime) -> tuple[Cell, ...]:
    """The cells of a row as the server would print them at a later moment."""
    running = _is_running(row, columns)
    return tuple(_aged(column, cell, row, now, running) for column, cell in zip(columns, row.cells, strict=False))


def _aged(column: Column, cell: Cell, row: Row, now: datetime, running: bool) -> Cell:
    kind = kind_of(column)
    if kind is Kind.COUNT:
        return _AGO.sub(lambda found: _later(found, row, now), cell) if isinstance(cell, str) else cell
    if kind not in (Kind.AGE, Kind.AGO) and not (running and kind is Kind.DURATION):
        return cell
    seconds = _seconds_ago(cell, row, now, kind)
    if seconds is None:
        return cell
    _, space, rest = str(cell).partition(" ")
    return f"{human_duration(seconds)}{space}{rest}"


def _aged_row(row: Row, columns: tuple[Column, ...], now: datetime) -> Row:
    cells = aged_cells(row, columns, now)
    return row if cells == row.cells else msgspec.structs.replace(row, cells=cells)


def _is_running(row: Row, columns: tuple[Column, ...]) -> bool:
    """Returns whether the duration in a row goes on, as that of a Job until it is complete."""
    status = _status_of_jobs(columns)
    return status is not None and status < len(row.cells) and cell_text(row.cells[status]) != "Complete"


@lru_cache(64)
def _status_of_jobs(columns: tuple[Column, ...]) -> int | None:
    names = [column.name.casefold() for column in columns]
    return names.index("status") if {"status", "completions", "duration"}.issubset(names) else None


def _later(found: re.Match[str], row: Row, now: datetime) -> str:
    seconds = duration_seconds(found[1])
    return found[0] if seconds is None else f"({human_duration(seconds + _elapsed(row, now))} ago)"


def _seconds_ago(cell: Cell, row: Row, now: datetime, kind: Kind) -> float | None:
    if kind is Kind.AGE and (created := instant(row.created)):
        # An age is not below nothing because two clocks differ.
        return max(0.0, (now - created).total_seconds())
    seconds = _seconds(cell)
    return None if seconds is None else seconds + _elapsed(row, now)


def _seconds(cell: Cell) -> float | None:
    return duration_seconds(cell.partition(" ")[0]) if isinstance(cell, str) else None


def _elapsed(row: Row, now: datetime) -> float:
    """Seconds since the server rendered the row, where that is known."""
    return max(0.0, (now - datetime.fromtimestamp(row.came, UTC)).total_seconds()) if row.came else 0.0


def _count(cell: Cell) -> int | None:
    if isinstance(cell, int | float):
        return int(cell)
    found = _LEADING.match(cell) if isinstance(cell, str) else None
    return int(found[0]) if found else None
