"""The loop of a controller: something changed, so look at the object and make the world as it says.

```python
async def reconcile(key: ObjectKey) -> None:
    foo = foos.get(key)        # from the cache
    ...

async with Controller(client, reconcile, ["foos.example.com", owned(Deployment, "Foo")], workers=2) as controller:
    await controller.stopped.wait()
```

Promises: a key is never worked on twice at the same time; a key that failed comes back, each time later; work begins
only when all caches are filled. Does not promise one call for each change: changes of one object that come while it
waits are one call.

Source: k8s.io/sample-controller/controller.go.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import anyio

from kmagic.aio.deadline import within
from kmagic.aio.tasks import Background, Later, first_error
from kmagic.api import meta
from kmagic.api.clock import Clock
from kmagic.api.key import ObjectKey
from kmagic.controller.metrics import MetricsProvider
from kmagic.controller.rate_limiters import RateLimiter
from kmagic.controller.rate_limiting_queue import RateLimitingQueue
from kmagic.controller.watches import Watch
from kmagic.errors import ArgumentError, WaitError
from kmagic.transport.clock import SystemClock

if TYPE_CHECKING:
    from kmagic.cache.client import AsyncClient

__all__ = ("Controller", "ControllerStatus", "Reconcile")

log: logging.Logger = logging.getLogger(__name__)

# May return seconds after which the key is wanted again whatever happens.
Reconcile: TypeAlias = Callable[[ObjectKey], Awaitable[float | None]]


@dataclass(frozen=True, slots=True)
class ControllerStatus:
    """The state of a controller.

    Attributes:
        queued: Keys that wait for a worker.
        waiting: Keys that wait for their time.
        processing: Keys workers have now.
        succeeded: Calls of `reconcile` that ended well.
        failed: Calls that did not.
        retries: For each failing key, how often it failed.
        errors: For each failing key, its last error.
    """

    queued: int
    waiting: int
    processing: tuple[ObjectKey, ...]
    succeeded: int
    failed: int
    retries: Mapping[ObjectKey, int]
    errors: Mapping[ObjectKey, str]


class Controller:
    """Calls `reconcile` with the keys of what changed. Used once: make another to start again.

    Args:
        client: Makes the informers of `watches` that are not informers already.
        reconcile: Gets a key; an error it raises brings the key back later.
        watches: The watched sources; a source alone means its own keys. See `Watch`.
        workers: Number of keys that are reconciled at the same time.
        name: The label of its metrics.
        namespace: Of the informers it makes; None for all.
        resync_seconds: Every so often all objects come again; 0 for never.
        rate_limiter: Gives the delays of failing keys.
        max_retries: After so many failures in a row a key is given up until it changes again; None for never.
        sync_seconds: Seconds in which the caches must fill.
        on_error: Gets the key and the error of a failed call.
        metrics: Receiver of the queue's metrics.
        queue: Another queue than the one these options describe.
        clock: Gives the time and sleeps.
    """

    def __init__(
        self,
        client: AsyncClient | None,
        reconcile: Reconcile,
        watches: Iterable[Any],
        *,
        workers: int = 1,
        name: str = "",
        namespace: str | None = None,
        resync_seconds: float = 0,
        rate_limiter: RateLimiter[ObjectKey] | None = None,
        max_retries: int | None = None,
        sync_seconds: float = 60.0,
        on_error: Callable[[ObjectKey, Exception], object] | None = None,
        metrics: MetricsProvider | None = None,
        queue: RateLimitingQueue[ObjectKey] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.queue: RateLimitingQueue[ObjectKey] = queue or RateLimitingQueue(
            rate_limiter, name=name, metrics=metrics, clock=clock
        )
        self.stopped: anyio.Event = anyio.Event()
        self.factory: Any = (
            client.informers(namespace=namespace, resync_seconds=resync_seconds, owner=f"controller {name}".strip())
            if client is not None
            else None
        )
        self._reconcile = reconcile
        self._workers = workers
        self._max_retries = max_retries
        self._sync_seconds = sync_seconds
        self._on_error = on_error
        self._errors: dict[ObjectKey, str] = {}
        self._succeeded = 0
        self._failed = 0
        self._background = Background(f"controller {name}")
        self._clock: Clock = clock or SystemClock()
        self._watches = [watch if isinstance(watch, Watch) else Watch(watch) for watch in watches]
        self._given: list[Any] = []
        self._informers = [self._informer_to_watch(watch.source) for watch in self._watches]
        self._registrations: list[Any] = []

    def __repr__(self) -> str:
        return f"<Controller {self.name!r}, {self._workers} workers, {self.queue!r}>"

    def informer(self, source: Any) -> Any:
        """The informer of a source of `watches`, or of anything else that should be cached too."""
        return getattr(self._cached(source), "informer", source)

    def lister(self, source: Any, namespace: str | None = None) -> Any:
        """Reads what is cached of a source: ``controller.lister(Deployment, "shop").get("web")``."""
        lister = self._cached(source).lister
        return lister if namespace is None else lister(namespace)

    @property
    def status(self) -> ControllerStatus:
        """Its present state."""
        return ControllerStatus(
            queued=self.queue.len(),
            waiting=self.queue.waiting,
            processing=tuple(sorted(self.queue.processing)),
            succeeded=self._succeeded,
            failed=self._failed,
            retries={key: self.queue.num_requeues(key) for key in self._errors},
            errors=dict(self._errors),
        )

    @property
    def running(self) -> bool:
        """True if it was started and has not ended."""
        return self._background.running and not self.stopped.is_set()

    def has_synced(self) -> bool:
        """Returns whether every watched cache is filled and its first objects are in the queue."""
        return bool(self._registrations) and all(registration.synced for registration in self._registrations)

    def last_sync_resource_version(self) -> str:
        """The version the first watched cache is at; "" before its first list."""
        return str(self._informers[0].last_sync_resource_version)

    def enqueue(self, obj: Any) -> None:
        """Wants an object looked at: an object or its key."""
        self.queue.add(obj if isinstance(obj, ObjectKey) else ObjectKey.of(obj))

    async def run(self) -> None:
        """Runs until `stop` was called and the queue is empty, or until cancelled.

        Raises:
            SyncError: A cache did not fill.
        """
        async with self:
            await self.stopped.wait()

    async def start(self) -> None:
        """Fills the caches and begins to work; `stop` or `aclose` ends it, from any task.

        Raises:
            SyncError: A cache did not fill.
        """
        if self.queue.shutting_down():
            raise RuntimeError(f"{self!r} was stopped; make another")
        self._background.start()
        try:
            for watch, informer in zip(self._watches, self._informers, strict=True):
                self._registrations.append(self._register(watch, informer))
            for owned in self._running():
                owned.start()
            for informer in self._informers:
                await informer.wait_synced(timeout=self._sync_seconds)
        except BaseException:
            await self.aclose()
            raise
        self._background.spawn(self._work_until_stopped)

    def stop(self) -> Later:
        """Accepts nothing more; ends when what is queued is done, and returns then if it is awaited."""
        self.queue.shut_down()
        return Later(self._ended)

    async def drain(self, timeout: float | None = None) -> None:
        """Accepts nothing more, and waits until everything is done, failing keys that wait for their time too.

        Args:
            timeout: Seconds; None for no limit.

        Raises:
            WaitError: It was not done in time; it goes on all the same.
        """
        if timeout is None:
            await self.queue.shut_down_with_drain()
        elif not await within(self._clock, timeout, self.queue.shut_down_with_drain):
            status = self.status
            raise WaitError(
                f"controller {self.name!r} was not done within {timeout:g} s: {status.queued} queued,"
                f" {status.waiting} waiting, {len(status.processing)} being worked on"
            )

    async def aclose(self) -> None:
        """Ends it now: calls under way are cancelled, and its caches stop."""
        self.queue.shut_down()
        with anyio.CancelScope(shield=True):
            try:
                await self._background.stop()
            finally:
                for owned in reversed(self._running()):
                    await owned.stop()
                self._remove_handlers()
                self.stopped.set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.aclose()
        except Exception:
            if error is None:
                raise
            log.exception("controller %s had ended before", self.name)  # the body's own error is the one to see

    def _running(self) -> list[Any]:
        """Runs everything that lives as long as the controller."""
        return [*([self.factory] if self.factory is not None else ()), *self._given]

    async def _ended(self) -> None:
        if self._background.running:
            await self.stopped.wait()
        await self.aclose()

    async def _work_until_stopped(self) -> None:
        try:
            await first_error([self._work] * self._workers)
        except Exception as error:
            log.error("controller %s ended: %s", self.name, error)
            raise
        finally:
            self.stopped.set()

    async def _work(self) -> None:
        async for key in self.queue:
            try:
                again = await self._reconcile(key)
            except Exception as error:  # the boundary of the user's code: reported, and tried again
                self._fail(key, error)
            else:
                self._succeeded += 1
                self._errors.pop(key, None)
                self.queue.forget(key)
                if again is not None:
                    self.queue.add_after(key, again)
            finally:
                self.queue.done(key)

    def _fail(self, key: ObjectKey, error: Exception) -> None:
        self._failed += 1
        self._errors[key] = f"{type(error).__name__}: {error}"
        log.warning("reconciling %s failed: %s", key, error)
        if self._on_error is not None:
            self._on_error(key, error)
        if self._max_retries is not None and self.queue.num_requeues(key) >= self._max_retries:
            self.queue.forget(key)
            log.error("%s failed %d times and is left alone until it changes", key, self._max_retries + 1)
        else:
            self.queue.add_rate_limited(key)

    def _register(self, watch: Watch, informer: Any) -> Any:
        def on_add(obj: Any) -> None:
            self._add_all(watch.keys(obj))

        def on_update(old: Any, new: Any) -> None:
            if not watch.resyncs and meta.resource_version(old) == meta.resource_version(new):
                return
            if watch.when is not None and not watch.when(old, new):
                return
            # An object that changed its owner concerns both.
            self._add_all([*watch.keys(old), *watch.keys(new)])

        def on_delete(obj: Any) -> None:
            self._add_all(watch.keys(obj))

        return informer.add_handler(on_add=on_add, on_update=on_update, on_delete=on_delete, raw=watch.raw)

    def _remove_handlers(self) -> None:
        for registration in self._registrations:
            registration.remove()
        self._registrations.clear()

    def _add_all(self, keys: Iterable[ObjectKey]) -> None:
        for key in keys:
            self.queue.add(key)

    def _informer_to_watch(self, source: Any) -> Any:
        if isinstance(source, str | type):
            return self.informer(source)
        # Another owner of the same cache: it runs whether or not somebody else runs it, and is listed once.
        shared = self.informer(source).share(owner=f"controller {self.name}".strip())
        self._given.append(shared)
        return shared

    def _cached(self, source: Any) -> Any:
        """Returns the factory's cache for a source; ready informers and accessors are returned as they are."""
        if isinstance(source, str):
            return self._factory().resource(source)
        if isinstance(source, type):
            return self._factory().of(source)
        return source

    def _factory(self) -> Any:
        if self.factory is None:
            raise ArgumentError("a controller without a client watches informers only")
        return self.factory
