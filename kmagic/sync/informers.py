"""Informers for blocking code: they run on the loop thread, their caches are read from anywhere.

Handlers are called on the loop thread and must be quick; a store or lister may be read from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, TypeVar, overload

from kmagic.cache import generic as asynchronous
from kmagic.cache.entry import Entry
from kmagic.cache.handlers import DEFAULT_LIMIT, Overflow, Told, ToldOfUpdate
from kmagic.cache.handlers import Registration as AsyncRegistration
from kmagic.cache.informer import SharedInformer as AsyncInformer
from kmagic.cache.lister import Lister
from kmagic.cache.reflector_state import State
from kmagic.cache.store import IndexFunc
from kmagic.cache.view import StoreView
from kmagic.sync.documentation import documented_by
from kmagic.sync.runtime import Runtime

__all__ = ("GenericInformer", "Registration", "SharedInformer", "filling")

T = TypeVar("T")

# How long a read waits for a cache that fills.
_FILL_SECONDS = 30.0


def filling(informer: AsyncInformer[Any], runtime: Runtime) -> Callable[[], None]:
    """Waits until a cache is filled, as blocking readers do first.

    On the loop's own thread, where waiting is impossible, they get a `SyncError` instead.
    """

    def ready() -> None:
        if informer.filled or runtime.inside:
            informer.store.filled  # noqa: B018  # raises where it cannot be read
        else:
            runtime.run(informer.wait_synced(_FILL_SECONDS))

    return ready


class Registration:
    """A handler of an informer. See `kmagic.cache.handlers.Registration`."""

    def __init__(self, inner: AsyncRegistration, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def synced(self) -> bool:
        """True if the handler has returned from every initial addition."""
        return self._async.synced

    @property
    def pending(self) -> int:
        """The number of changes that wait."""
        return self._async.pending

    def remove(self) -> None:
        """Gets no more changes, from now on."""
        self._runtime.call(self._async.remove)

    def wait_synced(self) -> None:
        """Waits until `synced`; an interrupt ends it."""
        self._runtime.run(self._async.wait_synced())


@documented_by(AsyncInformer)
class SharedInformer(Generic[T]):
    """A local copy of a resource. See `kmagic.cache.informer.SharedInformer`."""

    def __init__(self, inner: AsyncInformer[T], runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def unblocked(self) -> AsyncInformer[T]:
        """The async informer behind this one, for code that runs on kmagic's loop."""
        return self._async

    @property
    def runtime(self) -> Runtime:
        """The loop it runs on."""
        return self._runtime

    @property
    def store(self) -> StoreView[T]:
        """The cached objects; each read is the reader's own, and waits while the cache still fills (half a minute)."""
        return self._async.store.when(filling(self._async, self._runtime))

    @property
    def state(self) -> State:
        """Its phase (listing, streaming, waiting), the time of the last change and the last error."""
        return self._async.state

    @property
    def has_synced(self) -> bool:
        """True if the first list is in the store."""
        return self._async.has_synced

    @property
    def last_sync_resource_version(self) -> str:
        """The version up to which the server was followed."""
        return self._async.last_sync_resource_version

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

        def add() -> AsyncRegistration:
            add_handler: Callable[..., AsyncRegistration] = self._async.add_handler  # its own overloads, as given
            return add_handler(
                on_add=on_add,
                on_update=on_update,
                on_delete=on_delete,
                where=where,
                resync_seconds=resync_seconds,
                raw=raw,
                limit=limit,
                overflow=overflow,
                on_error=on_error,
            )

        return Registration(self._runtime.call(add), self._runtime)

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        self._runtime.call(self._async.add_indexers, indexers)

    def wait_synced(self, timeout: float | None = None) -> None:
        self._runtime.run(self._async.wait_synced(timeout))


class GenericInformer(Generic[T]):
    """One resource of a factory."""

    def __init__(self, inner: asynchronous.GenericInformer[T], runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    @property
    def informer(self) -> SharedInformer[T]:
        """The informer, which the factory runs."""
        return SharedInformer(self._runtime.call(lambda: self._async.informer), self._runtime)

    @property
    def lister(self) -> Lister[T]:
        """Reads from the informer's cache: ``lister("shop").get("web")``, ``lister.list(label_selector=...)``.

        A read of a cache that is still filling waits for it, at most half a minute.
        """
        lister, informer = self._runtime.call(lambda: (self._async.lister, self._async.informer))
        return lister.when(filling(informer, self._runtime))
