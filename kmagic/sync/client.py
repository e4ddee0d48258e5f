"""The blocking client: every name of `AsyncClient`, without await.

Composition over the async client and one runtime: a call is handed to the loop thread and waited for, and an
interrupt cancels it together with its request.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from kmagic.api.model import Model
from kmagic.api.types import JSONObject
from kmagic.cache.client import AsyncClient
from kmagic.client.client import CONTEXT_NAMESPACE
from kmagic.client.hooks import Hooks
from kmagic.config.client_config import ClientConfig
from kmagic.sync.discovery import Discovery, DynamicClient, MetadataClient, RESTMapper
from kmagic.sync.documentation import documented_by
from kmagic.sync.factory import SharedInformerFactory
from kmagic.sync.groups import Groups
from kmagic.sync.object import Object
from kmagic.sync.resource import Resource
from kmagic.sync.runtime import Runtime, shared_runtime
from kmagic.sync.scales import Scales

if TYPE_CHECKING:
    from kmagic.api.key import ObjectKey
    from kmagic.api.options import Propagation
    from kmagic.client.apply_set import ApplySet
    from kmagic.client.manifests import Manifests, Result
    from kmagic.client.object import AsyncObject
    from kmagic.sync.controllers import RunningController
    from kmagic.sync.elector import Elector
    from kmagic.sync.recorder import Recorder

__all__ = ("Client",)

M = TypeVar("M", bound=Model)


@documented_by(AsyncClient)
class Client(Groups):
    """A server as one user sees it. Making one sends nothing; the first verb does.

    Args:
        kubeconfig: A kubeconfig file; None: KUBECONFIG, ~/.kube/config, then in-cluster.
        context: One of its contexts; None: the current one.
        config: A ready configuration instead of both.
        hooks: Callbacks for requests, answers, retries and warnings; they are called on the loop thread.
        cache_dir: A folder that keeps discovery between processes, as kubectl's ``--cache-dir``; None: memory only.
        client: A ready async client instead of all of them; closing this closes it.
        guard: In a notebook whose magics are loaded, let their guard judge this client's changes, too: a protected
            context refuses them. False leaves the guard; elsewhere there is none.
        runtime: The loop to run on; None: the process's own.

    Raises:
        ConfigError: There is no usable configuration.
    """

    def __init__(
        self,
        kubeconfig: str | os.PathLike[str] | None = None,
        context: str | None = None,
        config: ClientConfig | None = None,
        *,
        hooks: Hooks | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        client: AsyncClient | None = None,
        runtime: Runtime | None = None,
        guard: bool = True,
    ) -> None:
        if client and hooks:
            raise TypeError("a ready client has its hooks already")
        self.runtime: Runtime = runtime or shared_runtime()
        self.unblocked: AsyncClient = client or self.runtime.call(
            lambda: AsyncClient(kubeconfig, context, config, hooks=hooks, cache_dir=cache_dir, guard=guard)
        )
        self.config: ClientConfig = self.unblocked.config

    def __repr__(self) -> str:
        return f"<Client of {self.config.server}, context {self.config.context_name or 'none'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Does nothing yet: the first verb opens the first connection. `stop` is its counterpart."""

    def close(self) -> None:
        """Closes all connections; streams that are still open end with an error."""
        if self.runtime.running:
            self.runtime.run(self.unblocked.aclose())

    stop = close

    def resource(self, name: str, namespace: str | None = CONTEXT_NAMESPACE) -> Resource[JSONObject]:
        return Resource(self.unblocked.resource(name, namespace), self.runtime)

    def apply(
        self,
        manifests: Manifests,
        *,
        namespace: str | None = CONTEXT_NAMESPACE,
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
        field_validation: str = "Strict",
        prune: ApplySet | None = None,
    ) -> list[Result]:
        return self.runtime.run(
            self.unblocked.apply(
                manifests,
                namespace=namespace,
                field_manager=field_manager,
                force=force,
                dry_run=dry_run,
                field_validation=field_validation,
                prune=prune,
            )
        )

    def delete(
        self,
        manifests: Manifests,
        *,
        namespace: str | None = CONTEXT_NAMESPACE,
        propagation: Propagation = "",
        dry_run: bool = False,
    ) -> list[Result]:
        return self.runtime.run(
            self.unblocked.delete(manifests, namespace=namespace, propagation=propagation, dry_run=dry_run)
        )

    def of(self, model: type[M], namespace: str | None = CONTEXT_NAMESPACE) -> Resource[M]:
        return Resource(self.unblocked.of(model, namespace), self.runtime)

    @overload
    def object(self, what: M, *, namespace: str | None = CONTEXT_NAMESPACE) -> Object[M]: ...
    @overload
    def object(self, what: JSONObject | str, *, namespace: str | None = CONTEXT_NAMESPACE) -> Object[JSONObject]: ...
    def object(
        self, what: M | JSONObject | str, *, namespace: str | None = CONTEXT_NAMESPACE
    ) -> Object[M] | Object[JSONObject]:
        inner: AsyncObject[Any] = self.unblocked.object(what, namespace=namespace)
        return Object(inner, self.runtime)

    def informers(
        self,
        *,
        namespace: str | None = None,
        resync_seconds: float = 0,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> SharedInformerFactory:
        factory = self.runtime.call(
            lambda: self.unblocked.informers(
                namespace=namespace,
                resync_seconds=resync_seconds,
                label_selector=label_selector,
                field_selector=field_selector,
            )
        )
        return SharedInformerFactory(factory, self.runtime)

    @property
    def dynamic(self) -> DynamicClient:
        """Resources by group, version and plural; objects are plain dicts."""
        return DynamicClient(self.unblocked.dynamic, self.runtime)

    @property
    def metadata(self) -> MetadataClient:
        """Objects as metadata only."""
        return MetadataClient(self.unblocked.metadata, self.runtime)

    @property
    def discovery(self) -> Discovery:
        """The groups, resources, version and OpenAPI of the server."""
        return Discovery(self.unblocked.discovery, self.runtime)

    @property
    def mapper(self) -> RESTMapper:
        """The mapper from any name that kubectl takes to a resource."""
        return RESTMapper(self.unblocked.mapper, self.runtime)

    def controller(
        self, reconcile: Callable[[ObjectKey], Any], watches: Iterable[Any], *, name: str, **options: Any
    ) -> RunningController:
        """Starts a controller beside the notebook; the same name again replaces it. See `kmagic.sync.controllers`."""
        from kmagic.sync.controllers import start_controller

        return start_controller(self, reconcile, watches, name=name, **options)

    def elector(
        self, name: str, *, identity: str, namespace: str | None = CONTEXT_NAMESPACE, **options: Any
    ) -> Elector:
        """A candidate of an election on a Lease; see `kmagic.sync.elector.Elector`."""
        from kmagic.controller.leader_election import LeaderElector
        from kmagic.sync.elector import Elector

        leases = self.unblocked.coordination_v1.leases
        if namespace is not CONTEXT_NAMESPACE:
            leases = leases(namespace)
        return Elector(LeaderElector(leases, name, identity=identity, **options), self.runtime)

    def recorder(self, component: str, **options: Any) -> Recorder:
        """Returns a recorder of events about objects; see `kmagic.sync.recorder.Recorder`."""
        from kmagic.controller.events import EventRecorder
        from kmagic.sync.recorder import Recorder

        return Recorder(EventRecorder(self.unblocked.core_v1.events, component, **options), self.runtime)

    def scales(self, namespace: str | None = CONTEXT_NAMESPACE) -> Scales:
        return Scales(self.unblocked.scales(namespace), self.runtime)
