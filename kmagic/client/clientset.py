"""The typed side of a client: what the generated groups (`kmagic.client.groups`) are made of, and `of(Kind)`.

Source: k8s.io/client-go/kubernetes (clientset), k8s.io/client-go/gentype
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from kmagic.api.model import Model
from kmagic.client.codec import ModelCodec
from kmagic.client.resource import AsyncResource
from kmagic.rest.resource import APIResource

if TYPE_CHECKING:
    from kmagic.client.rest import RESTClient
    from kmagic.config.client_config import ClientConfig

__all__ = ("AsyncGroup", "ClientLike", "model_class", "resource_of", "typed_resource")

M = TypeVar("M", bound=Model)


class ClientLike(Protocol):
    """The client as a group needs it."""

    config: ClientConfig
    rest: RESTClient


def model_class(module: str, kind: str) -> type[Model]:
    """The model of a kind; its module is imported when it is first asked for."""
    model: type[Model] = getattr(importlib.import_module(f"kmagic.models.{module}"), kind)
    return model


def resource_of(model: type[Model]) -> APIResource:
    """The resource of a kind's model.

    Raises:
        TypeError: The model is a part of an object, not a kind of its own.
    """
    if len(model.resource_info) != 4:
        raise TypeError(f"{model.__name__} is a part of an object; a resource needs a kind, for example Pod")
    group, version, plural, namespaced = model.resource_info
    return APIResource(group, version, plural, model.__name__, namespaced)


def typed_resource(client: ClientLike, model: type[M], namespace: str | None) -> AsyncResource[M]:
    """The verbs on a kind."""
    return AsyncResource(client.rest, resource_of(model), ModelCodec(model), namespace)


class AsyncGroup:
    """The resources of one group-version."""

    module: ClassVar[str] = ""

    def __init__(self, client: ClientLike) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{self.module} of {self._client.config.server}>"

    def resource(self, kind: str, special: Any = AsyncResource) -> Any:
        """The resource of a kind in the context's namespace, until it is called with another."""
        model = model_class(self.module, kind)
        return special(self._client.rest, resource_of(model), ModelCodec(model), self._client.config.namespace)
