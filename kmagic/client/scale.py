"""The replicas of everything that has a scale subresource, by one interface.

Source: k8s.io/client-go/scale/client.go; every server since 1.16 answers with autoscaling/v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.door import convert, read_object
from kmagic.errors import DecodeError
from kmagic.rest import verbs
from kmagic.rest.verbs import WriteOptions

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.mapper import RESTMapper
    from kmagic.client.rest import RESTClient
    from kmagic.rest.request import Request
    from kmagic.rest.resource import APIResource

__all__ = ("Scale", "ScaleClient", "scale_from", "set_replicas")


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """The scale of one object.

    Attributes:
        replicas: Number of replicas wanted.
        current: Number of replicas that exist.
        selector: Label selector of the Pods that are counted: ``"app=web"``.
    """

    name: str
    namespace: str
    resource_version: str
    replicas: int
    current: int
    selector: str


class ScaleClient:
    """Reads and changes the scale of objects in one namespace.

    Args:
        rest: Client that sends the requests.
        mapper: Mapper of names to resources.
        namespace: Namespace of the objects.
    """

    def __init__(self, rest: RESTClient, mapper: RESTMapper, namespace: str | None) -> None:
        self._rest = rest
        self._mapper = mapper
        self._namespace = namespace

    async def get(self, resource: str, name: str) -> Scale:
        """The scale of an object.

        Args:
            resource: ``"deployments"``, or any name kubectl takes.
            name: Name of the object.

        Raises:
            NotFoundError: No such object, or it cannot be scaled.
        """
        found = await self._mapper.resource_for(resource)
        return await self._send(verbs.get(found, self._namespace, name, subresource="scale"))

    async def update(self, resource: str, scale: Scale, *, replicas: int, dry_run: bool = False) -> Scale:
        """Sets the replicas if the object is still as it was when `scale` was read.

        Raises:
            ConflictError: It changed since.
        """
        found = await self._mapper.resource_for(resource)
        body = {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {
                "name": scale.name,
                "namespace": scale.namespace,
                "resourceVersion": scale.resource_version,
            },
            "spec": {"replicas": replicas},
        }
        return await self._send(
            verbs.update(
                found,
                self._namespace,
                scale.name,
                msgspec.json.encode(body),
                subresource="scale",
                options=WriteOptions(dry_run),
            )
        )

    async def patch(self, resource: str, name: str, *, replicas: int, dry_run: bool = False) -> Scale:
        """Sets the replicas, whatever they were."""
        found = await self._mapper.resource_for(resource)
        return await set_replicas(self._rest, found, self._namespace, name, replicas=replicas, dry_run=dry_run)

    async def _send(self, request: Request) -> Scale:
        return await _scale(self._rest, request)


async def set_replicas(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    name: str,
    *,
    replicas: int,
    uid: str = "",
    dry_run: bool = False,
) -> Scale:
    """Sets the replicas of an object, whatever they were.

    Args:
        rest: Client that sends the request.
        resource: Type of the object.
        namespace: Namespace of the object.
        name: Name of the object.
        replicas: Number of replicas wanted.
        uid: Only this very object, no other that took its name.
        dry_run: Answer as if, but keep nothing.
    """
    head: JSONObject = {"metadata": {"uid": uid}} if uid else {}
    body = msgspec.json.encode({**head, "spec": {"replicas": replicas}})
    options = WriteOptions(dry_run)
    return await _scale(
        rest, verbs.patch(resource, namespace, name, body, type="merge", subresource="scale", options=options)
    )


async def _scale(rest: RESTClient, request: Request) -> Scale:
    return scale_from(read_object((await rest.execute(request)).body, "the server's Scale"))


def scale_from(answer: JSONObject) -> Scale:
    """Reads a Scale of any of the kinds servers have used; older ones have their selector as a map.

    Raises:
        DecodeError: Not a Scale.
    """
    if answer.get("kind") != "Scale":
        raise DecodeError(f"expected a Scale and got {answer.get('kind') or 'something else'}")
    found = convert(answer, "the server's Scale", _Wire)
    head, spec, status = found.metadata or _Head(), found.spec or _Replicas(), found.status or _Status()
    selector = status.target_selector or status.selector or ""
    if isinstance(selector, dict):
        selector = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    return Scale(
        name=head.name or "",
        namespace=head.namespace or "",
        resource_version=head.resource_version or "",
        replicas=spec.replicas or 0,
        current=status.replicas or 0,
        selector=selector,
    )


class _Head(msgspec.Struct, rename="camel"):
    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None


class _Replicas(msgspec.Struct):
    replicas: int | None = None


class _Status(msgspec.Struct, rename="camel"):
    replicas: int | None = None
    selector: str | dict[str, str] | None = None
    target_selector: str | None = None


class _Wire(msgspec.Struct):
    metadata: _Head | None = None
    spec: _Replicas | None = None
    status: _Status | None = None
