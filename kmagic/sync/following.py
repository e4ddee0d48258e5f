"""Reading every change, and waiting for one, in blocking code: `RetryWatcher` and `until_with_sync`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from kmagic.api.options import ListOptions
from kmagic.cache import until
from kmagic.cache.until import Condition
from kmagic.cache.view import StoreView
from kmagic.client import retry_watcher
from kmagic.rest.watch import WatchEvent
from kmagic.sync.documentation import documented_by
from kmagic.sync.informers import SharedInformer
from kmagic.sync.resource import Resource

__all__ = ("RetryWatcher", "until_with_sync")

T = TypeVar("T")


@documented_by(retry_watcher.RetryWatcher)
class RetryWatcher(Generic[T]):
    """Every change after a resource version. See `kmagic.client.retry_watcher.RetryWatcher`.

    ```python
    listed = pods.list()
    for event in RetryWatcher(pods, listed.resource_version).events():
        print(event.type, event.object.metadata.name)
    ```
    """

    def __init__(self, resource: Resource[T], resource_version: str, *, options: ListOptions = ListOptions()) -> None:
        self._runtime = resource.runtime
        self._async = retry_watcher.RetryWatcher(resource.unblocked, resource_version, options=options)

    @property
    def resource_version(self) -> str:
        """The version up to which changes were handed out."""
        return self._async.resource_version

    def events(self) -> Iterator[WatchEvent[T]]:
        return self._runtime.iterate(self._async.events())


def until_with_sync(
    informer: SharedInformer[Any],
    *conditions: Condition,
    precondition: Callable[[StoreView[Any]], bool] | None = None,
    timeout: float | None = None,
) -> WatchEvent[Any] | None:
    """Runs an informer until conditions have held one after another; see `kmagic.cache.until.until_with_sync`.

    ```python
    pods = client.informers(namespace="shop").core_v1.pods.informer
    until_with_sync(pods, lambda event: event.type == "DELETED", timeout=60)
    ```

    Args:
        informer: Not running yet; it is stopped at the end.
        conditions: Each gets events until it holds. They run on kmagic's loop, so they must not block.
        precondition: Looks at the filled store first; if it holds, there is nothing to wait for.
        timeout: Seconds for all of it; None for no limit.

    Returns:
        The event for which the last condition held; None if the precondition held.

    Raises:
        WaitError: Not in time.
        SyncError: The cache cannot fill.
    """
    waiting = until.until_with_sync(informer.unblocked, *conditions, precondition=precondition, timeout=timeout)
    return informer.runtime.run(waiting)
