"""Delivery of changes to one handler: in order, bounded, and independent of other handlers.

Theory. Each registration has a queue of its own and, while its informer runs, a task of its own. A change stays at
the head of the queue until its callback has returned: an informer that stops in the middle and runs again delivers it
again. A callback that raises is reported and the next change follows a second later; other handlers do not notice.

A handler that is slower than its changes does not grow without bound: from `limit` waiting changes on, either the
changes of one object are joined into one (COALESCE: the first old and the last new state; nothing is left out that
still matters), or the watch waits for the handler (BLOCK).

Source: k8s.io/client-go/tools/cache/shared_informer.go (processorListener), synctrack.
"""

from __future__ import annotations

import enum
import inspect
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import anyio
import anyio.lowlevel
import msgspec

from kmagic.aio.deadline import within
from kmagic.api.clock import Clock
from kmagic.cache.delta import Change
from kmagic.cache.forms import Form
from kmagic.transport.clock import SystemClock

__all__ = ("Callbacks", "Overflow", "Registration", "Told", "ToldOfUpdate", "coalesce")

T = TypeVar("T")

# Callbacks, or coroutine functions, for objects of a type. Of additions and deletions they may ask one thing more.
Told: TypeAlias = Callable[[T], object] | Callable[[T, bool], object]
ToldOfUpdate: TypeAlias = Callable[[T, T], object]

_log = logging.getLogger("kmagic.cache")

# Enough for a burst, little enough that 100 handlers do not matter: entries are shared with the store.
DEFAULT_LIMIT = 10_000
# After a callback that raised: what fails for every object does not fail ten thousand times at once.
_PAUSE_SECONDS = 1.0
# Changes in one go before others on the loop get a turn.
_BURST = 100


class Overflow(enum.StrEnum):
    """The policy for a handler with too many changes waiting."""

    COALESCE = "coalesce"
    BLOCK = "block"


class Callbacks(msgspec.Struct, frozen=True):
    """The callbacks of a handler; each may be a coroutine function.

    Attributes:
        on_add: (obj) or (obj, initial): whether it was there before the handler or the informer.
        on_update: (old, new).
        on_delete: (obj) or (obj, final_state_unknown): the last known state; unknown when the deletion itself was missed.
        where: Only objects for which this is true; an object that begins or ceases to match is added or deleted.
        raw: Give cache entries instead of decoded objects.
    """

    on_add: Callable[..., object] | None = None
    on_update: Callable[..., object] | None = None
    on_delete: Callable[..., object] | None = None
    where: Callable[[Any], bool] | None = None
    raw: bool = False


class Registration:
    """A handler of an informer; keep it to know when it is synced, or to remove it.

    Attributes:
        name: For messages: the first callback's name.
        resync_seconds: Period in seconds after which it gets every object again; 0 for never.
    """

    def __init__(
        self,
        callbacks: Callbacks,
        form: Form,
        *,
        resync_seconds: float = 0.0,
        limit: int = DEFAULT_LIMIT,
        overflow: Overflow = Overflow.COALESCE,
        on_error: Callable[[Exception], object] | None = None,
        on_remove: Callable[[Registration], object] = lambda registration: None,
        clock: Clock | None = None,
    ) -> None:
        functions = [f for f in (callbacks.on_add, callbacks.on_update, callbacks.on_delete) if f is not None]
        self.name: Any | str = next((getattr(f, "__qualname__", type(f).__name__) for f in functions), "handler")
        self.resync_seconds = resync_seconds
        self.next_resync: float = 0.0  # the informer's clock decides
        self._callbacks = callbacks
        self._form = form
        self._limit = self._compact_at = limit
        self._overflow = overflow
        self._on_error = on_error
        self._on_remove = on_remove
        self._clock: Clock = clock or SystemClock()
        self._add_tells_initial = _takes_second(callbacks.on_add, "initial", "is_in_initial_list")
        self._delete_tells_unknown = _takes_second(callbacks.on_delete, "final_state_unknown")
        self._pending: deque[Change] = deque()
        self._current: Change | None = None  # what is being delivered is not in the queue
        self._initial_left = 0
        self._source_synced = False
        self._synced = anyio.Event()
        self._wake = anyio.Event()
        self._idle = anyio.Event()
        self._end = anyio.Event()  # set when it is removed
        self._task: int | None = None  # of the running delivery

    def __repr__(self) -> str:
        state = "removed" if self.removed else "synced" if self.synced else "not synced"
        return f"<Registration of {self.name}, {state}, {len(self._pending)} waiting>"

    @property
    def synced(self) -> bool:
        """True if the informer has synced and the handler has returned from every initial addition."""
        return self._synced.is_set()

    @property
    def pending(self) -> int:
        """The number of changes that wait."""
        return len(self._pending)

    @property
    def removed(self) -> bool:
        """True if it gets no more changes."""
        return self._end.is_set()

    @property
    def full(self) -> bool:
        """True if the watch should wait for it."""
        return self._overflow is Overflow.BLOCK and len(self._pending) >= self._limit

    async def wait_synced(self) -> None:
        """Waits until `synced`; has no timeout of its own."""
        await self._synced.wait()

    async def wait_room(self) -> None:
        """Waits until it is not `full`."""
        while self.full and not self.removed:
            await self._idle.wait()

    def remove(self) -> None:
        """Gets no more changes, from now on; a callback that runs now ends by itself. Safe to call twice."""
        if not self.removed:
            self._end.set()
            self._pending.clear()
            self._wake.set()
            self._renew_idle()
            self._on_remove(self)

    async def aclose(self) -> None:
        """Removes it and waits until its callback has returned.

        Raises:
            RuntimeError: Called by the callback itself, which would wait for itself for ever.
        """
        if self._task is not None and self._task == anyio.get_current_task().id:
            raise RuntimeError("a handler cannot wait for its own end: call remove() instead")
        self.remove()
        while self._task is not None:
            await self._idle.wait()

    def offer(self, change: Change) -> None:
        """Takes a change; never waits. Called by the informer, in the order of the store."""
        if self.removed or not self._wants(change):
            return
        self._pending.append(change)
        self._initial_left += change.initial
        if len(self._pending) >= self._compact_at and self._overflow is Overflow.COALESCE:
            self._compact()
        self._wake.set()

    def source_synced(self) -> None:
        """The informer has handed over everything of its first list."""
        self._source_synced = True
        self._note_synced()

    async def deliver(self) -> None:
        """Calls the callbacks, for ever; one task of the informer's run."""
        self._task = anyio.get_current_task().id
        try:
            while not self.removed:
                await self._deliver_pending()
                self._renew_idle()
                if not self.removed and not self._pending:
                    self._wake = anyio.Event()
                    await self._wake.wait()
        finally:
            self._task = None
            self._renew_idle()

    async def _deliver_pending(self) -> None:
        count = 0
        while self._pending:
            self._current = change = self._pending.popleft()
            failed = False
            try:
                await self._call(change)
            except Exception as error:  # the callback's own: reported, and the others must not suffer
                failed = True
                self._report(error, change)
            except BaseException:
                # Stopped in the middle: it comes again with the next run.
                if not self.removed:
                    self._pending.appendleft(change)
                raise
            finally:
                self._current = None
            self._initial_left -= change.initial
            self._note_synced()
            if failed:
                await within(self._clock, _PAUSE_SECONDS, self._end.wait)
            count += 1
            if count % _BURST == 0:
                self._renew_idle()
                await anyio.lowlevel.checkpoint()

    def _renew_idle(self) -> None:
        """Wakes who waits for room, or for the end."""
        self._idle.set()
        self._idle = anyio.Event()

    async def _call(self, change: Change) -> None:
        if not self._wants(change):  # two that it wanted may have been joined into one that it does not
            return
        callbacks = self._callbacks
        keep: Callable[[Any], Any] = _same if callbacks.raw else self._form.read
        old = keep(change.old) if change.old is not None else None
        new = keep(change.new) if change.new is not None else None
        had, has = change.old is not None, change.new is not None
        if callbacks.where is not None:
            had, has = had and callbacks.where(old), has and callbacks.where(new)
        result: object = None
        if has and not had and callbacks.on_add:
            initial = (change.initial,) if self._add_tells_initial else ()
            result = callbacks.on_add(new, *initial)
        elif has and had and callbacks.on_update:
            result = callbacks.on_update(old, new)
        elif had and not has and callbacks.on_delete:
            unknown = (change.final_state_unknown,) if self._delete_tells_unknown else ()
            result = callbacks.on_delete(old, *unknown)
        if result is not None and inspect.isawaitable(result):
            await result

    def _wants(self, change: Change) -> bool:
        callbacks = self._callbacks
        if change.old is None:
            wanted = callbacks.on_add
        else:
            wanted = callbacks.on_delete if change.new is None else callbacks.on_update
        return wanted is not None or callbacks.where is not None

    def _report(self, error: Exception, change: Change) -> None:
        if self._on_error is not None:
            self._on_error(error)
        else:
            _log.error("handler %s failed on %r", self.name, change, exc_info=error)

    def _note_synced(self) -> None:
        if self._source_synced and self._initial_left <= 0 and not self._synced.is_set():
            self._synced.set()

    def _compact(self) -> None:
        self._pending = deque(coalesce(self._pending))
        self._initial_left = sum(change.initial for change in self._pending)
        if self._current is not None:
            self._initial_left += self._current.initial
        self._compact_at = max(self._limit, 2 * len(self._pending))


def coalesce(changes: deque[Change] | list[Change]) -> list[Change]:
    """Joins the changes of each object into one, at the place of its last one.

    An object that was added and deleted meanwhile leaves nothing; one that was deleted and added again is an update.
    """
    joined: dict[str, Change] = {}
    for change in changes:
        before = joined.pop(change.key, None)
        if before is None:
            joined[change.key] = change
        elif before.old is not None or change.new is not None:
            joined[change.key] = Change(
                change.key, before.old, change.new, before.initial or change.initial, change.final_state_unknown
            )
    return list(joined.values())


def _same(stored: Any) -> Any:
    return stored


def _takes_second(function: Callable[..., object] | None, *names: str) -> bool:
    """Returns whether a callback wants the second argument: it needs two, or has an optional one of that name."""
    if function is None:
        return False
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # some built-in functions have no signature
        return False
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(positional) < 2:
        return False
    return positional[1].default is inspect.Parameter.empty or positional[1].name in names
