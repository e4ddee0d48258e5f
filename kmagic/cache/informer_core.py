"""The one cache behind all informers of a resource: reflector, queue, store, handlers.

Theory. The reflector puts what it sees into a `RealFIFO`; in the same step the queue is drained into the store, and
what that changed is offered to every registration. No task stands between, so the store is never behind the queue and
a relist is seen as a whole. Deliveries are tasks of their own.

Several owners may call `run` at once (factories that share the cache): one runs, the others stand by and take over
when it is cancelled. Whoever runs next goes on watching from the last version, so nothing is listed twice.

Source: k8s.io/client-go/tools/cache (shared_informer.go, controller.go).
"""

from __future__ import annotations

import logging
import random
import weakref
from collections.abc import Callable, Iterable, Mapping, MutableSet
from typing import Any, Protocol

import anyio
import anyio.abc
import anyio.lowlevel

from kmagic.aio.backoff import Backoff
from kmagic.aio.deadline import within
from kmagic.aio.fork import Origin
from kmagic.aio.signal import Signal
from kmagic.api import meta
from kmagic.api.clock import Clock
from kmagic.cache.delta import Change, Delta, DeltaType, KeyFunc, object_key
from kmagic.cache.fifo import RealFIFO
from kmagic.cache.forms import Form
from kmagic.cache.handlers import Registration
from kmagic.cache.list_watch import ListPage
from kmagic.cache.reflector import IDLE_SECONDS, ExpectedType, Reflector
from kmagic.cache.reflector_state import State, is_permanent
from kmagic.cache.store import NAMESPACE_INDEX, OWNER_INDEX, IndexFunc, Store, namespace_index, owner_index
from kmagic.errors import KubeError, SyncError
from kmagic.transport.clock import SystemClock

__all__ = ("InformerCore", "Reader", "cores")

_log = logging.getLogger("kmagic.cache")

# Loop passes in which a run that was just requested begins.
_START_PASSES = 20


class Reader(Protocol):
    """A reader of a cache."""

    owner: str


_alive: weakref.WeakSet[InformerCore] = weakref.WeakSet()


def cores() -> list[InformerCore]:
    """Every cache of this process that runs and that somebody reads; to be called on the loop's thread."""
    return [core for core in _alive if core.readers and core.running]


class InformerCore:
    """A cache that fills and follows while it runs. Its arguments are those of `SharedInformer`."""

    def __init__(
        self,
        list_watch: Any,
        form: Form,
        *,
        key_func: KeyFunc = object_key,
        transform: Callable[[Any], Any] | None = None,
        resync_seconds: float = 0.0,
        expected_type: ExpectedType = None,
        page_size: int | None = None,
        first_version: str = "0",
        watch_list: bool = False,
        no_watch_list: MutableSet[str] | None = None,
        idle_seconds: float | None = IDLE_SECONDS,
        backoff: Backoff | Callable[[], float] | None = None,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
        on_page: Callable[[ListPage], object] | None = None,
    ) -> None:
        self.form = form
        self.clock: Clock = clock or SystemClock()
        self.resync_seconds = resync_seconds
        self.on_error: list[Callable[[Exception], object]] = []
        self.transform = transform
        # Who said what they are for, as `SharedInformer` says it.
        self.readers: list[Reader] = []
        self.list_watch: Any = list_watch
        indexers = {NAMESPACE_INDEX: namespace_index, OWNER_INDEX: owner_index}
        self.store: Store = Store(key_func, indexers)
        self._fifo = RealFIFO(key_func, transform=self._transformed, emit_bookmarks=True)
        self.reflector: Reflector = Reflector(
            list_watch,
            _Sink(self),
            expected_type=expected_type,
            page_size=page_size,
            first_version=first_version,
            watch_list=watch_list,
            no_watch_list=no_watch_list,
            idle_seconds=idle_seconds,
            backoff=backoff,
            clock=self.clock,
            rng=rng,
            on_page=on_page,
            on_error=self._report,
        )
        self.reflector.observe(self._state_changed)
        self._registrations: list[Registration] = []
        self._syncing: set[Registration] = set()
        self._turn = anyio.Lock()
        self._group: anyio.abc.TaskGroup | None = None
        self._started = False
        self._standing_by = 0
        self._left = False  # no task runs it any more
        self._filled = False
        self._synced = False
        self._ever_filled = False
        self._origin = Origin(f"the cache of {self.reflector.description}")
        self._changed = Signal()
        self._resync_sleep: anyio.CancelScope | None = None
        _alive.add(self)

    @property
    def running(self) -> bool:
        """True if a task runs it now."""
        return self._group is not None

    @property
    def started(self) -> bool:
        """True if it ever ran."""
        return self._started

    @property
    def synced(self) -> bool:
        """True if the first list is in the store and has been offered to every handler."""
        return self._synced

    @property
    def state(self) -> State:
        """The reflector's."""
        return self.reflector.state

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """The handlers."""
        return tuple(self._registrations)

    async def run(self) -> None:
        """Fills and follows until cancelled or stopped; stands by while another call does.

        A run that takes over from another continues from its version. After a time without a run, the cache is
        filled again, and is not synced before that.
        """
        self._standing_by += 1
        try:
            await self._turn.acquire()
        finally:
            self._standing_by -= 1
        try:
            if self._left:
                self._synced = self._filled = False
            await self._follow(resume=not self._left)
        finally:
            self._left = not self._standing_by
            self._turn.release()

    async def _follow(self, *, resume: bool) -> None:
        self._started = True
        try:
            async with anyio.create_task_group() as group:
                self._group = group
                for registration in self._registrations:
                    group.start_soon(registration.deliver)
                group.start_soon(self._resync_handlers)
                self._changed.notify()
                await self.reflector.run(resume=resume)
        finally:
            self._group = None
            self._changed.notify()

    def stop(self) -> None:
        """Ends the present run; `run` may be called again."""
        if self._group is not None:
            self._group.cancel_scope.cancel()

    def add(self, registration: Registration) -> None:
        """Adds a handler; it gets the objects that are already there."""
        self._registrations.append(registration)
        for key, obj in zip(self.store.list_keys(), self.store.list(), strict=True):
            registration.offer(Change(key, None, obj, initial=True))
        if self._synced:
            registration.source_synced()
        if registration.resync_seconds:
            registration.next_resync = self.clock.now() + registration.resync_seconds
        if self._group is not None:
            self._group.start_soon(registration.deliver)
            if self._resync_sleep is not None:
                self._resync_sleep.cancel()

    def discard(self, registration: Registration) -> None:
        """Forgets a handler that was removed."""
        if registration in self._registrations:
            self._registrations.remove(registration)
        self._syncing.discard(registration)

    def add_indexers(self, indexers: Mapping[str, IndexFunc], form: Form) -> None:
        """Adds indexes over objects as a reader with this form gets them: decoded once, when stored."""
        read = form.read

        def of_object(function: IndexFunc) -> IndexFunc:
            return lambda stored: function(read(stored))

        self.store.add_indexers({name: of_object(function) for name, function in indexers.items()})

    async def wait_synced(self, timeout: float | None = None) -> None:
        """Waits until the first list is in the store.

        Raises:
            SyncError: It did not come in time, cannot come (no rights, no such resource), or the informer does not run.
                The list's or watch's own error is its cause.
        """
        for _ in range(_START_PASSES):
            if (self._synced and not self._left) or self.running:
                break
            await anyio.lowlevel.checkpoint()
        if timeout is None or self._synced:
            await self._wait_synced()
        elif not await within(self.clock, timeout, self._wait_synced):
            problem = self._problem(timeout, expired=True)
            assert problem is not None
            raise problem from self.state.last_error

    async def _wait_synced(self) -> None:
        while not self._synced:
            problem = self._problem(None, expired=False)
            if problem is not None:
                raise problem from self.state.last_error
            await self._changed.wait()

    async def wait_for(self, met: Callable[[], bool], timeout: float | None) -> bool:
        """Waits until something is so of the cache; it looks after every batch of changes."""

        async def until() -> None:
            while not met():
                await self._changed.wait()

        if timeout is not None:
            return await within(self.clock, timeout, until)
        await until()
        return True

    @property
    def ever_filled(self) -> bool:
        """True if the store can be read: it has had a whole list once."""
        return self._ever_filled

    def check_filled(self) -> None:
        """Raises where a read would take what is not known for what is not there.

        Raises:
            SyncError: No list has come yet; why is in the message.
            ForkError: It is the parent's of this process, which follows nothing here.
        """
        self._origin.check()
        if self._ever_filled:
            return
        problem = self._problem(None, expired=False) or SyncError(
            f"the cache of {self.reflector.description} is not filled yet: {self.state.describe(self.clock.now())}",
            hint="wait for wait_synced() before reading",
        )
        raise problem from self.state.last_error

    def _problem(self, timeout: float | None, *, expired: bool) -> SyncError | None:
        what, error = self.reflector.description, self.state.last_error
        if error is not None and is_permanent(error):
            return SyncError(f"cannot fill the cache of {what}: {_message(error)}", hint=getattr(error, "hint", ""))
        if not self.running:
            return SyncError(
                f"the cache of {what} is not running, so it cannot fill",
                hint="start it: enter the factory (with factory:), or run the informer in a task",
            )
        if not expired:
            return None
        return SyncError(
            f"the cache of {what} did not fill within {timeout:g} s: {self.state.describe(self.clock.now())}",
            hint=getattr(error, "hint", ""),
        )

    def _state_changed(self, state: State) -> None:
        self._changed.notify()

    def _report(self, error: Exception) -> None:
        for handler in self.on_error:
            handler(error)
        if not self.on_error:
            _log.warning("failed to list or watch %s: %s", self.reflector.description, error)

    def _transformed(self, stored: Any) -> Any:
        if self.transform is None:
            return stored
        return self.form.keep(self.transform(self.form.read(stored)))

    def drain(self) -> None:
        """Moves everything that is queued into the store and offers what it changed."""
        while len(self._fifo):
            self._fifo.pop_batch_now(self._process)
        if self._filled and not self._synced:
            self._synced = self._ever_filled = True
            for registration in self._registrations:
                registration.source_synced()
        self._changed.notify()

    @property
    def fifo(self) -> RealFIFO:
        """The queue before the store."""
        return self._fifo

    def blocked(self) -> list[Registration]:
        """The handlers that the watch has to wait for."""
        return [registration for registration in self._registrations if registration.full]

    def _process(self, deltas: list[Delta], initial: bool) -> None:
        for delta in deltas:
            try:
                changes = self.store.apply(delta, initial=initial)
            except Exception:  # index and key functions are the user's: one object must not stop the others
                _log.exception("%s: a change could not be stored", self.reflector.description)
                continue
            if delta.type is DeltaType.REPLACED_ALL:
                self._filled = True
            for change in changes:
                self._offer(change)

    def _offer(self, change: Change) -> None:
        # The same version again is no news: only for those whose resync is due.
        again = (
            change.old is not None
            and change.new is not None
            and meta.resource_version(change.old) == meta.resource_version(change.new)
        )
        for registration in self._syncing if again else self._registrations:
            registration.offer(change)

    async def _resync_handlers(self) -> None:
        """Calls each handler with every object again when its resync period is over."""
        while True:
            periodic = [r for r in self._registrations if r.resync_seconds]
            now = self.clock.now()
            wait = min((r.next_resync - now for r in periodic), default=float("inf"))
            if wait <= 0:
                due = [r for r in periodic if r.next_resync <= now]
                for registration in due:
                    registration.next_resync = now + registration.resync_seconds
                self.resync(due)
                continue
            with anyio.CancelScope() as sleep:
                self._resync_sleep = sleep  # cancelled when a handler is added
                if wait == float("inf"):
                    await anyio.sleep_forever()
                await self.clock.sleep(wait)

    def resync(self, registrations: Iterable[Registration]) -> None:
        """Offers every stored object again to these handlers."""
        if not self._synced:
            return
        self._syncing = set(registrations)
        try:
            self._fifo.resync()
            self.drain()
        finally:
            self._syncing = set()


def _message(error: Exception) -> str:
    """Without the hint, which goes on its own."""
    return error.message if isinstance(error, KubeError) else str(error)


class _Sink:
    """The store that the reflector writes to: the queue, drained after each batch."""

    def __init__(self, core: InformerCore) -> None:
        self._core = core
        self.add = core.fifo.add
        self.update = core.fifo.update
        self.delete = core.fifo.delete
        self.replace = core.fifo.replace
        self.resync = core.fifo.resync
        self.bookmark = core.fifo.bookmark

    async def flush(self) -> None:
        self._core.drain()
        for registration in self._core.blocked():
            await registration.wait_room()
