"""The source of a live table: rows, and a notification of every change, on the loop's thread.

`Feed` is the seam between caches and live tables. `MemoryFeed` is one that code pushes rows into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from kmagic.api.table import Column
from kmagic.views.table import Row, RowPatch

__all__ = ("Feed", "FeedState", "MemoryFeed", "OnPatch", "OnState")


class FeedState(msgspec.Struct, frozen=True):
    """The freshness of the rows.

    Attributes:
        word: ``"listing"``, ``"live"``, ``"reconnecting"``, ``"stopped"``.
        detail: Reason or progress: "500 of 10,000", the last error.
    """

    word: str = "listing"
    detail: str = ""


OnPatch = Callable[[RowPatch], None]
OnState = Callable[[FeedState], None]


class Feed(Protocol):
    """A source of rows. Everything is called on the loop's thread, and calls back there."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns; empty before the first page."""
        ...

    @property
    def rows(self) -> Iterable[Row]:
        """All rows now."""
        ...

    @property
    def state(self) -> FeedState:
        """The freshness of the rows."""
        ...

    def subscribe(self, on_patch: OnPatch, on_state: OnState) -> Callable[[], None]:
        """Asks for word of changes from now on.

        Returns:
            Ends the subscription; the feed may then stop its watch.
        """
        ...


class MemoryFeed:
    """Rows pushed by code: for tables of one's own, and for tests."""

    def __init__(self, columns: Iterable[Column] = (), rows: Iterable[Row] = ()) -> None:
        self.columns: tuple[Column, ...] = tuple(columns)
        self.state: FeedState = FeedState("live")
        self._rows = {row.key: row for row in rows}
        self._subscribers: list[tuple[OnPatch, OnState]] = []

    @property
    def rows(self) -> Iterable[Row]:
        """All rows now."""
        return self._rows.values()

    def subscribe(self, on_patch: OnPatch, on_state: OnState) -> Callable[[], None]:
        """Asks for word of changes from now on; returns what ends it."""
        pair = (on_patch, on_state)
        self._subscribers.append(pair)
        return lambda: self._subscribers.remove(pair) if pair in self._subscribers else None

    def push(self, patch: RowPatch) -> None:
        """Takes a change and passes it on; on the loop's thread."""
        if patch.columns is not None:
            self.columns = patch.columns
        if patch.reset:
            self._rows = {}
        for name in patch.drop:
            self._rows.pop(name, None)
        self._rows.update((row.key, row) for row in patch.put)
        for on_patch, _ in tuple(self._subscribers):
            on_patch(patch)

    def become(self, state: FeedState) -> None:
        """Changes the state and passes it on; on the loop's thread."""
        self.state = state
        for _, on_state in tuple(self._subscribers):
            on_state(state)
