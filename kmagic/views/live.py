"""The rows of a live table and what each view of it shows; pure.

`LiveRows` holds all rows, once. A `View` is one place where they are shown: its search line, its order, its groups, its
window.
Each view keeps the rows it lets through in order, so that a change costs a bisection and not a sort. The owner calls
everything from one thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from kmagic.api.table import Column
from kmagic.views import filter as filters
from kmagic.views import order
from kmagic.views.grouping import GroupHead, Lines, Place, group_reader, groupings
from kmagic.views.status import BROKEN, Health, Level, health_of
from kmagic.views.table import Row, RowPatch

__all__ = ("BY_HEALTH", "BY_NAME", "LiveRows", "View")

# Orders that are no column.
BY_NAME, BY_HEALTH = -1, -2

_WORST_FIRST = {Level.BAD: 0, Level.WARN: 1, Level.BUSY: 2, Level.UNKNOWN: 3, Level.OK: 4, Level.DONE: 5}
# From so many changes on, sorting once is cheaper than a bisection each.
_MANY = 100


class View:
    """One place where the rows are shown.

    Attributes:
        text: The search line in force.
        error: Reason why the newest search line is not in force, or "".
        sort: Index of the column, or `BY_NAME`, `BY_HEALTH`, `order.BY_TIME`.
        descending: Largest first; empty cells stay last.
        broken: Only rows that are not well.
        first: Index of the window's first row.
        count: Rows of the window.
    """

    def __init__(self, rows: LiveRows) -> None:
        self._rows = rows
        self.text: str = ""
        self.error: str = ""
        self.sort: int = rows.usual
        self.descending: bool = False
        self.broken: bool = False
        self.first = 0
        self.count = 100
        self._match: filters.Match | None = None
        self._row_key = order.row_key(rows.columns, rows.usual)
        self._group_of = group_reader("", rows.columns, everywhere=rows.everywhere)
        self._wanted = rows.group
        self._places: dict[str, Place] = {}
        self._lines = Lines()
        self.rebuild()

    @property
    def total(self) -> int:
        """The number of lines: the rows that the view lets through, and the heads of their groups."""
        return self._lines.total

    @property
    def shown(self) -> int:
        """The number of rows that the view lets through, also of those in folded groups."""
        return len(self._places)

    @property
    def group(self) -> str:
        """The grouping in force, one of `GROUPINGS`, or ""."""
        return self._lines.by

    def group_by(self, by: str) -> None:
        """Groups the rows by one of `GROUPINGS`, or by nothing; rows that cannot be grouped so are not."""
        self._wanted = by
        self._lines = Lines()
        self.rebuild()

    def fold(self, group: str) -> None:
        """Hides the rows of a group, or shows them again."""
        self._lines.fold(group)

    def fold_all(self) -> None:
        """Hides the rows of all groups; shows all where they are hidden already."""
        self._lines.fold_all()

    def head(self, line: str) -> GroupHead:
        """Returns the head of a group that a line of the view is."""
        return self._lines.head(line)

    def search(self, text: str) -> None:
        """Takes a new search line; one that cannot be understood leaves the last good one in force."""
        try:
            self._match = filters.parse(text, self._rows.columns)
        except filters.FilterError as error:
            self.error = error.message
            return
        self.text = text
        self.error = ""
        self.rebuild()

    def order_by(self, sort: int, *, descending: bool) -> None:
        """Takes a new order."""
        self.sort = sort
        self.descending = descending
        self.rebuild()

    def only_broken(self, broken: bool) -> None:
        """Shows only what is not well, or everything."""
        self.broken = broken
        self.rebuild()

    def rebuild(self) -> None:
        """Filters and sorts everything again."""
        columns = self._rows.columns
        self._row_key = order.row_key(columns, self.sort)
        by = self._wanted if self._wanted in groupings(columns, everywhere=self._rows.everywhere) else ""
        if by != self.group:
            self._lines = Lines(by)
        self._group_of = group_reader(by, columns, everywhere=self._rows.everywhere)
        every = (*self._rows.rows.values(), *self._rows.gone.values())
        self._places = {row.key: self._place(row) for row in every if self._lets(row)}
        self._lines.fill(self._places.items())

    def columns_changed(self) -> None:
        """Reads the search line again, since names of columns mean something else now."""
        if self.sort >= len(self._rows.columns):
            self.sort = self._rows.usual
        self.search(self.text)

    def put(self, row: Row) -> None:
        """A row is new or differs."""
        if not self._lets(row):
            self.drop(row.key)
            return
        place, old = self._place(row), self._places.get(row.key)
        if old == place:
            return
        if old is not None:
            self._lines.drop(row.key, old)
        self._places[row.key] = place
        self._lines.put(row.key, place)

    def drop(self, name: str) -> None:
        """A row is gone."""
        old = self._places.pop(name, None)
        if old is not None:
            self._lines.drop(name, old)

    def take(self, rows: Iterable[Row], dropped: Iterable[str]) -> None:
        """Many rows at once: sorting what is nearly sorted is cheaper than putting one after the other."""
        fresh = {row.key: self._place(row) if self._lets(row) else None for row in rows}
        gone = {name: old for name in (*fresh, *dropped) if (old := self._places.pop(name, None)) is not None}
        shown = {name: place for name, place in fresh.items() if place is not None}
        self._places.update(shown)
        self._lines.exchange(gone, shown)

    @property
    def lingering(self) -> int:
        """The number of rows that went and are still shown."""
        return sum(name in self._places for name in self._rows.gone)

    def window(self) -> list[str]:
        """The keys of the lines in the window, in order."""
        return self.slice(self.first, self.count)

    def slice(self, first: int, count: int) -> list[str]:
        """The keys of lines by position."""
        return self._lines.slice(first, count, descending=self.descending)

    def names(self) -> list[str]:
        """The keys of all rows that the view lets through, in order, also of those in folded groups."""
        return self._lines.names(descending=self.descending)

    def position(self, name: str) -> int | None:
        """Returns the position of a row, or None where the view does not show it."""
        place = self._places.get(name)
        return None if place is None else self._lines.position(name, place, descending=self.descending)

    def _lets(self, row: Row) -> bool:
        if self.broken and self._rows.health(row).level not in BROKEN:
            return False
        return self._match is None or self._match(row)

    def _place(self, row: Row) -> Place:
        if not self.group:
            return ("", self._key(row), False)
        broken = self._rows.health(row).level in BROKEN and row.key not in self._rows.gone
        return (self._group_of(row), self._key(row), broken)

    def _key(self, row: Row) -> order.SortKey:
        if self.sort == BY_HEALTH:
            return (0, float(_WORST_FIRST[self._rows.health(row).level]), (*order.natural(row.key),))
        return self._row_key(row)


class LiveRows:
    """All rows of a live table.

    Args:
        columns: Columns of the table.
        rows: First rows of the table.
        usual: The order that views begin with: `BY_NAME` or `order.BY_TIME`.
        lingering: Whether rows that went stay in the views until `forget`.
        everywhere: Whether the rows are of several namespaces.
        group: The grouping that views begin with, one of `GROUPINGS`, or "".

    Attributes:
        columns: Nothing until the first page came.
        rows: By key; never changed in place.
        gone: Rows that went and linger in the views, by key; they count nowhere.
        views: By the identity their page gave them.
    """

    def __init__(
        self,
        columns: Iterable[Column] = (),
        rows: Iterable[Row] = (),
        usual: int = BY_NAME,
        *,
        lingering: bool = False,
        everywhere: bool = False,
        group: str = "",
    ) -> None:
        self.usual = usual
        self.group: str = group
        self.everywhere: bool = everywhere
        self.lingering: bool = lingering
        self.gone: dict[str, Row] = {}
        self.columns: tuple[Column, ...] = tuple(columns)
        self.rows: dict[str, Row] = {}
        self.views: dict[str, View] = {}
        self._health_of = health_of(self.columns)
        self._health: dict[str, Health] = {}
        self._counts: Counter[Level] = Counter()
        self._namespaces: Counter[str] = Counter()
        self.apply(RowPatch(put=tuple(rows)))

    @property
    def counts(self) -> Mapping[Level, int]:
        """Each level with the number of rows at it."""
        return self._counts

    @property
    def namespaces(self) -> Mapping[str, int]:
        """Each namespace with the number of its rows."""
        return self._namespaces

    def health(self, row: Row) -> Health:
        """Returns the health of a row."""
        found = self._health.get(row.key)
        return found if found is not None else self._health_of(row)

    def apply(self, patch: RowPatch) -> None:
        """Takes a change and brings every view up to date."""
        if patch.columns is not None and patch.columns != self.columns:
            same = _cells(patch.columns) == _cells(self.columns)
            self.columns = patch.columns
            if not same:
                self._health_of = health_of(self.columns)
                self._take_again()
        if patch.reset:
            self._reset(patch.put)
            return
        if len(patch.put) + len(patch.drop) > _MANY:
            self._apply_many(patch)
            return
        views = list(self.views.values())
        for name in patch.drop:
            lingers = self._leave(name)
            for view in views:
                if lingers:
                    view.put(self.gone[name])  # its place says that it is not broken any more
                else:
                    view.drop(name)
        for row in patch.put:
            self._put(row)
            for view in views:
                view.put(row)

    def _apply_many(self, patch: RowPatch) -> None:
        dropped = [name for name in patch.drop if not self._leave(name)]
        for row in patch.put:
            self._put(row)
        put = (*patch.put, *(self.gone[name] for name in patch.drop if name in self.gone))
        for view in self.views.values():
            view.take(put, dropped)

    def row(self, name: str) -> Row:
        """Returns a row that a view shows, also one that went and lingers."""
        found = self.rows.get(name)
        return self.gone[name] if found is None else found

    def forget(self, names: Iterable[str]) -> None:
        """Takes rows that linger out of the views."""
        for name in names:
            if self.gone.pop(name, None) is not None:
                for view in self.views.values():
                    view.drop(name)

    def open(self, identity: str) -> View:
        """The view of this identity; made if it is new."""
        if identity not in self.views:
            self.views[identity] = View(self)
        return self.views[identity]

    def close(self, identity: str) -> None:
        """Forgets a view."""
        self.views.pop(identity, None)

    def _put(self, row: Row) -> None:
        self._drop(row.key)
        self.gone.pop(row.key, None)
        health = self._health_of(row)
        self.rows[row.key], self._health[row.key] = row, health
        self._counts[health.level] += 1
        self._namespaces[row.namespace] += 1

    def _leave(self, name: str) -> bool:
        """Takes a row out, and returns whether the views still show it."""
        row = self.rows.get(name)
        self._drop(name)
        if self.lingering and row is not None:
            self.gone[name] = msgspec.structs.replace(row)  # another object: pages get it again
        return self.lingering and name in self.gone

    def _drop(self, name: str) -> None:
        row = self.rows.pop(name, None)
        if row is None:
            return
        self._counts[self._health.pop(name).level] -= 1
        self._namespaces[row.namespace] -= 1
        if not self._namespaces[row.namespace]:
            del self._namespaces[row.namespace]

    def _reset(self, rows: Iterable[Row]) -> None:
        self.rows, self._health, self.gone = {}, {}, {}
        self._counts, self._namespaces = Counter(), Counter()
        for row in rows:
            self._put(row)
        for view in self.views.values():
            view.rebuild()

    def _take_again(self) -> None:
        self._reset(tuple(self.rows.values()))
        for view in self.views.values():
            view.columns_changed()


def _cells(columns: Iterable[Column]) -> list[tuple[str, str, str]]:
    """The facts that say which cells there are; which of them are shown is another matter."""
    return [(column.name, column.type, column.format) for column in columns]
