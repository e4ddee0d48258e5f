"""One resource of an informer factory, and what the factory's typed accessors (`kmagic.cache.groups`) are made of.

Source: k8s.io/client-go/informers/generic.go
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from kmagic.api.gvk import GroupResource
from kmagic.api.model import Model
from kmagic.cache.informer import SharedInformer
from kmagic.cache.lister import Lister
from kmagic.client.clientset import model_class
from kmagic.client.resource import AsyncResource

__all__ = ("FactoryLike", "GenericInformer", "GroupFactory", "InformerGroup")

T = TypeVar("T")


class GroupFactory(Protocol):
    """The factory as a group needs it; may be a blocking one."""

    def of(self, model: type[Model]) -> Any:
        """A resource by its model."""


class FactoryLike(Protocol):
    """The factory as a resource needs it."""

    namespace: str | None

    def informer(self, key: Hashable, resource: AsyncResource[T]) -> SharedInformer[T]:
        """The factory's informer of a resource."""

    def resolved(self, key: Hashable) -> GroupResource | None:
        """Returns the resource of a key, once it is known."""


class GenericInformer(Generic[T]):
    """One resource of a factory.

    Attributes:
        resource: The verbs on the resource itself.
    """

    def __init__(self, factory: FactoryLike, resource: AsyncResource[T], key: Hashable) -> None:
        self.resource = resource
        self._factory = factory
        self._key = key

    def __repr__(self) -> str:
        return f"<GenericInformer of {repr(self.resource).strip('<>')}>"

    @property
    def informer(self) -> SharedInformer[T]:
        """The informer, which the factory runs."""
        return self._factory.informer(self._key, self.resource)

    @property
    def lister(self) -> Lister[T]:
        """Reads from the informer's cache: ``lister("shop").get("web")``, ``lister.list(label_selector=...)``."""
        informer = self.informer
        return Lister(informer.store, self._group_resource, self._factory.namespace)

    def _group_resource(self) -> GroupResource:
        found = self._factory.resolved(self._key)
        return found if found is not None else GroupResource("", "object")


class InformerGroup:
    """The resources of one group-version: ``factory.apps_v1``."""

    module: ClassVar[str] = ""

    def __init__(self, factory: GroupFactory) -> None:
        self._factory = factory

    def __repr__(self) -> str:
        return f"<informers of {self.module}>"

    def resource(self, kind: str, special: Any = None) -> Any:
        """The resource of a kind; those with verbs of their own have the informers of all others."""
        return self._factory.of(model_class(self.module, kind))
