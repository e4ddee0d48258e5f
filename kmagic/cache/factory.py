"""Informers of a client: asked for by name or type, started and stopped together, shared with other factories.

    factory = SharedInformerFactory(client, namespace="shop")
    deployments = factory.apps_v1.deployments          # or .of(Deployment), .resource("foos.example.com")
    deployments.informer.add_handler(on_add=...)
    async with factory:
        await factory.wait_synced(timeout=30)
        deployments.lister("shop").get("web")

Source: k8s.io/client-go/informers/factory.go, dynamic/dynamicinformer, metadata/metadatainformer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import anyio.lowlevel

from kmagic.aio.tasks import Background, Later, first_error
from kmagic.api.clock import Clock
from kmagic.api.gvk import GroupResource, GroupVersionResource
from kmagic.api.model import Model
from kmagic.api.types import JSONObject
from kmagic.cache.forms import EntryForm
from kmagic.cache.generic import GenericInformer
from kmagic.cache.groups import InformerGroups
from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import ResourceListWatch, Tweak, list_watch_for
from kmagic.cache.pool import InformerPool
from kmagic.client.resource import AsyncResource
from kmagic.errors import KubeError
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient

__all__ = ("SharedInformerFactory",)

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class SharedInformerFactory(InformerGroups):
    """Makes informers and runs them while it is entered.

    Args:
        client: The client that lists and watches.
        namespace: Only this one; None or "" for all.
        label_selector: Only matching objects, of every resource.
        field_selector: Only matching objects, of every resource.
        resync_seconds: Default period in seconds after which handlers get every object again; 0 for never.
        custom_resync: Other periods for some: by model class, or by the name the resource is asked by.
        tweak: Changes the options of every list and watch.
        transform: Changes each object before it is stored; must keep its name and namespace.
        watch_list: Fill by watches that send what exists.
        keep_managed_fields: Whether the cached objects keep them.
        metadata_only: Resources by name are cached as metadata only.
        owner: Name of the reader, in words: `kmagic.cache.census` says it.
        pool: The shared caches; give the factories of one client the same.
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1) for jitter.
    """

    def __init__(
        self,
        client: AsyncClient,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        resync_seconds: float = 0.0,
        custom_resync: Mapping[type[Model] | str, float] | None = None,
        tweak: Tweak | None = None,
        transform: Callable[[Any], Any] | None = None,
        watch_list: bool = False,
        keep_managed_fields: bool = False,
        metadata_only: bool = False,
        owner: str = "",
        pool: InformerPool | None = None,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self.namespace: str | None = namespace or None
        self._label_selector = label_selector
        self._field_selector = field_selector
        self._resync_seconds = resync_seconds
        self._custom_resync = dict(custom_resync or {})
        self._tweak = tweak
        self._transform = transform
        self._watch_list = watch_list
        self._keep_managed_fields = keep_managed_fields
        self._metadata_only = metadata_only
        self._owner = owner
        self._pool = pool if pool is not None else InformerPool()
        self._clock = clock
        self._rng = rng
        self._informers: dict[Hashable, SharedInformer[Any]] = {}
        self._sources: dict[Hashable, ResourceListWatch[Any]] = {}
        self._pool_keys: dict[Hashable, Hashable] = {}
        self._known: dict[Hashable, APIResource | None] = {}
        self._started: set[Hashable] = set()
        self._background = Background("informer factory")
        self._entered = False
        self._shut_down = False

    def __repr__(self) -> str:
        return f"<SharedInformerFactory of {len(self._informers)} informers in {self._where}>"

    @property
    def _where(self) -> str:
        return f'namespace "{self.namespace}"' if self.namespace else "all namespaces"

    @property
    def informers(self) -> tuple[SharedInformer[Any], ...]:
        """The informers that were asked for."""
        return tuple(self._informers.values())

    def of(self, model: type[M]) -> GenericInformer[M]:
        """A resource by its model: ``of(Deployment)``; its informer belongs to the factory from now on."""
        return self._named(GenericInformer(self, self._client.of(model, namespace=self.namespace), _key_of(model)))

    def resource(self, resource: str | GroupVersionResource | APIResource) -> GenericInformer[JSONObject]:
        """A resource by any name kubectl takes, by group, version and plural, or as discovery knows it.

        Its objects are plain dicts; its informer belongs to the factory from now on.

        A name that the server does not know is an error of `wait_synced`.
        """
        source = self._client.metadata if self._metadata_only else self._client.dynamic
        key = ("dynamic", str(resource.gvr if isinstance(resource, APIResource) else resource))
        # What a name means is known if somebody has looked: then the cache is one with that of the type.
        if not isinstance(resource, APIResource) and self._pool_key(key, None) not in self._pool.keys:
            self._known[key] = self._client.mapper.known(resource)
        return self._named(GenericInformer(self, source.resource(resource, self.namespace), key))

    def informer(self, key: Hashable, resource: AsyncResource[T]) -> SharedInformer[T]:
        """The factory's informer of a resource, made and (in a running factory) started when it is first asked for."""
        if key not in self._informers:
            if self._shut_down:
                raise KubeError("the factory has been left and makes no more informers", hint="make a new factory")
            self._informers[key] = self._acquire(key, resource)
            self._start_informers()
        return self._informers[key]

    def resolved(self, key: Hashable) -> GroupResource | None:
        """Returns the resource of a key, once it is known."""
        found = self._sources[key].resolved if key in self._sources else None
        return found.group_resource if found else None

    def start(self) -> Later:
        """Starts the informers that are not running yet, and from now on each when it is asked for; `stop` ends them.

        Returns:
            What may be awaited, and need not be.

        Raises:
            KubeError: The factory was stopped.
        """
        if self._shut_down:
            raise KubeError("a factory runs once; make a new one")
        if not self._background.running:
            self._background.start()
        self._start_informers()
        return Later(anyio.lowlevel.checkpoint)

    async def stop(self) -> None:
        """Stops every informer and waits until all their callbacks have returned; caches can still be read."""
        if self._shut_down:
            return
        self._shut_down = True
        try:
            await self._background.stop()
        finally:
            for key, informer in self._informers.items():
                self._pool.release(self._pool_keys[key], informer)

    shut_down = stop

    async def wait_synced(self, timeout: float | None = None) -> None:
        """Waits until every informer's first list is in its store.

        Args:
            timeout: Seconds for all of them; None waits as long as there is hope.

        Raises:
            SyncError: One of them did not fill in time or cannot fill; the list's or watch's error is its cause.
        """
        await first_error([partial(informer.wait_synced, timeout) for informer in self.informers])

    async def __aenter__(self) -> Self:
        if self._entered:
            raise KubeError("a factory runs once; make a new one")
        self._entered = True
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _start_informers(self) -> None:
        if self._background.running:
            for key, informer in self._informers.items():
                if key not in self._started:
                    self._started.add(key)
                    self._background.spawn(informer.run)

    def _named(self, resource: GenericInformer[T]) -> GenericInformer[T]:
        # Who names a resource wants it: it is waited for, and an entered factory starts it.
        if not self._shut_down:
            _ = resource.informer
        return resource

    def _acquire(self, key: Hashable, resource: AsyncResource[T]) -> SharedInformer[T]:
        def make() -> SharedInformer[T]:
            source = list_watch_for(
                resource,
                label_selector=self._label_selector,
                field_selector=self._field_selector,
                tweak=self._tweak,
                keep_managed_fields=self._keep_managed_fields,
            )
            return SharedInformer(
                source,
                resync_seconds=self._resync_of(key),
                transform=self._transform,
                watch_list=self._watch_list,
                no_watch_list=self._pool.no_watch_list,
                clock=self._clock,
                rng=self._rng,
                owner="",
            )

        def resolved() -> APIResource | None:
            source: ResourceListWatch[T] = informer.list_watch
            return source.resolved

        pool_key = self._pool_keys[key] = self._pool_key(key, resource.known or self._known.get(key))
        informer: SharedInformer[T] = self._pool.acquire(
            pool_key,
            make,
            form=EntryForm(resource.codec, resolved),
            owner=self._owner or f"a factory of {self._where}",
        )
        self._sources[key] = informer.list_watch
        return informer

    def _pool_key(self, key: Hashable, resource: APIResource | None) -> Hashable:
        return (
            resource.gvr if resource else key,
            # What a transform is given depends on how the factory was asked.
            key if self._transform else None,
            self.namespace,
            self._label_selector,
            self._field_selector,
            self._tweak,
            self._transform,
            self._resync_of(key),
            (self._watch_list, self._keep_managed_fields, self._metadata_only),
        )

    def _resync_of(self, key: Hashable) -> float:
        for asked, seconds in self._custom_resync.items():
            if key == (_key_of(asked) if isinstance(asked, type) else ("dynamic", asked)):
                return seconds
        return self._resync_seconds


def _key_of(model: type[Model]) -> Hashable:
    """The same key as by the clientset's names: ``("apps_v1", "deployments")``."""
    if len(model.resource_info) != 4:
        return model
    group, version, plural, _ = model.resource_info
    module = model.__module__.rpartition(".")[2]
    return (module, plural) if model.__module__.startswith("kmagic.models.") else (group, version, plural, model)
