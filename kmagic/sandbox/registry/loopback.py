"""The server's own way in: what controllers and the kubelet use, without HTTP and without users.

Source: staging/src/k8s.io/apiserver/pkg/server/options (the loopback client), kubernetes v1.37.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.registry.objects import Options

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from datetime import datetime

    from kmagic.sandbox.registry.objects import Objects
    from kmagic.sandbox.schema.resources import Catalog, Resource
    from kmagic.sandbox.storage.store import Store, Stored

__all__ = ("Loopback",)


class Loopback:
    """Reads from the store and writes by kind, as the server itself.

    Args:
        objects: Reads and writes objects.
        catalog: The resources of the server.
    """

    def __init__(self, objects: Objects, catalog: Catalog) -> None:
        self.objects = objects
        self.catalog = catalog
        self.store: Store = objects.store
        self.wall: Callable[[], datetime] = objects.wall
        self.rng: random.Random = objects.rng

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.objects.now()

    def create(self, body: JSONObject, *, manager: str = "kmagic-sandbox") -> Stored:
        """Creates an object in the resource of its kind and in its namespace.

        Raises:
            APIError: As for a request.
        """
        resource = self.resource_of(body)
        namespace = body["metadata"].get("namespace", "") if resource.type.namespaced else ""
        return self.objects.create(resource, namespace, body, Options(manager=manager)).stored

    def resource_of(self, body: JSONObject) -> Resource:
        """The resource of an object's apiVersion and kind.

        Raises:
            LookupError: The server has none.
        """
        resource = self.catalog.by_kind(body["apiVersion"], body["kind"])
        if resource is None:
            raise LookupError(f"no resource for {body['apiVersion']} {body['kind']}")
        return resource
