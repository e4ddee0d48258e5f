"""Live views: what ``%kwatch`` and ``%kget -w`` start and return, rows that follow the cluster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
from IPython.display import display

from kmagic.aio.tasks import first_error
from kmagic.api.trouble import trouble_of
from kmagic.errors import KubeError, SyncError, WaitError
from kmagic.magics.language.selection import Selected, selected
from kmagic.magics.results.output_cache import forget_output
from kmagic.magics.results.refresh import can_refresh, refresh
from kmagic.magics.results.table_text import column_name
from kmagic.magics.results.values import KGroup, KList, KObject, data_frame
from kmagic.magics.session.table_feed import TableFeed
from kmagic.magics.work.acting import Acting
from kmagic.magics.work.caching import listed, object_at, rows_of
from kmagic.magics.work.fetch import require_namespace, scope_of
from kmagic.views.live import BY_NAME
from kmagic.views.values import Kind, kind_of, value_reader
from kmagic.widgets.deck import Deck
from kmagic.widgets.live_table import LiveTable

if TYPE_CHECKING:
    import pandas

    from kmagic.api.table import Column
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.object_cache import ObjectCache
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime
    from kmagic.views.table import Row, RowPatch
    from kmagic.widgets.feed import Feed, FeedState

__all__ = ("KWatch", "LiveRow", "follow")

_STOP_SECONDS = 2.0
_FIRST_LIST_SECONDS = 10.0

# Long enough for 100,000 rows of a busy server.
_LIST_SECONDS = 60.0
# In a terminal: how long ages may be out of date, and the least time between two looks.
_AGES_SECONDS = 2.0
_BETWEEN_SECONDS = 0.2
_DOTS = {"live": "●", "listing": "◐", "reconnecting": "◐"}


class LiveRow(dict[str, Any]):
    """One row by column: ``row["status"]`` or ``row.status``; names in lower case, ``ns`` and ``name`` always there."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no column {name!r}; there are: {', '.join(self)}") from None


class KWatch:
    """A live view: ``view.rows``, ``view.df``, ``view.objects``, ``view["ns/name"]``, ``view.until(...)``, ``view.stop()``.

    Args:
        tables: The tables shown, one a type.
        feeds: Their feeds, in the same order.
        runtime: The loop they live on.
        headless: Show static tables only.
        ended: Wait until the feeds have closed their connections.
        badge: The target, in words.
    """

    def __init__(
        self,
        tables: Sequence[LiveTable],
        feeds: Sequence[Feed],
        runtime: Runtime,
        *,
        headless: bool,
        ended: Sequence[Callable[[], Awaitable[None]]] = (),
        badge: str = "",
    ) -> None:
        self._tables = tuple(tables)
        self._feeds = tuple(feeds)
        self._runtime = runtime
        self._headless = headless
        self._ended = tuple(ended)
        self._badge = badge
        self._shown = False

    @property
    def rows(self) -> list[LiveRow]:
        """The rows now, by namespace and name or as the view began; waits while the first list is still coming."""
        for table in self._tables:
            table.look()
            if table.state.word == "listing":
                table.wait_listed(_LIST_SECONDS)
        return self._rows_now()

    def _rows_now(self) -> list[LiveRow]:
        return [row for table in self._tables for row in _live_rows(table)]

    @property
    def unread(self) -> dict[str, str]:
        """The reason why a type of several has no rows, by its name: forbidden, for example; it is asked for again."""
        return {table.title.lower(): table.unread for table in self._tables if table.unread}

    @property
    def objects(self) -> KList | KGroup:
        """The objects behind the rows now, each your own: a `KList`, or a `KGroup` of one a type.

        They come from the shared informer of the selection. The first look makes it list; later ones send nothing. A
        type of several that cannot be read is in `unread`.

        Raises:
            SyncError: The view has stopped, or the objects cannot be listed.
        """
        lists = [listed(cached, rows, columns, self._badge) for cached, rows, columns in self._cached()]
        return lists[0] if len(lists) == 1 else KGroup(lists, "\n\n".join(map(repr, lists)))

    def __getitem__(self, key: str) -> KObject:
        """The object of a key, ``"ns/name"`` or, where only one has it, ``"name"``; as `objects`.

        Raises:
            KeyError: The view shows none, or several.
        """
        missing: list[KeyError] = []
        for cached, rows, columns in self._cached():
            try:
                return object_at(cached, key, rows, columns, self._badge)
            except KeyError as error:
                missing.append(error)
        raise missing[0]

    @property
    def why(self) -> dict[str, str]:
        """The trouble of each object that has one, by key, in the words of its own status; as `objects`."""
        found = {}
        for cached, rows, _ in self._cached():
            reasons = {key: _why(cached, key) for key in rows}
            found.update({key: reason for key, reason in reasons.items() if reason})
        return found

    def _cached(self) -> list[tuple[ObjectCache, dict[str, Row], tuple[Column, ...]]]:
        found = []
        shown = [each for each in zip(self._tables, self._feeds, strict=True) if not each[0].unread]
        for table, feed in shown or zip(self._tables, self._feeds, strict=True):
            if not isinstance(feed, TableFeed):
                raise SyncError(f"the view of {table.title} has rows and no objects behind them")
            table.look()
            cached = self._runtime.run(feed.read_objects(_LIST_SECONDS))
            found.append((cached, *rows_of(feed, self._runtime)))
        return found

    @property
    def names(self) -> list[str]:
        """The objects' names now."""
        return [row["name"] for row in self.rows]

    @property
    def df(self) -> pandas.DataFrame:
        """The rows now as a pandas DataFrame with the columns of all its tables; ages are as of now."""
        rows = self.rows
        kinds = {"ns": Kind.TEXT, "name": Kind.TEXT}
        for table in self._tables:
            for column in table.table().columns:
                kinds.setdefault(column_name(column.name), kind_of(column))
        return data_frame(list(kinds), [[row.get(name) for name in kinds] for row in rows], list(kinds.values()))

    @property
    def state(self) -> str:
        """``live``, ``listing``, ``reconnecting``, ``paused`` or ``stopped``; the least fresh of its tables.

        A view is paused when for a minute no page has shown it and nothing was read from it; a look wakes it.
        """
        words = [table.state.word for table in self._tables]
        return next((word for word in ("stopped", "paused", "reconnecting", "listing") if word in words), "live")

    def until(self, met: Callable[[list[LiveRow]], bool], timeout: float = 60.0) -> KWatch:
        """Waits until the rows are so; no polling: it looks at every change.

        Args:
            met: Of the rows, for example ``lambda rows: not rows``.
            timeout: Seconds to wait.

        Returns:
            The view, so that the cell shows it.

        Raises:
            WaitError: They were not so in time.
        """
        if not self._runtime.run(self._wait(met, timeout)):
            summary = self.snapshot()["text/plain"]
            raise WaitError(f"the view is not as awaited after {timeout:g} s", hint=summary)
        return self

    async def _wait(self, met: Callable[[list[LiveRow]], bool], timeout: float) -> bool:
        changed = anyio.Event()

        def on_patch(_: RowPatch) -> None:
            changed.set()

        def on_state(_: FeedState) -> None:
            changed.set()

        leave = [feed.subscribe(on_patch, on_state) for feed in self._feeds]
        try:
            with anyio.move_on_after(timeout):
                while True:
                    for table in self._tables:
                        table.look()
                    if met(self._rows_now()):
                        break
                    await changed.wait()
                    changed = anyio.Event()
                return True
            return False
        finally:
            for each in leave:
                each()

    def snapshot(self) -> dict[str, str]:
        """The view as it is now, static: plain text and HTML."""
        shots = [table.snapshot() for table in self._tables]
        return {
            "text/plain": "\n\n".join(shot["text/plain"] for shot in shots),
            "text/html": "".join(shot["text/html"] for shot in shots),
        }

    def stop(self) -> None:
        """Ends the watch; the last rows stay on the page. Safe to call twice."""
        for table in self._tables:
            table.stop()
        for ended in self._ended if self._runtime.running else ():
            self._runtime.run(_briefly(ended))

    def close(self) -> None:
        """Stops it and takes it off the page, as the next run of its cell does; who holds it keeps the last rows."""
        self.stop()
        for table in self._tables:
            table.close()
        forget_output(self)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[LiveRow]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return self.snapshot()["text/plain"]

    def _ipython_display_(self) -> None:
        if can_refresh():
            refresh(self._text_now, lambda: self._runtime.run(self._moved()))
            return
        if self._shown or self._headless:
            len(self)  # a static table is shown whole
            display(self.snapshot(), raw=True)
            return
        self._shown = True
        if len(self._tables) == 1:
            self._tables[0].show()
        else:
            Deck(self._tables, runtime=self._runtime, snapshot=self.snapshot).show()

    def _text_now(self) -> str:
        len(self)  # counts as a look, so that it does not pause
        state = self._tables[0].state
        dot = _DOTS.get(state.word, "○")
        return (
            f"{self.snapshot()['text/plain']}\n{dot} {state.word} · {self._badge} · Ctrl-C ends this, _.stop() the view"
        )

    async def _moved(self) -> bool:
        """Waits for a change, or until ages are out of date; False once it has stopped."""
        changed = anyio.Event()
        leave = [feed.subscribe(lambda _: changed.set(), lambda _: changed.set()) for feed in self._feeds]
        try:
            with anyio.move_on_after(_AGES_SECONDS):
                await changed.wait()
            await anyio.sleep(_BETWEEN_SECONDS)
        finally:
            for each in leave:
                each()
        return any(table.state.word != "stopped" for table in self._tables)

    def _display_(self) -> Any:  # marimo's protocol
        widgets = [table.widget for table in self._tables]
        return widgets[0] if len(widgets) == 1 else widgets


async def _briefly(ended: Callable[[], Awaitable[None]]) -> None:
    # A server that does not let go is no reason to hang: the connection ends with the client.
    with anyio.move_on_after(_STOP_SECONDS):
        await ended()


def _live_rows(table: LiveTable) -> Iterator[LiveRow]:
    known = table.table()
    named = [(column_name(column.name), value_reader(known.columns, at)) for at, column in enumerate(known.columns)]
    readers = [(name, read) for name, read in named if name != "name"]
    now = datetime.now(UTC)
    for row in known.rows:
        yield LiveRow({"ns": row.namespace, "name": row.name} | {name: read(row, now) for name, read in readers})


def follow(command: Command, session: Session, sort: int = BY_NAME) -> KWatch:
    """Starts a live view of what a command names.

    Args:
        command: Its types or names, selectors and flags.
        session: The session of the notebook.
        sort: The order of the rows: `BY_NAME` or `order.BY_TIME`.

    Returns:
        The view, as soon as the first list is there.

    Raises:
        KubeError: The first list failed, of several types all of them: no such type or namespace, forbidden,
            unreachable.
    """
    place = session.place_for(command)
    namespace = session.namespace_for(command)
    scope = scope_of(command, namespace)
    wanted = selected(command)
    wide, group = command.text("output") == "wide", command.text("group-by")
    found = session.run(command, _resources(place.client, wanted, namespace))
    fields = [_field_selector(command, scope.fields, names) for _, names in found]
    feeds: list[TableFeed] = []
    tables: list[LiveTable] = []
    with ExitStack() as undo:  # an interrupt or an error leaves nothing that follows
        for (resource, _), selector in zip(found, fields, strict=True):
            feed = session.caches.feed(
                place, resource, namespace, labels=scope.labels, fields=selector, runtime=session.runtime
            )
            everywhere = namespace is None and resource.namespaced
            table = _table(feed, place, session, namespace=everywhere, sort=sort, wide=wide, group=group)
            undo.callback(table.close)
            feeds.append(feed)
            tables.append(table)
        ended = [feed.ended for feed in feeds]
        view = KWatch(
            tables, feeds, session.runtime, headless=session.headless(), ended=ended, badge=place.target.badge
        )
        _await_first_list(session, feeds)
        if group:
            _check_groups(command, group, tables)
        undo.pop_all()
    session.on_rerun(view.close)
    return view


async def _resources(
    client: AsyncClient, wanted: Sequence[Selected], namespace: str | None
) -> list[tuple[APIResource, tuple[str, ...]]]:
    found = [(resource, each.names) for each in wanted for resource in await client.mapper.expand(each.resource)]
    if any(resource.namespaced for resource, _ in found):
        await require_namespace(client, namespace)
    return found


def _field_selector(command: Command, fields: str, names: tuple[str, ...]) -> str:
    """A name is watched by a field selector, as kubectl does; several cannot be."""
    if len(names) > 1:
        raise command.usage_error("a live view follows one name or all of a type; use -l for several", at=names[1])
    return f"metadata.name={names[0]}" if names else fields


def _check_groups(command: Command, group: str, tables: Sequence[LiveTable]) -> None:
    """Raises where no type can be grouped so, rather than showing rows that are not."""
    listed_ones = [table for table in tables if not table.unread]
    offered = {each: None for table in listed_ones for each in table.groupings}
    if listed_ones and group not in offered:
        names = ", ".join(table.title.lower() for table in listed_ones)
        raise command.usage_error(f"{names} cannot be grouped by {group}, but by {' or '.join(offered)}", at=group)


def _table(
    feed: TableFeed, place: Place, session: Session, *, namespace: bool, sort: int, wide: bool, group: str
) -> LiveTable:
    resource = feed.resource
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    return LiveTable(
        feed,
        title=resource.resource.capitalize(),
        target=place.target.badge,
        level=place.target.level.value,
        namespace=namespace,
        sort=sort,
        wide=wide,
        group=group,
        columns=session.columns.get(kind, ()),
        chose=partial(session.columns.__setitem__, kind),
        kind=kind,
        actions=Acting(session, place, feed),
        reasons=_Reasons(feed),
        runtime=session.runtime,
    )


class _Reasons:
    """The troubles of the objects behind a table's rows, from their cache."""

    def __init__(self, feed: TableFeed) -> None:
        self._feed = feed

    async def begin(self) -> None:
        with suppress(SyncError):  # without objects the cells say what they say
            await self._feed.read_objects(_LIST_SECONDS)

    def of(self, row: Row) -> str:
        cached = self._feed.objects
        return _why(cached, row.key) if cached is not None and cached.running and cached.synced else ""


def _why(cached: ObjectCache, key: str) -> str:
    obj = cached.get(key)
    return str((obj and trouble_of(obj)) or "")


def _await_first_list(session: Session, feeds: Sequence[TableFeed]) -> None:
    """Raises what kept the first list from coming, rather than showing an empty view.

    Of several types that cannot be read, those that can are shown; the others say why they are not, and are tried again.
    """
    errors = session.runtime.run(_settled(feeds))
    if errors and all(errors):
        raise errors[0]  # type: ignore[misc]  # all of them are errors


async def _settled(feeds: Sequence[TableFeed]) -> list[KubeError | None]:
    return await first_error(partial(feed.settled, _FIRST_LIST_SECONDS) for feed in feeds)
