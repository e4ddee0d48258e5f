"""The objects of a list, each made when it is touched: who only looks at the table pays for no object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

from kmagic.api.door import read_object
from kmagic.api.table import row_object
from kmagic.views.table import row_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.api.types import JSONObject
    from kmagic.errors import KubeError
    from kmagic.magics.results.table_text import Looks
    from kmagic.views.table import Row

__all__ = ("Objects", "Unread")

T = TypeVar("T", bound="dict[str, Any]")

# Rows touched one by one; then all are fetched, which is cheaper than so many requests.
_FEW = 10


class Unread(Protocol):
    """The source of the objects behind rows that came without them."""

    def one(self, row: Row) -> bytes:
        """The object behind a row."""

    def all(self) -> dict[str, bytes]:
        """The objects behind all rows by their keys."""

    def as_printed(self, row: Row, obj: bytes) -> bool:
        """Returns whether an object is the one that the row was printed of."""

    def gone(self, row: Row) -> KubeError:
        """The error of a row whose object cannot be had any more."""


class _Source(Generic[T]):
    """The objects of all rows, shared by a list and its parts."""

    def __init__(
        self,
        came: list[JSONObject | bytes | None],
        looks: Looks,
        make: Callable[[JSONObject, Looks], T],
        unread: Unread | None,
    ) -> None:
        self.looks: Looks = looks
        self._came = came
        self._make = make
        self._unread = unread
        self._made: dict[int, T] = {}
        self._touched = 0
        self._all = False

    @property
    def rows(self) -> Sequence[Row]:
        return self.looks.table.rows

    def at(self, index: int) -> T:
        if index not in self._made:
            self._made[index] = self._make(self._object(index), self.looks.only([index]))
            self._came[index] = None
        return self._made[index]

    def _object(self, index: int) -> JSONObject:
        came = self._came[index]
        if came is None:
            self._touched += 1
            if self._touched > _FEW:
                self.fill()
            came = self._came[index] or self._one(self.rows[index])
        return read_object(came, "an object of the server's list") if isinstance(came, bytes) else came

    def _one(self, row: Row) -> bytes:
        assert self._unread is not None
        if self._all:
            raise self._unread.gone(row)
        return self._unread.one(row)

    def lacks(self, index: int) -> bool:
        """Returns whether the object of a row would have to be fetched."""
        return self._came[index] is None and index not in self._made

    def fill(self) -> None:
        """Fetches the objects that are not there, all at once."""
        missing = [at for at in range(len(self._came)) if self.lacks(at)]
        if self._all or not missing or self._unread is None:
            return
        found = self._unread.all()
        for at in missing:
            row = self.rows[at]
            obj = found.get(row.key)
            if obj is not None and self._unread.as_printed(row, obj):
                self._came[at] = obj
        self._all = True

    def complete(self) -> None:
        """Gives the rows what only their objects tell: when they were made, their labels."""
        if all(row.uid for row in self.rows):
            return
        self.fill()
        rows = tuple(self._completed(at, row) for at, row in enumerate(self.rows))
        self.looks = self.looks.with_rows(rows)

    def _completed(self, at: int, row: Row) -> Row:
        came = self._made.get(at) or self._came[at]
        return row if row.uid or came is None else row_of(row.cells, row_object(came), came=row.came)


class Objects(Sequence[T]):
    """The objects behind some rows of a table, in their order.

    Args:
        source: The objects of all rows.
        positions: Indexes of the chosen rows.
    """

    def __init__(self, source: _Source[T], positions: Sequence[int]) -> None:
        self._source = source
        self._positions = positions

    @classmethod
    def of(
        cls,
        came: Iterable[Any],
        looks: Looks,
        make: Callable[[JSONObject, Looks], T],
        unread: Unread | None = None,
    ) -> Objects[T]:
        """The objects of all rows of a table.

        Args:
            came: With each row: its object as a dict or as bytes; anything else where it did not come.
            looks: The table.
            make: Makes a value of an object and of its row's table.
            unread: Source of those that did not come.
        """
        kept = [each if isinstance(each, dict | bytes) else None for each in came]
        return cls(_Source(kept, looks, make, unread), range(len(kept)))

    @property
    def keys(self) -> list[tuple[str, str]]:
        """(namespace, name) of every object; nothing is fetched."""
        rows = self._source.rows
        return [(rows[at].namespace, rows[at].name) for at in self._positions]

    def only(self, chosen: Iterable[int]) -> Objects[T]:
        """Some of them by their positions; nothing is fetched."""
        return Objects(self._source, [self._positions[at] for at in chosen])

    def completed(self) -> Looks:
        """The table with all that is known of the objects; those that did not come are fetched."""
        self._source.complete()
        whole = self._source.looks
        return whole if self._positions == range(len(whole.table.rows)) else whole.only(self._positions)

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Objects[T]: ...
    def __getitem__(self, index: int | slice) -> T | Objects[T]:
        if isinstance(index, slice):
            return Objects(self._source, self._positions[index])
        return self._source.at(self._positions[index])

    def __iter__(self) -> Iterator[T]:
        if sum(map(self._source.lacks, self._positions)) > _FEW:
            self._source.fill()
        return map(self._source.at, self._positions)

    def __reduce__(self) -> tuple[type[tuple[Any, ...]], tuple[list[T]]]:
        # A copy or pickle is of the objects: whom to ask for them belongs to this kernel.
        return tuple, (list(self),)
