"""Keeps a store equal to what a server has: lists, then watches, for ever.

What to do next is decided by `reflector_state`; here is the one loop that does it. Events of one network chunk are
stored in one go, without a task, a timer or a log line for each. A watch that is silent for longer than the server's
bookmarks can explain is given up and opened again from the last version.

Source: k8s.io/client-go/tools/cache/reflector.go
"""

from __future__ import annotations

import inspect
import logging
import random
from collections.abc import Callable, Iterable, MutableSet, Sequence
from typing import Any, Protocol, TypeAlias, assert_never

import anyio
import msgspec

from kmagic.aio.backoff import Backoff, Delay
from kmagic.api import meta
from kmagic.api.clock import Clock
from kmagic.api.gvk import GroupVersionKind
from kmagic.cache import reflector_state as states
from kmagic.cache.delta import object_key
from kmagic.cache.list_watch import Batch, ListPage, source_of
from kmagic.cache.reflector_state import (
    Action,
    End,
    FetchList,
    Listed,
    ListFailed,
    OpenWatch,
    Pause,
    Settings,
    State,
    Waited,
    WatchEnded,
)
from kmagic.errors import DecodeError, ExpiredError, KubeError
from kmagic.rest import watch
from kmagic.rest.pages import Pages
from kmagic.transport.clock import SystemClock

__all__ = ("Reflector", "ReflectorStore")

_log = logging.getLogger("kmagic.cache")

# Servers send a bookmark about every minute; two missing ones mean that the peer is gone.
IDLE_SECONDS = 150.0
# How long the bookmark that ends the initial events may be missing after the last event.
FILL_SECONDS = 10.0
MIN_WATCH_SECONDS = 300.0
# client-go's figures: between tries 0.8 s up to half a minute, doubled at most by jitter, short again after two minutes.
_BACKOFF = Backoff(steps=None, seconds=0.8, factor=2.0, jitter=1.0, cap=30.0)
_QUIET_SECONDS = 120.0
_INITIAL_EVENTS_END = "k8s.io/initial-events-end"

ExpectedType: TypeAlias = type | GroupVersionKind | None


class ReflectorStore(Protocol):
    """The store of a reflector; may have ``bookmark(version)`` and ``flush()`` (after each batch) too."""

    def add(self, obj: Any) -> object:
        """An object appeared."""

    def update(self, obj: Any) -> object:
        """An object changed."""

    def delete(self, obj: Any) -> object:
        """An object is gone."""

    def replace(self, objects: Iterable[Any], resource_version: str = "") -> object:
        """These objects are all there are."""

    def resync(self) -> object:
        """Queues everything in the store again, as an update."""


class Reflector:
    """Lists and watches into a store.

    Args:
        list_watch: Source: a `ListWatch`, or anything with ``list(options)`` and ``watch(options)``.
        store: Destination: a `Store`, a FIFO.
        expected_type: Objects of another class, or (plain objects) of another group, version and kind are skipped.
        page_size: Objects a page of a list; None: client-go's rules (in one piece wherever the server's cache answers).
        first_version: ``"0"``: the first list may come from the server's cache; ``""``: the newest, in pages.
        watch_list: Begin with a watch that sends what exists; falls back to a list where that does not work.
        no_watch_list: Remembers what does not support it: a set shared by the reflectors of one server.
        resync_seconds: Seconds between calls of the store's `resync` while watching; 0 for never; may be a function.
        should_resync: Whether to call it this time.
        idle_seconds: Silence after which a watch counts as dead; None for no limit.
        min_watch_seconds: Each watch is asked to last between this and twice of it; less than five minutes counts as five.
        internal_error_seconds: For how long internal errors in a watch are answered by watching again at once.
        backoff: The delays between tries: a `Backoff`, or a function that returns seconds.
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1) for jitter.
        on_page: Called with each page of a list before the list is complete.
        on_error: Called with each error that ends a round; logs unless given.
    """

    def __init__(
        self,
        list_watch: Any,
        store: ReflectorStore,
        *,
        expected_type: ExpectedType = None,
        page_size: int | None = None,
        first_version: str = "0",
        watch_list: bool = False,
        no_watch_list: MutableSet[str] | None = None,
        resync_seconds: float | Callable[[], float] = 0.0,
        should_resync: Callable[[], bool] | None = None,
        idle_seconds: float | None = IDLE_SECONDS,
        min_watch_seconds: float = MIN_WATCH_SECONDS,
        internal_error_seconds: float = 0.0,
        backoff: Backoff | Callable[[], float] | None = None,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
        on_page: Callable[[ListPage], object] | None = None,
        on_error: Callable[[Exception], object] | None = None,
    ) -> None:
        self._source = source_of(list_watch)
        self._store = store
        self._expected_type = expected_type
        self._settings = Settings(
            page_size=page_size,
            first_version=first_version,
            watch_list=watch_list,
            internal_error_seconds=internal_error_seconds,
        )
        self._no_watch_list: MutableSet[str] = set() if no_watch_list is None else no_watch_list
        self._resync_seconds = resync_seconds if callable(resync_seconds) else lambda: float(resync_seconds)
        self._should_resync = should_resync or (lambda: True)
        self._idle_seconds = idle_seconds
        self._min_watch_seconds = max(min_watch_seconds, MIN_WATCH_SECONDS)
        self._delay = _delay(backoff, rng)
        self._clock: Clock = clock or SystemClock()
        self._rng = rng
        self._on_page = on_page
        self._on_error = on_error
        self._state = State(since=self._clock.now())
        self._observers: list[Callable[[State], object]] = []

    def __repr__(self) -> str:
        return f"<Reflector of {self._source.description}: {self.state.describe(self._clock.now())}>"

    @property
    def state(self) -> State:
        """Its phase, the time of the last change and the last error; a value, see `reflector_state.State`."""
        return self._state

    @property
    def last_sync_resource_version(self) -> str:
        """The version of the last list, event or bookmark that was stored; "" before the first."""
        return self._state.resource_version

    @property
    def description(self) -> str:
        """The listed and watched resource, for messages."""
        return self._source.description

    def observe(self, observer: Callable[[State], object]) -> None:
        """Calls `observer` with the state whenever the phase, the error or being synced changes."""
        self._observers.append(observer)

    async def run(self, *, resume: bool = True) -> None:
        """Keeps the store up to date until cancelled.

        Args:
            resume: Go on where an earlier run was stopped; else list first.
        """
        try:
            while True:
                try:
                    await self._round(resume=resume)
                except Exception as error:  # whatever the source raises: reported, then tried again
                    self._report(error)
                resume = False
                await self._back_off()
        finally:
            self._set(states.stop(self._state, self._clock.now()))

    async def list_and_watch(self) -> None:
        """One round: list, then watch until a new list is needed.

        Raises:
            KubeError: The list failed, or the watch could not be opened. What ends a watch under way is no error.
        """
        await self._round(resume=False)

    async def _round(self, *, resume: bool) -> None:
        if self._source.description in self._no_watch_list:
            self._state = msgspec.structs.replace(self._state, watch_list=False)
        state, action = states.begin(self._state, self._settings, self._clock.now(), resume=resume)
        self._set(state)
        while True:
            match action:
                case FetchList():
                    action = await self._list(action)
                case OpenWatch():
                    action = await self._watch(action)
                case Pause():
                    await self._back_off()
                    action = self._step(Waited(self._clock.now(), action.then))
                case End():
                    if action.error is not None:
                        raise action.error
                    return
                case _:
                    assert_never(action)

    def _step(self, seen: states.Seen) -> Action:
        wanted = self._state.watch_list
        state, action = states.step(self._state, self._settings, seen)
        if wanted and state.watch_list is False:
            self._no_watch_list.add(self._source.description)
            _log.warning("%s: no watch-list here, listing instead", self._source.description)
        self._set(state)
        return action

    def _set(self, state: State) -> None:
        before, self._state = self._state, state
        if (
            before.phase is not state.phase
            or before.last_error is not state.last_error
            or before.synced is not state.synced
        ):
            _log.debug("%s: %s", self._source.description, _Told(before, state))
            for observer in self._observers:
                observer(state)

    async def _back_off(self) -> None:
        now = self._clock.now()
        self._set(states.pause(self._state, now))
        await self._clock.sleep(self._delay(now))

    async def _list(self, action: FetchList) -> Action:
        try:
            page, paginated = await self._fetch(action)
            await self._replace(page.items, page.resource_version)
        except Exception as error:  # whatever the source raises ends the round and goes to its caller
            if not isinstance(error, KubeError):
                error.add_note(f"failed to list {self._source.description}")
            return self._step(ListFailed(self._clock.now(), error, action.options))
        return self._step(Listed(self._clock.now(), page.resource_version, paginated, action.options))

    async def _fetch(self, action: FetchList) -> tuple[ListPage, bool]:
        """All pages as one, and whether there were several."""
        first = page = await self._page(action)
        if not first.continue_token:
            return ListPage(first.items, first.resource_version), False
        items, pages = list(first.items), Pages()
        while token := pages.next(page.continue_token, page.items):
            # The token itself holds the version.
            options = msgspec.structs.replace(action.options, resource_version="", continue_token=token)
            try:
                page = await self._page(FetchList(options))
            except ExpiredError:
                whole = msgspec.structs.replace(action.options, limit=0)
                return await self._page(FetchList(whole)), True
            items += page.items
        return ListPage(items, first.resource_version), True

    async def _page(self, action: FetchList) -> ListPage:
        page = await self._source.list(action.options)
        if page.kind == "Table":
            raise DecodeError(f"unsupported list gvk: {page.kind}: a reflector of objects cannot keep table rows")
        if self._on_page is not None:
            self._on_page(page)
        return page

    async def _replace(self, items: Sequence[Any], version: str) -> None:
        self._store.replace(items, version)
        await self._flush()

    async def _watch(self, action: OpenWatch) -> Action:
        timeout = int(self._min_watch_seconds * (1.0 + self._rng()))
        stream = _Stream(action, msgspec.structs.replace(action.options, timeout_seconds=timeout), self._clock.now())
        async with anyio.create_task_group() as group:
            reading = anyio.CancelScope()
            group.start_soon(self._watchdog, stream, reading)
            if self._resync_seconds() > 0:
                group.start_soon(self._resync, stream, reading)
            with reading:
                await self._read(stream)
            group.cancel_scope.cancel()
        return self._step(
            WatchEnded(
                at=self._clock.now(),
                asked=action,
                opened_at=stream.opened_at,
                events=stream.events,
                error=stream.error,
                silent=stream.silent,
            )
        )

    async def _read(self, stream: _Stream) -> None:
        """Reads a watch until it ends; its error, if any, is kept in the stream."""
        try:
            async with self._source.watch(stream.options, idle_seconds=self._idle_seconds) as batches:
                if not getattr(batches, "opens_late", False):
                    stream.opened_at = stream.started_at
                async for batch in batches:
                    if stream.opened_at is None:
                        stream.opened_at = stream.started_at
                    if not await self._receive(stream, batch):
                        return
                stream.opened_at = stream.opened_at or stream.started_at
        except Exception as error:  # whatever the source raises: the state machine decides what it means
            stream.error = error

    async def _receive(self, stream: _Stream, batch: Batch) -> bool:
        """Stores a batch; False when an error event ended the watch."""
        now = self._clock.now()
        stream.last_at = now
        version, only_added, bookmarked, end = "", True, False, None
        for event in batch:
            kind, obj = event.type, event.object
            if kind == watch.ERROR:
                end = obj
                break
            if kind != watch.BOOKMARK:
                stream.events += 1
                if not self._expected(obj):
                    continue
            only_added = only_added and kind == watch.ADDED
            version = meta.resource_version(obj) or version
            if kind == watch.BOOKMARK:
                bookmarked = True
                await self._bookmark(stream, obj, version)
            else:
                self._put(stream, kind, obj)
        await self._flush()
        if stream.filling is None:
            self._set(states.receive(self._state, now, version, only_added=only_added, bookmark=bookmarked))
        if end is not None:
            stream.error = end
        return end is None

    def _put(self, stream: _Stream, kind: str, obj: Any) -> None:
        if stream.filling is not None:
            key = object_key(obj)
            if kind == watch.DELETED:
                stream.filling.pop(key, None)
            else:
                stream.filling[key] = obj
            return
        try:
            if kind == watch.ADDED:
                self._store.add(obj)
            elif kind == watch.MODIFIED:
                self._store.update(obj)
            elif kind == watch.DELETED:
                self._store.delete(obj)
            else:
                _log.error("%s: unable to understand watch event type %r", self._source.description, kind)
        except Exception:  # the store's own callbacks (keys, transforms, indexes): one object must not end the watch
            _log.exception("%s: a watch event could not be stored", self._source.description)

    async def _bookmark(self, stream: _Stream, obj: Any, version: str) -> None:
        if stream.filling is not None:
            if meta.annotations(obj).get(_INITIAL_EVENTS_END) != "true":
                return
            items, stream.filling = list(stream.filling.values()), None
            await self._replace(items, version)
            self._set(states.filled(self._state, self._clock.now(), version))
        elif (bookmark := getattr(self._store, "bookmark", None)) is not None:
            bookmark(version)

    def _expected(self, obj: Any) -> bool:
        expected = self._expected_type
        if expected is None:
            return True
        found = isinstance(obj, expected) if isinstance(expected, type) else GroupVersionKind.of(obj) == expected
        if not found:
            what = expected.__name__ if isinstance(expected, type) else str(expected)
            _log.error("%s: expected %s, got %s", self._source.description, what, type(obj).__name__)
        return found

    async def _flush(self) -> None:
        flush = getattr(self._store, "flush", None)
        if flush is not None:
            result = flush()
            if inspect.isawaitable(result):
                await result

    async def _watchdog(self, stream: _Stream, reading: anyio.CancelScope) -> None:
        """Ends a watch from which nothing came for too long."""
        while True:
            limit = FILL_SECONDS if stream.filling is not None else self._idle_seconds
            if limit is None:
                return
            left = stream.last_at + limit - self._clock.now()
            if left <= 0:
                stream.silent = True
                reading.cancel()
                return
            await self._clock.sleep(left)

    async def _resync(self, stream: _Stream, reading: anyio.CancelScope) -> None:
        while seconds := self._resync_seconds():
            await self._clock.sleep(seconds)
            if stream.filling is not None or not self._should_resync():
                continue
            try:
                self._store.resync()
                await self._flush()
            except Exception as error:  # the store's own callbacks
                stream.error = error
                reading.cancel()
                return

    def _report(self, error: Exception) -> None:
        if self._on_error is not None:
            self._on_error(error)
        elif not isinstance(error, ExpiredError):  # which is everyday life, and told as a change of state
            _log.warning("failed to list or watch %s: %s", self._source.description, error)


def _delay(backoff: Backoff | Callable[[], float] | None, rng: Callable[[], float]) -> Callable[[float], float]:
    """The seconds before the next try, given the time."""
    if callable(backoff):
        return lambda now: backoff()
    delay = Delay(backoff or _BACKOFF, _QUIET_SECONDS)
    return lambda now: delay.next(now, rng)


class _Told:
    """The changes between two states, put into words only where the line is written."""

    def __init__(self, before: State, after: State) -> None:
        self._before = before
        self._after = after

    def __str__(self) -> str:
        before, after = self._before, self._after
        words = [f"{before.phase} -> {after.phase}" if before.phase is not after.phase else str(after.phase)]
        if after.resource_version:
            words.append(f"version {after.resource_version}")
        if after.synced is not before.synced:
            words.append("synced" if after.synced else "not synced any more")
        if after.last_error is not None and after.last_error is not before.last_error:
            words.append(f"{type(after.last_error).__name__}: {after.last_error}")
        elif after.reason:
            words.append(after.reason)
        return ", ".join(words)


class _Stream:
    """One watch under way."""

    def __init__(self, action: OpenWatch, options: Any, now: float) -> None:
        self.options = options
        self.started_at = now
        self.opened_at: float | None = None
        self.last_at = now
        self.events = 0
        self.error: Exception | None = None
        self.silent = False
        # Initial events are collected here, so that half of them are never seen.
        self.filling: dict[str, Any] | None = {} if action.initial else None
