"""The surroundings of an object: its events, its owners, and what it owns.

Source: k8s.io/kubectl/pkg/describe (events of an object), k8s.io/kubernetes/pkg/controller/garbagecollector (owners).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import anyio

from kmagic.aio.tasks import task_group
from kmagic.api import meta
from kmagic.errors import KubeError, MethodNotAllowedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.api.types import JSONObject
    from kmagic.client.metadata import MetadataClient
    from kmagic.client.resource import AsyncResource
    from kmagic.rest.resource import APIResource

__all__ = ("Listed", "events_about", "list_everywhere", "owner_type", "read_same", "seen_at")

T = TypeVar("T")

_AT_ONCE = 8
_PAGE = 500


async def events_about(events: AsyncResource[T], obj: JSONObject) -> list[T]:
    """Returns the events about one object.

    Args:
        events: The events, of any namespace.
        obj: The object as it was read.

    Raises:
        KubeError: They cannot be read.
    """
    name = meta.name(obj)
    # The kubelet knows its node's name only and writes it as the uid, too; kubectl asks for both.
    uids = (meta.uid(obj), name) if obj.get("kind") == "Node" else (meta.uid(obj),)
    here = events(meta.namespace(obj) or "default")
    found = [await here.list(field_selector=f"involvedObject.name={name},involvedObject.uid={uid}") for uid in uids]
    return [event for listed in found for event in listed.items]


def seen_at(event: object) -> str:
    """Returns the time at which what an event tells was last seen, RFC 3339, of a dict or a model."""
    times = (
        meta.member(meta.member(event, "series", "series") or {}, "lastObservedTime", "last_observed_time"),
        meta.member(event, "lastTimestamp", "last_timestamp"),
        meta.member(event, "eventTime", "event_time"),
    )
    return str(next(filter(None, times), meta.creation_timestamp(event)))


def owner_type(reference: Any) -> str:
    """Returns the type of an owner reference by a name that `AsyncClient.resource` takes: ``ReplicaSet.apps``."""
    group = str(meta.member(reference, "apiVersion", "api_version") or "").rpartition("/")[0]
    kind = str(meta.member(reference, "kind", "kind"))
    return f"{kind}.{group}" if group else kind


async def read_same(resource: AsyncResource[T], name: str, uid: str) -> T | None:
    """Reads the very object of a uid; None where another one has its name by now.

    Raises:
        NotFoundError: There is none of that name.
    """
    found = await resource.get(name)
    return found if meta.uid(found) == uid else None


class Listed(NamedTuple):
    """The metadata of objects of many types.

    Attributes:
        objects: Each with its resource.
        errors: Reasons why types are missing.
    """

    objects: list[tuple[APIResource, JSONObject]]
    errors: list[KubeError]


async def list_everywhere(
    metadata: MetadataClient, resources: Iterable[APIResource], namespaces: Iterable[str | None]
) -> Listed:
    """Lists the metadata of all objects of some types.

    Args:
        metadata: Metadata client of the cluster.
        resources: The types; those that keep no objects count for nothing.
        namespaces: Namespaces to look into; None for all, and for what is in none.
    """
    found, limit = Listed([], []), anyio.Semaphore(_AT_ONCE)

    async def read(resource: APIResource, namespace: str | None) -> None:
        async with limit:
            try:
                items = (await metadata.resource(resource, namespace).list(limit=_PAGE)).items
            except (NotFoundError, MethodNotAllowedError):
                return  # gone since discovery, or not kept by the server
            except KubeError as error:
                found.errors.append(error)
                return
        found.objects.extend((resource, each) for each in items)

    scopes = {*namespaces}
    async with task_group() as group:
        for resource in resources:
            for scope in scopes if resource.namespaced else scopes & {None}:
                group.start_soon(read, resource, scope)
    return found
