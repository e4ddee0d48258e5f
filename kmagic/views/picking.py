"""The rows that a person has selected in one view of a live table; pure.

They are kept by key beside the view, since a page knows only the rows of its window: a range or "all" may be of
thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kmagic.views.grouping import is_head
from kmagic.views.live import View

__all__ = ("Picked",)


class Picked:
    """The selection of one view.

    Attributes:
        keys: Keys of the selected rows, in the order they were selected.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._anchor = ""
        self.keys: dict[str, None] = {}

    def toggle(self, key: str) -> None:
        """Selects a row, or takes it out."""
        if key in self.keys:
            del self.keys[key]
        elif self._view.position(key) is not None:
            self.keys[key] = None
        self._anchor = key

    def extend(self, key: str) -> None:
        """Selects what lies between the row that was toggled last and this one."""
        begin, end = self._view.position(self._anchor), self._view.position(key)
        if end is None:
            return
        if begin is None:
            self.toggle(key)
            return
        first, last = sorted((begin, end))
        lines = self._view.slice(first, last - first + 1)
        self.keys.update(dict.fromkeys(line for line in lines if not is_head(line)))

    def everything(self) -> None:
        """Selects what the view's filter lets through; nothing if all of that is selected already."""
        shown = self._view.names()
        if shown and all(key in self.keys for key in shown):
            self.keys = {}
        else:
            self.keys.update(dict.fromkeys(shown))

    def clear(self) -> None:
        """Selects nothing."""
        self.keys = {}

    def keep(self, rows: Mapping[str, object]) -> None:
        """Takes out what is no row any more."""
        if any(key not in rows for key in self.keys):
            self.keys = {key: None for key in self.keys if key in rows}

    def among(self, keys: Iterable[str]) -> list[str]:
        """Returns those of the keys that are selected."""
        return [key for key in keys if key in self.keys]
