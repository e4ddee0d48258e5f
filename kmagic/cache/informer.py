"""A cache that follows a resource and calls handlers with its changes.

    informer = SharedInformer(list_watch_for(client.core_v1.pods("shop")))
    informer.add_handler(on_add=..., on_update=..., on_delete=...)
    async with informer:
        await informer.wait_synced(timeout=30)
        informer.store.get_by_key("shop/web-0")

It can be stopped, started again, and shared: `share` gives another owner the same cache with handlers of its own.

Source: k8s.io/client-go/tools/cache/shared_informer.go
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, MutableSet
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar, overload

import anyio
import anyio.lowlevel

from kmagic.aio.backoff import Backoff
from kmagic.aio.tasks import Background, Later
from kmagic.api.clock import Clock
from kmagic.cache.delta import KeyFunc, object_key
from kmagic.cache.entry import Entry
from kmagic.cache.forms import Form, PlainForm
from kmagic.cache.handlers import DEFAULT_LIMIT, Callbacks, Overflow, Registration, Told, ToldOfUpdate
from kmagic.cache.informer_core import InformerCore
from kmagic.cache.list_watch import ListPage, source_of
from kmagic.cache.reflector import IDLE_SECONDS, ExpectedType
from kmagic.cache.reflector_state import State
from kmagic.cache.store import IndexFunc
from kmagic.cache.view import StoreView
from kmagic.errors import ArgumentError, KubeError

__all__ = ("SharedInformer",)

_log = logging.getLogger("kmagic.cache")

T = TypeVar("T")

_MIN_RESYNC_SECONDS = 1.0


class SharedInformer(Generic[T]):
    """A local copy of a resource, kept up to date while it runs.

    Args:
        list_watch: Source: `list_watch_for(resource)`, a `ListWatch`, or anything with ``list`` and ``watch``.
        indexers: More indexes than "namespace" and "owner", over objects as readers get them.
        resync_seconds: Default period in seconds after which handlers get every object again; 0 for never.
        transform: Changes each object before it is stored; must keep its name and namespace.
        watch_list: Fill by a watch that sends what exists; falls back to a list where that does not work.
        no_watch_list: Remembers what does not support it: a set shared by the informers of one server.
        expected_type: Objects of another class, or of another group, version and kind, are skipped.
        page_size: Objects a page of a list; None: in one piece wherever the server's cache answers.
        first_version: ``"0"``: the first list may come from the server's cache; ``""``: the newest, in pages.
        idle_seconds: Silence after which a watch counts as dead; None for no limit.
        backoff: The delays between tries.
        key_func: From an object, as it is stored, to its key.
        form: Form in which objects are kept and handed out; chosen by `list_watch` unless given.
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1) for jitter.
        on_page: Called with each page of a list before the list is complete.
        core: Share this cache instead of making one; but for `form` and `owner` nothing else counts then. See `share`.
        owner: Name of the reader, in words, for who looks at the caches of a process; "" for none.
    """

    def __init__(
        self,
        list_watch: Any,
        *,
        indexers: Mapping[str, IndexFunc] | None = None,
        resync_seconds: float = 0.0,
        transform: Callable[[Any], Any] | None = None,
        watch_list: bool = False,
        no_watch_list: MutableSet[str] | None = None,
        expected_type: ExpectedType = None,
        page_size: int | None = None,
        first_version: str = "0",
        idle_seconds: float | None = IDLE_SECONDS,
        backoff: Backoff | Callable[[], float] | None = None,
        key_func: KeyFunc = object_key,
        form: Form | None = None,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
        on_page: Callable[[ListPage], object] | None = None,
        core: InformerCore | None = None,
        owner: str = "an informer of its own",
    ) -> None:
        self._core = core or InformerCore(
            source_of(list_watch),
            form or getattr(list_watch, "form", None) or PlainForm(),
            key_func=key_func,
            transform=transform,
            resync_seconds=_at_least_a_second(resync_seconds),
            expected_type=expected_type,
            page_size=page_size,
            first_version=first_version,
            watch_list=watch_list,
            no_watch_list=no_watch_list,
            idle_seconds=idle_seconds,
            backoff=backoff,
            clock=clock,
            rng=rng,
            on_page=on_page,
        )
        self._list_watch = list_watch
        self._form = form or self._core.form
        self.owner: str = owner
        if owner:
            self._core.readers.append(self)
        self._mine: list[Registration] = []
        self._my_errors: list[Callable[[Exception], object]] = []
        self._closed = False
        self._background = Background(f"informer of {self._core.reflector.description}")
        self.store: StoreView[T] = StoreView(self._core.store, self._form, self._core.check_filled)
        if indexers:
            self.add_indexers(indexers)

    def __repr__(self) -> str:
        core = self._core
        return (
            f"<SharedInformer of {core.reflector.description}: {len(core.store)} objects,"
            f" {len(core.registrations)} handlers, {core.state.describe(core.clock.now())}>"
        )

    def share(self, *, form: Form | None = None, owner: str = "another informer") -> SharedInformer[T]:
        """Another owner of the same cache: its handlers are its own, and `close` removes them only.

        Args:
            form: Form in which this owner gets the objects, if not as this one does.
            owner: Name of the owner, in words.
        """
        return SharedInformer(self._list_watch, core=self._core, form=form or self._form, owner=owner)

    @property
    def list_watch(self) -> Any:
        """The source of its objects."""
        return self._list_watch

    @property
    def description(self) -> str:
        """Its contents, for messages: ``pods in namespace "shop"``."""
        return self._core.reflector.description

    @property
    def has_synced(self) -> bool:
        """True if the first list is in the store and was handed to every handler's queue."""
        return self._core.synced

    @property
    def filled(self) -> bool:
        """True if the store was ever filled, so that it can be read."""
        return self._core.ever_filled

    @property
    def whole(self) -> bool:
        """True when it holds all objects of its namespace and selectors as the server has them, but for managedFields."""
        return self._core.transform is None and getattr(self._list_watch, "whole", False)

    @property
    def running(self) -> bool:
        """True if it follows now."""
        return self._core.running

    @property
    def stopped(self) -> bool:
        """True if it ran and does not run any more; it may run again."""
        return self._closed or (self._core.started and not self._core.running)

    @property
    def state(self) -> State:
        """Its phase, the time of the last change and the last error; `state.describe(now)` gives a sentence."""
        return self._core.state

    @property
    def last_sync_resource_version(self) -> str:
        """The version up to which the server was followed; "" before the first list."""
        return self._core.state.resource_version

    @property
    def handlers(self) -> tuple[Registration, ...]:
        """The handlers of this owner."""
        return tuple(self._mine)

    @overload
    def add_handler(
        self,
        *,
        on_add: Told[T] | None = None,
        on_update: ToldOfUpdate[T] | None = None,
        on_delete: Told[T] | None = None,
        where: Callable[[T], bool] | None = None,
        resync_seconds: float | None = None,
        raw: Literal[False] = False,
        limit: int = DEFAULT_LIMIT,
        overflow: Overflow = Overflow.COALESCE,
        on_error: Callable[[Exception], object] | None = None,
    ) -> Registration: ...
    @overload
    def add_handler(
        self,
        *,
        on_add: Told[Entry] | None = None,
        on_update: ToldOfUpdate[Entry] | None = None,
        on_delete: Told[Entry] | None = None,
        where: Callable[[Entry], bool] | None = None,
        resync_seconds: float | None = None,
        raw: Literal[True],
        limit: int = DEFAULT_LIMIT,
        overflow: Overflow = Overflow.COALESCE,
        on_error: Callable[[Exception], object] | None = None,
    ) -> Registration: ...
    def add_handler(
        self,
        *,
        on_add: Callable[..., object] | None = None,
        on_update: Callable[..., object] | None = None,
        on_delete: Callable[..., object] | None = None,
        where: Callable[[Any], bool] | None = None,
        resync_seconds: float | None = None,
        raw: bool = False,
        limit: int = DEFAULT_LIMIT,
        overflow: Overflow = Overflow.COALESCE,
        on_error: Callable[[Exception], object] | None = None,
    ) -> Registration:
        """Calls functions, or coroutine functions, for every change from now on, after an addition of all there is.

        Each handler is called for one change after another, in the order of the store; the store may be ahead. The
        objects are the handler's own. An exception is logged, or given to `on_error`; the next change follows after a second.

        Args:
            on_add: (obj) or (obj, initial).
            on_update: (old, new). An object deleted and created again between two looks is an update: compare uids.
            on_delete: (obj) or (obj, final_state_unknown): the last known state, also where the deletion was missed.
            where: Only objects for which this is true; one that begins or ceases to match is added or deleted.
            resync_seconds: Seconds after which it gets every object again, as an update; None: the informer's.
            raw: Get cache entries (metadata and bytes) instead of decoded objects.
            limit: Number of changes that may wait before `overflow` decides.
            overflow: COALESCE joins the waiting changes of each object; BLOCK makes the watch wait for this handler.
            on_error: Called with the exceptions of the callbacks.

        Raises:
            KubeError: The informer is closed.
        """
        if self._closed:
            raise KubeError(
                f"the handler was not added to the informer of {self.description}: it has stopped already",
                hint="ask a new factory for the informer",
            )
        seconds = self._core.resync_seconds if resync_seconds is None else _at_least_a_second(resync_seconds)
        registration = Registration(
            Callbacks(on_add, on_update, on_delete, where, raw),
            self._form,
            resync_seconds=seconds,
            limit=limit,
            overflow=overflow,
            on_error=on_error,
            on_remove=self._forget,
            clock=self._core.clock,
        )
        self._mine.append(registration)
        self._core.add(registration)
        return registration

    def remove_handler(self, registration: Registration) -> None:
        """Removes a handler of this informer; removing it twice does nothing.

        Raises:
            ArgumentError: It belongs to another informer.
        """
        if registration not in self._mine and not registration.removed:
            raise ArgumentError(f"{registration!r} is not a handler of this informer")
        registration.remove()

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        """Adds indexes over objects as readers get them; what is stored is indexed at once.

        Raises:
            ArgumentError: A name is taken; nothing is added.
            KubeError: The informer is closed.
        """
        if self._closed:
            raise KubeError(f"indexer was not added to the informer of {self.description}: it has stopped already")
        self._core.add_indexers(indexers, self._form)

    def set_transform(self, transform: Callable[[Any], Any]) -> None:
        """Changes each object before it is stored; must keep its name and namespace.

        Raises:
            KubeError: The informer has already started.
        """
        self._check_not_started()
        self._core.transform = transform

    def set_error_handler(self, handler: Callable[[Exception], object]) -> None:
        """Calls `handler` with every list and watch error instead of logging it.

        Raises:
            KubeError: The informer has already started.
        """
        self._check_not_started()
        self._my_errors.append(handler)
        self._core.on_error.append(handler)

    async def run(self) -> None:
        """Follows the resource until cancelled or stopped.

        While another `run` of the same cache is under way it stands by, and takes over when that one ends. A stopped
        informer goes on from the last version.
        """
        await self._core.run()

    def start(self) -> Later:
        """Follows the resource in the background until `stop`; what it returns need not be awaited."""
        if self._closed:
            raise KubeError(f"the informer of {self.description} is closed", hint="ask a new factory for the informer")
        if not self._background.running:
            self._background.start()
            self._background.spawn(self.run)
        return Later(anyio.lowlevel.checkpoint)

    def stop(self) -> Later:
        """Ends what `start` began, or else the cache's `run`; handlers and store stay, and it may run again.

        Returns:
            What can be awaited for the end, and need not be.
        """
        if self._background.running:
            self._background.cancel()
        else:
            self._core.stop()
        return Later(self._background.stop)

    def close(self) -> None:
        """This owner's end: its handlers are removed; the store can still be read. A shared cache stays."""
        for registration in list(self._mine):
            registration.remove()
        for handler in self._my_errors:
            self._core.on_error.remove(handler)
        self._my_errors.clear()
        self._closed = True
        if self in self._core.readers:
            self._core.readers.remove(self)

    async def wait_synced(self, timeout: float | None = None) -> None:
        """Waits until the first list is in the store.

        Args:
            timeout: Seconds; None waits as long as there is hope.

        Raises:
            SyncError: It did not come in time, cannot come (no rights, no such resource), or the informer is not
                running. The list's or watch's own error is its cause.
        """
        await self._core.wait_synced(timeout)

    async def wait_for(self, met: Callable[[], bool], timeout: float | None = None) -> bool:
        """Waits until something is so of what is stored; it looks after every batch of changes.

        Args:
            met: Asked on the loop; must be quick.
            timeout: Seconds; None for no limit.

        Returns:
            Whether it is so.
        """
        return await self._core.wait_for(met, timeout)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _forget(self, registration: Registration) -> None:
        if registration in self._mine:
            self._mine.remove(registration)
        self._core.discard(registration)

    def _check_not_started(self) -> None:
        if self._core.started:
            raise KubeError(f"informer has already started: {self.description}")


def _at_least_a_second(seconds: float) -> float:
    if 0 < seconds < _MIN_RESYNC_SECONDS:
        _log.warning("a resync period of %g s is too short, %g s is used", seconds, _MIN_RESYNC_SECONDS)
        return _MIN_RESYNC_SECONDS
    return seconds
