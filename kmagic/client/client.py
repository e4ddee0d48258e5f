"""The async client: one server, one identity, every verb.

Making one sends nothing; the first awaited verb does. Close it, or use it as a context manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from kmagic.client.apply import AppliedFields
from kmagic.client.clientset import typed_resource
from kmagic.client.discovery import Discovery
from kmagic.client.disk_cache import DiskCache, discovery_folder
from kmagic.client.dynamic import DynamicClient
from kmagic.client.groups import AsyncGroups
from kmagic.client.guarding import connect
from kmagic.client.manifests import Carrier, apply_all, delete_all
from kmagic.client.mapper import RESTMapper
from kmagic.client.metadata import MetadataClient
from kmagic.client.object import AsyncObject, object_of
from kmagic.client.rest import RESTClient
from kmagic.client.scale import ScaleClient
from kmagic.client.table import TableClient
from kmagic.config.loader import load_config

if TYPE_CHECKING:
    import os
    from types import TracebackType

    from kmagic.api.clock import Clock
    from kmagic.api.model import Model
    from kmagic.api.options import Propagation
    from kmagic.api.types import JSONObject
    from kmagic.client.apply_set import ApplySet
    from kmagic.client.hooks import Hooks
    from kmagic.client.manifests import Manifests, Result
    from kmagic.client.resource import AsyncResource
    from kmagic.config.client_config import ClientConfig
    from kmagic.transport.http import Transport

__all__ = ("AsyncClient",)

M = TypeVar("M", bound="Model")

# Marks "the context's own namespace", because None means all namespaces.
CONTEXT_NAMESPACE: Any = object()


class AsyncClient(AsyncGroups):
    """A server as one user sees it.

    Args:
        kubeconfig: A kubeconfig file; None: KUBECONFIG, ~/.kube/config, then in-cluster.
        context: One of its contexts; None: the current one.
        config: A ready configuration instead of both.
        hooks: Callbacks for requests, answers, retries and warnings.
        cache_dir: A folder that keeps discovery between processes, as kubectl's ``--cache-dir``
            (``~/.kube/cache``); None: memory only.
        transport: Other connections than the configuration's own (tests).
        clock: Gives the time and sleeps.
        guard: In a notebook whose magics are loaded, let their guard judge this client's changes, too: a protected
            context refuses them. False leaves the guard; elsewhere there is none.
    """

    def __init__(
        self,
        kubeconfig: str | os.PathLike[str] | None = None,
        context: str | None = None,
        config: ClientConfig | None = None,
        *,
        hooks: Hooks | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        guard: bool = True,
    ) -> None:
        self.config: ClientConfig = config or (transport.config if transport else load_config(kubeconfig, context))
        self.transport: Transport = transport or connect(self.config, clock, guard=guard)
        self.rest: RESTClient = RESTClient(self.transport, clock=clock, hooks=hooks)
        self.discovery: Discovery = Discovery(self.rest, disk=self._disk(cache_dir))
        self.mapper: RESTMapper = RESTMapper(self.discovery)
        self.rest.remap = self.mapper.again
        self.dynamic: DynamicClient = DynamicClient(self.rest, self.mapper)
        self.metadata: MetadataClient = MetadataClient(self.rest, self.mapper)
        self.tables: TableClient = TableClient(self.rest)
        self.applied: AppliedFields = AppliedFields()

    def _disk(self, cache_dir: str | os.PathLike[str] | None) -> DiskCache | None:
        if cache_dir is None:
            return None
        return DiskCache(discovery_folder(cache_dir, self.config.server), clock=self.rest.clock)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.config.server}, context {self.config.context_name or 'none'}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def start(self) -> None:
        """Does nothing yet: the first verb opens the first connection. `stop` is its counterpart."""

    async def aclose(self) -> None:
        """Closes all connections; streams that are still open end with an error."""
        await self.transport.aclose()

    stop = aclose

    def resource(self, name: str, namespace: str | None = CONTEXT_NAMESPACE) -> AsyncResource[JSONObject]:
        """The verbs on a resource by any name kubectl takes; objects are plain dicts.

        Args:
            name: ``"deploy"``, ``"foos.example.com"``, ``"cm"``, ``"Deployment"``; looked up at the first await.
            namespace: The context's own unless given; None for all namespaces.
        """
        if namespace is CONTEXT_NAMESPACE:
            namespace = self.config.namespace
        return self.dynamic.resource(name, namespace)

    async def apply(
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
        """Applies manifests server-side, namespaces and definitions first, and returns their outcomes.

        ```python
        for result in await client.apply(Path("deploy/"), namespace="shop", prune=ApplySet("web")):
            print(result.action, result.manifest["metadata"]["name"])
        ```

        Args:
            manifests: As `kmagic.load` reads them: text, a `pathlib.Path` of a file or folder, dicts, models.
            namespace: For manifests that name none; the context's own unless given.
            field_manager: Name of the fields' owner; "" for ``kmagic``, or kubectl's for what kubectl applies.
            force: Take over fields of other managers, too.
            dry_run: The server validates and answers but keeps nothing.
            field_validation: ``"Strict"``, ``"Warn"`` or ``"Ignore"`` unknown fields.
            prune: The set that the manifests are: its members that are not among them are deleted, after all of them
                are applied. A dry run tells what would be.

        Raises:
            ArgumentError: One of them is no manifest, or the set cannot be read; nothing was applied.
            ManifestsError: Some failed; the others are applied, `.results` says which. Nothing is pruned where a
                manifest was not applied.
        """
        return await apply_all(
            self._carrier(namespace),
            manifests,
            field_manager=field_manager,
            force=force,
            dry_run=dry_run,
            field_validation=field_validation,
            prune=prune,
        )

    async def delete(
        self,
        manifests: Manifests,
        *,
        namespace: str | None = CONTEXT_NAMESPACE,
        propagation: Propagation = "",
        dry_run: bool = False,
    ) -> list[Result]:
        """Deletes what manifests name, in reverse order, and returns their outcomes; what is not there is no error.

        Args:
            manifests: As for `apply`.
            namespace: For manifests that name none; the context's own unless given.
            propagation: ``"Foreground"``, ``"Background"``, ``"Orphan"``, or "" for the server's default.
            dry_run: The server validates and answers but keeps nothing.

        Raises:
            ArgumentError: One of them is no manifest; nothing was sent.
            ManifestsError: Some failed; the others are deleted, `.results` says which.
        """
        return await delete_all(self._carrier(namespace), manifests, propagation=propagation, dry_run=dry_run)

    def _carrier(self, namespace: str | None) -> Carrier:
        if namespace is CONTEXT_NAMESPACE:
            namespace = self.config.namespace
        return Carrier(self.dynamic, self.mapper, self.applied, self.rest.clock, namespace)

    def of(self, model: type[M], namespace: str | None = CONTEXT_NAMESPACE) -> AsyncResource[M]:
        """The verbs on a kind by its model: ``client.of(Deployment, namespace="shop")``.

        Args:
            model: A kind of `kmagic.models`, or one generated from a CRD.
            namespace: The context's own unless given; None for all namespaces.

        Raises:
            TypeError: The model is a part of an object, not a kind.
        """
        return typed_resource(self, model, self.config.namespace if namespace is CONTEXT_NAMESPACE else namespace)

    @overload
    def object(self, what: M, *, namespace: str | None = CONTEXT_NAMESPACE) -> AsyncObject[M]: ...
    @overload
    def object(
        self, what: JSONObject | str, *, namespace: str | None = CONTEXT_NAMESPACE
    ) -> AsyncObject[JSONObject]: ...
    def object(
        self, what: M | JSONObject | str, *, namespace: str | None = CONTEXT_NAMESPACE
    ) -> AsyncObject[M] | AsyncObject[JSONObject]:
        """The verbs on one object: to wait for it, change it, read its log, find its Pods, owners and children.

        ```python
        pod = client.object("pod/web-0", namespace="shop")
        await pod.wait(condition="Ready")
        print(await pod.logs(tail_lines=10))
        ```

        Args:
            what: An object that was read, a model or a dict; or ``TYPE/NAME`` as kubectl names it.
            namespace: For what names none; the context's own unless given.

        Raises:
            ArgumentError: It is none of them, or has no name.
            TypeError: The model is a part of an object, not a kind.
        """
        return object_of(self, what, self.config.namespace if namespace is CONTEXT_NAMESPACE else namespace)

    def scales(self, namespace: str | None = CONTEXT_NAMESPACE) -> ScaleClient:
        """The scale of anything that has one: ``client.scales("shop").get("deployments", "web")``."""
        return ScaleClient(
            self.rest, self.mapper, self.config.namespace if namespace is CONTEXT_NAMESPACE else namespace
        )
