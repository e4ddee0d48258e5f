"""The informer factory for blocking code: it runs on the loop thread while it is entered, or from start to stop.

factory = client.informers(namespace="shop")
deployments = factory.apps_v1.deployments
with factory:
    factory.wait_synced(timeout=30)
    deployments.lister.list(label_selector="app=web")
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, TypeVar

from kmagic.api.gvk import GroupVersionResource
from kmagic.api.model import Model
from kmagic.api.types import JSONObject
from kmagic.cache import factory as asynchronous
from kmagic.sync.informer_groups import InformerGroups
from kmagic.sync.informers import GenericInformer, SharedInformer
from kmagic.sync.runtime import Runtime

__all__ = ("SharedInformerFactory",)

M = TypeVar("M", bound=Model)


class SharedInformerFactory(InformerGroups):
    """Makes informers and runs them while it is entered. See `kmagic.cache.factory.SharedInformerFactory`."""

    def __init__(self, inner: asynchronous.SharedInformerFactory, runtime: Runtime) -> None:
        self._async = inner
        self._runtime = runtime

    def __repr__(self) -> str:
        return repr(self._async)

    def of(self, model: type[M]) -> GenericInformer[M]:
        """A resource by its model: ``of(Deployment)``."""
        return GenericInformer(self._runtime.call(self._async.of, model), self._runtime)

    def resource(self, resource: str | GroupVersionResource) -> GenericInformer[JSONObject]:
        """A resource by any name kubectl takes; its objects are plain dicts."""
        return GenericInformer(self._runtime.call(self._async.resource, resource), self._runtime)

    @property
    def informers(self) -> tuple[SharedInformer[Any], ...]:
        """The informers that were asked for."""
        return tuple(SharedInformer(inner, self._runtime) for inner in self._async.informers)

    def wait_synced(self, timeout: float | None = None) -> None:
        """Waits until every informer's first list is in its store.

        Args:
            timeout: Seconds for all of them; None waits as long as there is hope.

        Raises:
            SyncError: One of them did not fill in time or cannot fill; the list's or watch's error is its cause.
        """
        self._runtime.run(self._async.wait_synced(timeout))

    def start(self) -> None:
        """Starts the informers that are not running yet, and from now on each when it is asked for; `stop` ends them.

        Raises:
            KubeError: The factory was stopped.
        """
        self._runtime.call(self._async.start)

    def stop(self) -> None:
        """Stops every informer and waits until all their callbacks have returned; caches can still be read."""
        if self._runtime.running:
            self._runtime.run(self._async.stop())

    def __enter__(self) -> Self:
        self._runtime.run(self._async.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
