"""The lines of a view: rows in order, and where they are grouped the head of each group above its rows; pure.

A change costs a bisection in its own group. Where each group begins is worked out once after changes, however many.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec

from kmagic.api.table import Column
from kmagic.views import order
from kmagic.views.table import Row, cell_text

__all__ = ("GROUPINGS", "GroupHead", "Lines", "Place", "group_reader", "groupings", "is_head")

GROUPINGS = ("owner", "node", "namespace")
"""The groupings that rows can have."""

# Begins the key of a line that is a head: no key of a row has it.
_HEAD = "\n"
_NOTHING = ("", "<none>", "<unset>")
_Item: TypeAlias = "tuple[order.SortKey, str]"

Place: TypeAlias = "tuple[str, order.SortKey, bool]"
"""Where a row stands: its group, its key in there, whether it is broken."""


class GroupHead(msgspec.Struct, frozen=True):
    """The head of a group.

    Attributes:
        name: Name of the group; "" for the rows that have none.
        label: Name in words: "node-1", "no node".
        rows: Number of its rows, also where it is folded.
        broken: Number of those that are not well.
        folded: True if its rows are not shown.
    """

    name: str
    label: str
    rows: int
    broken: int
    folded: bool = False

    @property
    def text(self) -> str:
        """The head on one line: "node-1 (12 rows, 2 broken)"."""
        broken = f", {self.broken:,} broken" if self.broken else ""
        return f"{self.label} ({self.rows:,} row{'s' if self.rows != 1 else ''}{broken})"


def is_head(line: str) -> bool:
    """Returns whether the key of a line is that of a head."""
    return line.startswith(_HEAD)


def groupings(columns: Sequence[Column], *, everywhere: bool) -> tuple[str, ...]:
    """Returns those of `GROUPINGS` that rows of a table can have.

    Args:
        columns: Columns of the table.
        everywhere: Whether its rows are of several namespaces.
    """
    has = {"owner": bool(columns), "node": _node(columns) is not None, "namespace": bool(columns) and everywhere}
    return tuple(each for each in GROUPINGS if has[each])


def group_reader(by: str, columns: Sequence[Column], *, everywhere: bool) -> Callable[[Row], str]:
    """Returns the function that names a row's group; "" for a row that has none, and where nothing groups.

    Args:
        by: One of `GROUPINGS`, or "".
        columns: Columns of the table.
        everywhere: Whether its rows are of several namespaces, whose owners may have the same names.
    """
    if by == "namespace":
        return lambda row: row.namespace
    if by == "owner":
        return lambda row: f"{row.namespace}/{row.owner}" if everywhere and row.namespace and row.owner else row.owner
    node = _node(columns) if by == "node" else None
    if node is None:
        return lambda row: ""
    return lambda row: _node_name(row, node)


def _node(columns: Sequence[Column]) -> int | None:
    return next((i for i, column in enumerate(columns) if column.name.casefold() == "node"), None)


def _node_name(row: Row, column: int) -> str:
    name = cell_text(row.cells[column]) if column < len(row.cells) else ""
    return "" if name in _NOTHING else name


class _Group:
    """The rows of one group in ascending order, what is empty in the sorted column last."""

    __slots__ = ("broken", "items")

    def __init__(self) -> None:
        self.items: list[_Item] = []
        self.broken = 0

    @property
    def full(self) -> int:
        """The number of rows with a value in the sorted column: these are turned around, empty ones stay last."""
        return bisect_left(self.items, ((2, 0.0, ()), ""))

    def names(self, first: int, count: int, *, descending: bool) -> list[str]:
        if not descending:
            return [name for _, name in self.items[first : first + count]]
        full = self.full
        chosen = [self.items[full - 1 - i][1] for i in range(first, min(first + count, full))]
        beyond = range(max(first, full), min(first + count, len(self.items)))
        return chosen + [self.items[i][1] for i in beyond]

    def index(self, item: _Item, *, descending: bool) -> int:
        index = bisect_left(self.items, item)
        return self.full - 1 - index if descending and index < self.full else index


class Lines:
    """The lines of a view.

    Args:
        by: One of `GROUPINGS`; "" for rows without heads.

    Attributes:
        folded: Names of the groups whose rows are not shown; also of groups that went.
    """

    def __init__(self, by: str = "") -> None:
        self.by: str = by
        self.folded: set[str] = set()
        self._groups: dict[str, _Group] = {}
        self._ordered: list[str] | None = None  # names of the groups, until one comes or goes
        self._starts: list[int] | None = None  # of each group; the last is the number of all lines

    @property
    def total(self) -> int:
        """The number of lines: heads, and the rows that are not folded away."""
        return self._layout()[-1]

    def fill(self, rows: Iterable[tuple[str, Place]]) -> None:
        """Takes these rows instead of all before."""
        self._groups, self._ordered = {}, None
        for name, (group, key, broken) in rows:
            found = self._group(group)
            found.items.append((key, name))
            found.broken += broken
        for found in self._groups.values():
            found.items.sort()
        self._starts = None

    def put(self, name: str, place: Place) -> None:
        """Takes one row more."""
        group, key, broken = place
        found = self._group(group)
        insort(found.items, (key, name))
        found.broken += broken
        self._starts = None

    def drop(self, name: str, place: Place) -> None:
        """Leaves one row out."""
        group, key, broken = place
        found = self._groups[group]
        del found.items[bisect_left(found.items, (key, name))]
        found.broken -= broken
        if not found.items:
            self._remove(group)
        self._starts = None

    def exchange(self, dropped: dict[str, Place], rows: dict[str, Place]) -> None:
        """Drops and puts many rows at once: sorting what is nearly sorted is cheaper than one after the other."""
        touched = {place[0] for place in (*dropped.values(), *rows.values())}
        for _, (group, _, broken) in dropped.items():
            self._groups[group].broken -= broken
        for group in touched & self._groups.keys():
            found = self._groups[group]
            found.items = [item for item in found.items if item[1] not in dropped]
        for name, (group, key, broken) in rows.items():
            found = self._group(group)
            found.items.append((key, name))
            found.broken += broken
        for group in touched & self._groups.keys():
            if self._groups[group].items:
                self._groups[group].items.sort()
            else:
                self._remove(group)
        self._starts = None

    def fold(self, group: str) -> None:
        """Hides the rows of a group, or shows them again."""
        if group in self._groups:
            self.folded ^= {group}
        self._starts = None

    def fold_all(self) -> None:
        """Hides the rows of all groups; shows all where they are hidden already."""
        self.folded = set() if self.folded >= self._groups.keys() else set(self._groups)
        self._starts = None

    def slice(self, first: int, count: int, *, descending: bool) -> list[str]:
        """Returns the keys of lines by position; what `is_head` recognizes is the head of a group."""
        starts, names, found = self._layout(), self._names, list[str]()
        at = max(0, bisect_right(starts, first) - 1)
        while count > 0 and at < len(names):
            name, skipped = names[at], first - starts[at]
            lines = [_HEAD + name] if self.by and not skipped else []
            if not (self.by and name in self.folded):
                begin = max(0, skipped - bool(self.by))
                lines += self._groups[name].names(begin, count - len(lines), descending=descending)
            found += lines
            first += len(lines)
            count -= len(lines)
            at += 1
        return found

    def names(self, *, descending: bool) -> list[str]:
        """Returns the keys of all rows in order, also of those that are folded away."""
        groups = (self._groups[name] for name in self._names)
        return [key for group in groups for key in group.names(0, len(group.items), descending=descending)]

    def position(self, name: str, place: Place, *, descending: bool) -> int | None:
        """Returns the position of a row that is there, or None where it is folded away."""
        group, key, _ = place
        if self.by and group in self.folded:
            return None
        starts = self._layout()
        start = starts[bisect_left(self._names, _rank(group), key=_rank)]
        return start + bool(self.by) + self._groups[group].index((key, name), descending=descending)

    def head(self, line: str) -> GroupHead:
        """Returns the head that a line is."""
        name = line.removeprefix(_HEAD)
        group = self._groups[name]
        return GroupHead(name, name or f"no {self.by}", len(group.items), group.broken, name in self.folded)

    def _group(self, name: str) -> _Group:
        found = self._groups.get(name)
        if found is None:
            found = self._groups[name] = _Group()
            self._ordered = None
        return found

    def _remove(self, name: str) -> None:
        del self._groups[name]
        self._ordered = None

    @property
    def _names(self) -> list[str]:
        if self._ordered is None:
            self._ordered = sorted(self._groups, key=_rank)
        return self._ordered

    def _layout(self) -> list[int]:
        if self._starts is None:
            self._starts = [0]
            for name in self._names:
                rows = 0 if self.by and name in self.folded else len(self._groups[name].items)
                self._starts.append(self._starts[-1] + rows + bool(self.by))
        return self._starts


def _rank(group: str) -> tuple[bool, tuple[str | int, ...], str]:
    return (not group, order.natural(group), group)
