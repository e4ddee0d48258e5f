"""The messages between a live table's kernel side and its pages; the only writer of messages to the browser.

One model, any number of pages and outputs that show it. Each makes a random identity (`vid`) and every message carries
it, since a message reaches all of them. Rows go out as patches of the page's window, never as widget state, so nothing
live is saved into the notebook.

Up:    hello {first, count, sort?, desc, filter, broken, group?} · view {first, count} · sort {sort, desc} ·
       filter {text} · broken {on} · why {why} · group {group} · fold {group} or {all} · columns {names} ·
       pick {mode, key} · detail {key, tab} · may {namespace} · close · hb · resync · bye.
       act {n, what, …}   see `row_actions`; answered in the kernel's thread. Each has `vid` and a rising `q`.
Down:  win  {vid, seq, full, first, total, shown, all, ack, left, rows, order?, heads?, head?, picked, error, counts,
             state, now}             total counts lines; in an order, heads of groups are lines among the rows
       tick {vid, ack, state, now}          nothing changed
       who  {vid}                           the kernel does not know this page: say hello again
       detail {vid, key, tab, …, error}     a tab of the panel of a row
       may  {vid, namespace, refused}       what the person may not do with rows there, and why
       act  {vid, n, …, error}              what was asked for is done, or why not

Messages can be lost in silence (a cell that prints megabytes), so frames are numbered, a page asks again after a gap,
and every few seconds a full frame repeats everything. No message has a key named `id`: kernels use it for routing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from kmagic.api.table import Column
from kmagic.api.terminal import escape_terminal
from kmagic.api.times import instant
from kmagic.views import order as orders
from kmagic.views.grouping import GROUPINGS, groupings, is_head
from kmagic.views.live import BY_HEALTH, BY_NAME, LiveRows, View
from kmagic.views.picking import Picked
from kmagic.views.status import BROKEN, marked_columns
from kmagic.views.table import Row, cell_text, is_age
from kmagic.views.values import Kind, aged_cells, kind_of
from kmagic.widgets.feed import FeedState
from kmagic.widgets.pages import FORGET_SECONDS, FULL_SECONDS, TICK_SECONDS, Message, number_of

__all__ = ("MAX_WINDOW", "Asked", "Channel", "column_kind")

MAX_WINDOW = 500
_MAX_CELL = 400


class Asked(msgspec.Struct, frozen=True):
    """A tab of the detail panel that a page asks for.

    Attributes:
        vid: The page.
        key: Key of the row.
        tab: Name of the tab.
    """

    vid: str
    key: str
    tab: str


class _Page:
    """The state of one page: the rows it was sent."""

    def __init__(self, view: View, now: float) -> None:
        self.view = view
        self.picked = Picked(view)
        self.seq = 0
        self.ack = 0
        self.sent: dict[str, Row] = {}
        self.order: list[str] = []
        self.heads: dict[str, Message] = {}
        self.place = (-1, -1)
        self.dirty = True
        self.full = True
        self.met = False  # it was told the actions
        self.answer = False
        self.heard = now
        self.told = now
        self.told_all = float("-inf")
        self.facts: tuple[object, ...] = ()
        self.why = False  # it shows the column of reasons


class Channel:
    """Knows the pages, reads what they say, and writes frames.

    Args:
        rows: The view that is shown.
        send: Takes a message's content; called from `receive` and `flush` only.
        head: The title, the target and the like, sent with every full frame.
        offers: Actions on rows that a page offers, told to each page once.
        reason: Trouble of the object of a row, in its own words; "" where none is known.
        clock: Monotonic seconds.
        wall: The time of day, so that ages do not depend on the browser's clock.
    """

    def __init__(
        self,
        rows: LiveRows,
        send: Callable[[Message], None],
        *,
        head: Mapping[str, Any],
        reason: Callable[[Row], str] = lambda row: "",
        offers: Callable[[], list[Message]] = list,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._send = send
        self._head = dict(head)
        self._reason, self._offers = reason, offers
        self._clock = clock
        self._wall = wall
        self._pages: dict[str, _Page] = {}
        self.forget_seconds = FORGET_SECONDS
        self.state: FeedState = FeedState()

    @property
    def pages(self) -> int:
        """The number of pages that show the table."""
        return len(self._pages)

    @property
    def why(self) -> bool:
        """True while a page shows the column of reasons."""
        return any(page.why for page in self._pages.values())

    def touch(self) -> None:
        """Rows or the state changed: every page may need a frame."""
        for page in self._pages.values():
            page.dirty = True

    def restart(self) -> None:
        """The columns changed: every page needs everything."""
        for page in self._pages.values():
            page.dirty = page.full = True

    def become(self, state: FeedState) -> None:
        """Takes the feed's state."""
        self.state = state
        self.touch()

    def receive(self, message: Mapping[str, Any]) -> Asked | None:
        """Reads one message of a page and answers it at once.

        Returns:
            The tab of the detail panel that the page wants, else None.
        """
        vid, kind = str(message.get("vid") or ""), message.get("t")
        if not vid:
            return None
        if kind == "bye":
            self._forget(vid)
            return None
        page = self._page(vid, message)
        if page is None:
            self._send({"t": "who", "vid": vid})
            return None
        page.heard = self._clock()
        page.ack = max(page.ack, number_of(message.get("q"), page.ack))
        page.answer = True
        self._obey(page, kind, message)
        self._frame(vid, page)
        if kind != "detail":
            return None
        return Asked(vid, str(message.get("key") or ""), str(message.get("tab") or "summary"))

    def flush(self) -> None:
        """Sends every page what it does not have; forgets pages that are gone."""
        now = self._clock()
        for vid, page in list(self._pages.items()):
            if now - page.heard > self.forget_seconds:
                self._forget(vid)
            else:
                self._frame(vid, page)

    def send_detail(self, asked: Asked, found: Mapping[str, Any], error: str = "") -> None:
        """Sends a tab of the detail panel; masked by the caller."""
        self._send({"t": "detail", "vid": asked.vid, "key": asked.key, "tab": asked.tab, "error": error, **found})

    def send_done(self, vid: str, number: int, found: Mapping[str, Any], error: str = "") -> None:
        """Sends what came of something that a page asked for by a number of its own."""
        self._send({"t": "act", "vid": vid, "n": number, "error": error, **found})

    def send_refused(self, vid: str, namespace: str, refused: Mapping[str, str]) -> None:
        """Sends what the person may not do with rows of a namespace, with the reasons."""
        self._send({"t": "may", "vid": vid, "namespace": namespace, "refused": dict(refused)})

    def chosen(self, vid: str, keys: object = None) -> list[Row]:
        """The rows that a page means: those of the keys, or those that are selected there."""
        page = self._pages.get(vid)
        wanted = keys if isinstance(keys, list) else list(page.picked.keys) if page is not None else []
        return [row for key in wanted if isinstance(key, str) and (row := self._rows.rows.get(key)) is not None]

    def _page(self, vid: str, message: Mapping[str, Any]) -> _Page | None:
        page = self._pages.get(vid)
        if page is None and message.get("t") == "hello":
            page = self._pages[vid] = _Page(self._rows.open(vid), self._clock())
        return page

    def _forget(self, vid: str) -> None:
        self._pages.pop(vid, None)
        self._rows.close(vid)

    def _obey(self, page: _Page, kind: object, message: Mapping[str, Any]) -> None:
        view = page.view
        if kind in ("hello", "view"):
            view.first = max(0, number_of(message.get("first"), view.first))
            view.count = min(MAX_WINDOW, max(1, number_of(message.get("count"), view.count)))
            page.dirty = True
        if kind in ("hello", "filter") and isinstance(message.get("text"), str):
            view.search(message["text"])
            page.dirty = page.full = True
        if kind in ("hello", "broken") and "broken" in message:
            view.only_broken(bool(message["broken"]))
            page.dirty = page.full = True
        if kind in ("hello", "why") and "why" in message:
            page.why = bool(message["why"])
            page.dirty = page.full = True
        if kind in ("hello", "sort") and "sort" in message:
            sort = number_of(message["sort"], BY_NAME)
            known = sort in (BY_NAME, BY_HEALTH, orders.BY_TIME) or 0 <= sort < len(self._rows.columns)
            view.order_by(sort if known else self._rows.usual, descending=bool(message.get("desc")))
            page.dirty = page.full = True
        if kind in ("hello", "group") and message.get("group") in ("", *GROUPINGS):
            view.group_by(message["group"])
            page.dirty = page.full = True
        if kind == "fold":
            view.fold_all() if message.get("all") else view.fold(str(message.get("group") or ""))
            page.dirty = True
        if kind in ("hello", "resync"):
            page.dirty = page.full = True
            page.met = False
        if kind == "pick":
            _pick(page.picked, message.get("mode"), str(message.get("key") or ""))
            page.dirty = True

    def _frame(self, vid: str, page: _Page) -> None:
        now = self._clock()
        if now - page.told_all >= FULL_SECONDS:
            page.full = page.dirty = True
        frame = self._window(vid, page) if page.dirty else None
        if frame is None:
            if not page.answer and now - page.told < TICK_SECONDS:
                return
            frame = {"t": "tick", "vid": vid, "ack": page.ack, **self._freshness()}
        if page.full:
            page.told_all = now
        page.dirty = page.full = page.answer = False
        page.told = now
        self._send(frame)

    def _window(self, vid: str, page: _Page) -> Message | None:
        """A frame with what the page does not have, or None where it has everything."""
        view, rows, row = page.view, self._rows.rows, self._rows.row
        order = view.window()
        if not order and view.total:  # rows went away above the window
            view.first = max(0, view.total - view.count)
            order = view.window()
        place = (view.first, view.total)
        names = [line for line in order if not is_head(line)]
        heads = {line: msgspec.to_builtins(view.head(line)) for line in order if is_head(line)}
        known = {} if page.full else page.sent
        fresh = [name for name in names if known.get(name) is not row(name)]
        moved = page.full or order != page.order or place != page.place
        state = self._freshness()
        page.picked.keep(rows)
        picked = {"n": len(page.picked.keys), "keys": page.picked.among(names)}
        told = (picked, heads, view.shown, view.error, len(rows), state["state"], state["detail"], self._counts())
        if not fresh and not moved and told == page.facts:
            return None
        page.facts = told
        page.sent = {name: row(name) for name in names}
        page.order, page.place = order, place
        page.seq += 1
        frame: Message = {
            "t": "win", "vid": vid, "seq": page.seq, "full": page.full, "first": view.first, "total": view.total,
            "shown": view.shown, "all": len(rows), "left": view.lingering, "ack": page.ack, "error": view.error, "counts": self._counts(), "picked": picked, **state,
            "rows": [self._wire(row(name)) for name in fresh],
        }  # fmt: skip
        if moved:
            frame["order"] = order
        if moved or heads != page.heads:
            frame["heads"] = page.heads = heads
        if page.full:
            frame["head"] = self._full_head(view)
            if not page.met:
                page.met = True
                frame["offers"] = self._offers()
        return frame

    def _freshness(self) -> Message:
        return {"state": self.state.word, "detail": self.state.detail, "now": self._wall().timestamp()}

    def _counts(self) -> dict[str, int]:
        return {level.value: count for level, count in self._rows.counts.items() if count}

    def _full_head(self, view: View) -> Message:
        return {
            **self._head,
            "columns": [
                {"name": c.name, "kind": column_kind(c), "wide": c.priority > 0, "hint": c.description[:200]}
                for c in self._rows.columns
            ],
            "marked": marked_columns(self._rows.columns),
            "namespaces": len(self._rows.namespaces),
            "sort": view.sort,
            "desc": view.descending,
            "text": view.text,
            "broken": view.broken,
            "group": view.group,
            "groupings": groupings(self._rows.columns, everywhere=self._rows.everywhere),
        }

    def _wire(self, row: Row) -> list[Any]:
        health = self._rows.health(row)
        columns = self._rows.columns
        aged = aged_cells(row, columns, self._wall())
        cells = [_cell(cell, column, row) for cell, column in zip(aged, columns, strict=False)]
        # What the object says of itself says more than a cell; a full frame, every few seconds, tells what it says now.
        why = self._reason(row) if self.why else ""
        if not why and (health.level in BROKEN or row.deleted):
            why = health.why
        why = why if len(why) <= _MAX_CELL else why[: _MAX_CELL - 1] + "…"
        return [row.key, row.namespace, health.level.value, why, _epoch(row.created), self._leaving(row), cells]

    def _leaving(self, row: Row) -> int:
        """Returns 0 for an object that stays, 1 for one that is being deleted, 2 for one that is gone."""
        return 2 if row.key in self._rows.gone else int(bool(row.deleted))


def column_kind(column: Column) -> str:
    """Returns the kind of a column for the page: ``"name"``, ``"age"``, ``"time"``, ``"number"``, ``"text"``."""
    name = column.name.casefold()
    if is_age(column):
        return "age"
    if column.format == "name" and name == "name":
        return "name"
    if kind_of(column) in (Kind.AGO, Kind.DURATION):
        return "time"
    return "number" if column.type in ("integer", "number") else "text"


def _pick(picked: Picked, mode: object, key: str) -> None:
    if mode == "toggle":
        picked.toggle(key)
    elif mode == "to":
        picked.extend(key)
    elif mode == "all":
        picked.everything()
    elif mode == "none":
        picked.clear()


def _cell(cell: Any, column: Column, row: Row) -> str | None:
    if is_age(column) and row.created:
        return None  # the page tells the age from the creation time, every second
    text = escape_terminal(cell_text(cell))
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"


def _epoch(timestamp: str) -> float:
    found = instant(timestamp)
    return found.timestamp() if found else 0
