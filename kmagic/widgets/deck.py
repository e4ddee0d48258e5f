"""Several live tables in one output, each behind a tab.

The tables stay what they are: each has its rows, its pages and its messages. A deck lends them one model, and puts the
number of its tab on every message of a table. While a page shows the deck, no table of it pauses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import anywidget

from kmagic.views.status import BROKEN
from kmagic.widgets.outputs import Outputs
from kmagic.widgets.page import script, style

if TYPE_CHECKING:
    from kmagic.sync.runtime import Runtime
    from kmagic.widgets.live_table import LiveTable

__all__ = ("Deck",)


class _Model(anywidget.AnyWidget):
    """The widget's model: code and style, no data."""

    _esm = script("deck")
    _css = style("table")


class Deck:
    """Shows tables behind tabs.

    Args:
        tables: The tables, one a tab; the deck shows them.
        runtime: The loop that they live on.
        snapshot: The tables as they are now, static: a bundle of HTML and plain text.
    """

    def __init__(
        self, tables: Sequence[LiveTable], *, runtime: Runtime, snapshot: Callable[[], dict[str, str]]
    ) -> None:
        self._tables = tuple(tables)
        self._outputs = Outputs(
            _Model,
            snapshot=snapshot,
            receive=self._receive,
            aside=self._act,
            runtime=runtime,
            unheard=self._keep_pages,
        )
        for at, table in enumerate(self._tables):
            table.join(self._outputs, self._sender(at))

    def show(self) -> None:
        """Displays the static tables, and the tabs beside them."""
        self._outputs.show()

    def _sender(self, at: int) -> Callable[[dict[str, Any]], None]:
        return lambda content: self._outputs.send({**content, "tab": at})

    def _receive(self, message: Mapping[str, Any]) -> None:
        if message.get("t") == "tabs":
            for table in self._tables:
                table.follow()
            self._outputs.send({"t": "tabs", "tabs": [_told(table) for table in self._tables]})
        elif (meant := self._of(message)) is not None:
            meant.receive(message)

    def _act(self, message: Mapping[str, Any]) -> bool:
        table = self._of(message)
        return table is not None and table.act(message)

    def _keep_pages(self) -> None:
        for table in self._tables:
            table.keep_pages()

    def _of(self, message: Mapping[str, Any]) -> LiveTable | None:
        at = message.get("tab")
        return self._tables[at] if isinstance(at, int) and 0 <= at < len(self._tables) else None


def _told(table: LiveTable) -> dict[str, Any]:
    counts = table.counts
    return {
        "title": table.title,
        "count": sum(counts.values()),
        "bad": sum(counts.get(level, 0) for level in BROKEN),
        "unread": table.unread,
    }
