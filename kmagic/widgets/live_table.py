"""The live table: a feed's rows in any number of pages, and a static table for the saved notebook.

Theory of operation. All state belongs to the loop's thread: the feed calls back there, pages' messages are posted
there, and one task sends at most ten frames a second to a page. Sorting, filtering and search happen here, so they work
while a cell computes. The notebook's output is two displays: static HTML, which is saved, and the widget, which hides
the static one while it is live.

A table that is on no page and has no reader pauses after a minute: it leaves its feed and keeps the last rows. A
page that comes back, or a read, makes it look again.

Promises: no row and nothing else of the cluster is widget state; `stop` leaves no task and no subscription, `close` no
comm either; without a front-end nothing but the static table is shown.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import anyio
import anywidget
import msgspec

from kmagic.api.table import Column
from kmagic.errors import KubeError
from kmagic.sync.runtime import Runtime, shared_runtime
from kmagic.views import html, order
from kmagic.views import text as texts
from kmagic.views.grouping import GROUPINGS, groupings, is_head
from kmagic.views.live import BY_NAME, LiveRows
from kmagic.views.status import Level
from kmagic.views.table import Row, RowPatch, Table
from kmagic.views.values import aged
from kmagic.widgets.channel import Asked, Channel
from kmagic.widgets.feed import Feed, FeedState
from kmagic.widgets.outputs import FORGET_WITHOUT_SUBSHELLS, Outputs, fallback
from kmagic.widgets.page import script, style
from kmagic.widgets.row_actions import RowActions

__all__ = ("LiveTable", "Reasons")

_FRAME_SECONDS = 0.1  # ten frames a second; Jupyter drops messages of fast senders without an error
_IDLE_SECONDS = 1.0
_GONE_SECONDS = 10.0  # how long the row of an object that went is still shown
_MOST_COLUMNS = 100  # that a page may name
_UNSEEN_SECONDS = 60.0  # without a page or a reader; heartbeats come every 5 s


class Reasons(Protocol):
    """Knows what is wrong with the objects of rows; everything is called on the loop's thread."""

    async def begin(self) -> None:
        """Gets to know the objects; returns when they are there, or cannot be had."""

    def of(self, row: Row) -> str:
        """The trouble of the object of a row, in its own words; "" where none is known."""


class _Model(anywidget.AnyWidget):
    """The widget's model: code and style, no data."""

    _esm = script("live_table")
    _css = style("table")


class LiveTable:
    """A table that follows its feed.

    Args:
        feed: Rows and their changes.
        title: Title of the table, "Pods".
        target: Name of the cluster and namespace, "kind-dev ▸ shop · free".
        level: The target's protection level; the badge is coloured by it.
        namespace: Whether a NAMESPACE column is shown.
        sort: The order it begins with: `BY_NAME` or `order.BY_TIME`.
        wide: Whether it begins with the columns of lower priority, too.
        group: One of `grouping.GROUPINGS`, by which rows are grouped at the beginning, or "".
        columns: Names of the columns to show, instead of the server's choice; the rest by the "wide" button.
        chose: Told the names of the columns that a page chose; none for the server's choice.
        kind: ``"Deployment.apps"``; for the static table.
        actions: Reads and changes the objects of rows; None leaves rows as they are.
        reasons: Tells what is wrong with objects; None leaves the column out.
        runtime: The loop thread that the feed runs on.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        feed: Feed,
        *,
        title: str = "",
        target: str = "",
        level: str = "",
        namespace: bool = False,
        sort: int = BY_NAME,
        wide: bool = False,
        group: str = "",
        columns: tuple[str, ...] = (),
        chose: Callable[[tuple[str, ...]], object] = lambda names: None,
        kind: str = "",
        actions: RowActions | None = None,
        reasons: Reasons | None = None,
        runtime: Runtime | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title: str = title
        self.target: str = target
        self.namespace: bool = namespace
        self.wide: bool = wide
        self.kind: str = kind
        self._feed, self._actions, self._reasons = feed, actions, reasons
        self._reasoning = False  # somebody follows the objects for the reasons
        self._changed = self._stopped = False
        self._stale = False  # rows are of before a pause, until the feed has them all again
        self._columns, self._chose = columns, chose
        self._runtime = runtime or shared_runtime()
        self._clock = clock
        self._rows = LiveRows(usual=sort, lingering=True, everywhere=namespace, group=group)
        self._saved = self._rows.open("")  # what the static table shows, kept in order like any page's view
        self._saved.count = html.MAX_ROWS
        self._outputs = Outputs(
            _Model,
            snapshot=self.snapshot,
            receive=self.receive,
            aside=self.act,
            runtime=self._runtime,
            unheard=self.keep_pages,
        )
        self._send: Callable[[dict[str, Any]], None] = self._outputs.send
        self._due: dict[str, float] = {}  # rows that went, and the time at which they leave the views
        self._wake, self._listed = anyio.Event(), anyio.Event()
        head: dict[str, Any] = {"title": title, "target": target, "level": level, "namespace": namespace, "wide": wide}
        self._channel = Channel(
            self._rows,
            lambda content: self._send(content),
            head=head | {"reasons": reasons is not None},
            offers=lambda: [msgspec.to_builtins(each) for each in actions.offers] if actions is not None else [],
            reason=reasons.of if reasons is not None else lambda row: "",
            clock=clock,
            wall=lambda: datetime.now(UTC),
        )
        self._unsubscribe: Callable[[], None] | None = None
        self._looked = clock()
        self._scope = self._runtime.spawn(self._pump, name=f"live-table:{title}")
        self._runtime.call(self.follow)

    # -- from any thread

    @property
    def state(self) -> FeedState:
        """The freshness of the rows."""
        return self._channel.state

    @property
    def unread(self) -> str:
        """The error of the last try while no list has come yet; "" where one came or is still coming."""
        state = self._channel.state
        return state.detail if state.word == "reconnecting" and not self._rows.columns else ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows now, in the order the table begins with."""
        return self.table().rows

    def table(self) -> Table:
        """Returns the present rows of the feed, in its first order."""

        def take() -> tuple[tuple[Column, ...], tuple[Row, ...]]:
            return self._rows.columns, tuple(self._rows.rows.values())

        columns, rows = self._runtime.call(take) if self._runtime.running else take()
        return Table(columns, order.sorted_rows(rows, columns, self._rows.usual), self.kind, self.namespace)

    @property
    def groupings(self) -> tuple[str, ...]:
        """The names of the groupings that its rows can have; none before the first page."""
        return groupings(self._rows.columns, everywhere=self.namespace)

    def look(self) -> None:
        """Counts as a look at the table: a paused one follows its feed again."""
        if self._runtime.running:
            self._runtime.call(self.follow)

    def wait_listed(self, timeout: float) -> bool:
        """Waits for the first complete list; False when it did not come within `timeout` seconds."""

        async def wait() -> bool:
            with anyio.move_on_after(timeout):
                await self._listed.wait()
            return self._listed.is_set()

        return self._runtime.run(wait())

    def show(self, *, headless: bool = False) -> None:
        """Displays the table: the static one, and the live one where there is a front-end to show it."""
        self._outputs.show(headless=headless)

    @property
    def widget(self) -> anywidget.AnyWidget:
        """The widget by itself, for front-ends that show one as it is."""
        return self._outputs.widget()

    def join(self, outputs: Outputs, send: Callable[[dict[str, Any]], None]) -> None:
        """Becomes a part of a view that is shown as one: its outputs are that one's from now on.

        Args:
            outputs: The outputs of the whole view.
            send: Sends a message of this table through them.
        """
        self._outputs, self._send = outputs, send

    @property
    def counts(self) -> Mapping[Level, int]:
        """Each level with the number of rows at it."""
        return self._rows.counts

    def snapshot(self) -> dict[str, str]:
        """The table as it is now, static: a bundle of HTML and plain text."""
        table, heads = self._runtime.call(self._first_rows) if self._runtime.running else self._first_rows()
        now = datetime.now(UTC)
        table, moment = aged(table, now), now.strftime("%Y-%m-%d %H:%M:%S UTC")
        unread = self.unread
        footer = " · ".join(part for part in (self.title, unread, self.target, f"as of {moment}") if part)
        body = html.table_html(table, wide=self.wide, namespace=self.namespace, footer=footer, heads=heads)
        nothing = f"{self.title}: {unread}" if unread else "No resources found"
        plain = texts.table_text(table, wide=self.wide, namespace=self.namespace, heads=heads) or nothing
        return {"text/html": fallback(body), "text/plain": plain}

    def stop(self) -> None:
        """Ends the subscription and the task; pages say so and keep their rows. Safe to call twice."""
        if self._runtime.running:
            self._runtime.call(self._end)
        self._save()

    def close(self) -> None:
        """Stops, and takes the widget off every page together with its comms; the static table stays."""
        self.stop()
        self._outputs.close()

    # -- on the loop's thread

    def follow(self) -> None:
        """Counts as a look at the table, as `look`, on the loop's thread."""
        self._looked = self._clock()
        if self._unsubscribe is not None or self._stopped:
            return
        self._unsubscribe = self._feed.subscribe(self._on_patch, self._on_state)
        state = self._feed.state
        self._stale = bool(self._rows.rows) and state.word != "live"
        if not self._stale:
            self._on_patch(RowPatch(put=tuple(self._feed.rows), reset=True, columns=self._feed.columns or None))
        if state.word != "live":
            self._listed = anyio.Event()
        self._on_state(state)

    def _leave(self, word: str) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
            self._reasoning = False
        self._forget_gone(math.inf)
        self._channel.become(FeedState(word, datetime.now(UTC).strftime("%H:%M:%S UTC")))

    def _end(self) -> None:
        if self._stopped:
            return
        self._stopped = True
        self._leave("stopped")
        self._channel.flush()
        self._listed.set()
        self._scope.cancel()

    def _forget_gone(self, until: float) -> None:
        over = [name for name, due in self._due.items() if due <= until]
        if over:
            self._rows.forget(over)
            self._channel.touch()
            for name in over:
                del self._due[name]

    def _pause_if_unseen(self) -> None:
        unseen = not self._channel.pages and self._clock() - self._looked >= _UNSEEN_SECONDS
        if unseen and self._unsubscribe is not None:
            self._leave("paused")
            self._save()

    def _first_rows(self) -> tuple[Table, dict[int, str]]:
        """Returns the rows that are saved, and the heads of their groups by the index of the row below."""
        known, rows, heads = self._rows.rows, list[Row](), dict[int, str]()
        for line in self._saved.window():
            if is_head(line):
                heads[len(rows)] = self._saved.head(line).text
            elif line in known:
                rows.append(known[line])
        left = len(known) - len(rows)
        return Table(self._rows.columns, tuple(rows), self.kind, self.namespace, remaining=left), heads

    def _choose(self, names: Iterable[object]) -> None:
        """Shows these of the feed's columns, and its name, from now on; the feed's own choice where it is none."""
        self._columns = tuple(name for name in names if isinstance(name, str))[:_MOST_COLUMNS]
        self._chose(self._columns)
        if self._feed.columns:
            self._on_patch(RowPatch(columns=self._feed.columns))

    def _on_patch(self, patch: RowPatch) -> None:
        if patch.columns is not None and self._columns:
            patch = RowPatch(patch.put, patch.drop, patch.reset, self._chosen(patch.columns))
        columns = self._rows.columns
        self._rows.apply(patch)
        due = self._clock() + _GONE_SECONDS
        self._due.update((name, due) for name in patch.drop if name in self._rows.gone)
        if self._rows.columns is not columns:
            self._channel.restart()
        self._changed = True
        self._channel.touch()
        self._wake.set()

    def _on_state(self, state: FeedState) -> None:
        if state.word == "live":
            if self._stale:
                self._stale = False
                self._on_patch(RowPatch(put=tuple(self._feed.rows), reset=True, columns=self._feed.columns or None))
            self._listed.set()
        self._channel.become(state)
        self._wake.set()

    def _chosen(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        wanted = {name.casefold() for name in self._columns}
        return tuple(
            Column(c.name, c.type, c.format, c.description, int(not (c.name.casefold() in wanted or _names(c))))
            for c in columns
        )

    async def _pump(self) -> None:
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            while True:
                with anyio.move_on_after(_IDLE_SECONDS if self._unsubscribe is not None else None):
                    await self._wake.wait()
                self._wake = anyio.Event()
                self._forget_gone(self._clock())
                self._channel.flush()
                if self._changed and self._outputs.save_when_due():
                    self._changed = False
                self._pause_if_unseen()
                await anyio.sleep(_FRAME_SECONDS)

    def receive(self, message: Mapping[str, Any]) -> None:
        """Takes what a page says."""
        self.follow()
        if message.get("t") == "columns" and isinstance(message.get("names"), list):
            self._choose(message["names"])
        if message.get("t") == "group" and message.get("group") in ("", *GROUPINGS):
            self._saved.group_by(message["group"])  # what is saved looks like what was seen last
            self._changed = True
        asked = self._channel.receive(message)
        if asked is not None and self._actions is not None and self._unsubscribe is not None:
            self._tasks.start_soon(self._open, asked, self._actions)
        if message.get("t") == "may" and self._actions is not None and self._unsubscribe is not None:
            namespace = str(message.get("namespace") or "")
            if namespace in self._rows.namespaces:
                self._tasks.start_soon(self._tell_refused, str(message.get("vid") or ""), namespace, self._actions)
        if self._channel.why and self._reasons is not None and not self._reasoning and self._unsubscribe is not None:
            self._reasoning = True
            self._tasks.start_soon(self._learn, self._reasons)

    async def _learn(self, reasons: Reasons) -> None:
        await reasons.begin()
        self._channel.restart()
        self._wake.set()

    async def _tell_refused(self, vid: str, namespace: str, actions: RowActions) -> None:
        self._channel.send_refused(vid, namespace, await actions.refused(namespace))

    async def _open(self, asked: Asked, actions: RowActions) -> None:
        row = self._rows.rows.get(asked.key)
        if row is None:
            self._channel.send_detail(asked, {}, "this row is gone")
            return
        try:
            found = await actions.detail(row, asked.tab)
        except KubeError as error:
            self._channel.send_detail(asked, {}, error.message)
            return
        self._channel.send_detail(asked, found)

    def _save(self) -> None:
        self._changed = False
        self._outputs.save()

    def keep_pages(self) -> None:
        """Waits long for pages that are silent: their messages come only between cells."""
        self._channel.forget_seconds = FORGET_WITHOUT_SUBSHELLS

    # -- in the kernel's thread

    def act(self, message: Mapping[str, Any]) -> bool:
        """Does what a page asks for that may block, as a cell would; returns whether it was that."""
        if message.get("t") != "act" or self._actions is None:
            return False
        vid, number = str(message.get("vid") or ""), message.get("n")
        try:
            found, error = self._done(self._actions, vid, message), ""
        except KubeError as refused:
            found, error = {}, "\n".join(filter(None, (refused.message, refused.hint)))
        self._runtime.call(self._channel.send_done, vid, number if isinstance(number, int) else 0, found, error)
        return True

    def _done(self, actions: RowActions, vid: str, message: Mapping[str, Any]) -> dict[str, Any]:
        what, plan = message.get("what"), message.get("plan")
        words = {name: str(message.get(name) or "") for name in ("action", "argument", "said", "name")}
        if what == "confirm" and isinstance(plan, int):
            return {"text": actions.confirm(plan, words["said"])}
        if what == "drop" and isinstance(plan, int):
            actions.drop(plan)
            return {}
        rows = self._runtime.call(self._channel.chosen, vid, message.get("keys"))
        if what == "keep":
            return {"text": actions.keep(words["name"], rows)}
        if what == "plan":
            return {"planned": msgspec.to_builtins(actions.plan(words["action"], rows, words["argument"]))}
        return {"line": actions.line(words["action"], rows, words["argument"])}


def _names(column: Column) -> bool:
    """Returns whether it is the column that says whose a row is."""
    return column.format == "name" and column.name.casefold() == "name"
