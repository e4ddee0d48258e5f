"""The objects that the server deletes with others: what they own, what is in a namespace, the objects of a kind.

Source: k8s.io/kubernetes/pkg/controller/garbagecollector (an object goes when the last of its owners has gone).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import anyio

from kmagic.api import meta
from kmagic.errors import KubeError, MethodNotAllowedError, NotFoundError

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.results.outcome import Outcome
    from kmagic.rest.resource import APIResource

__all__ = ("collected", "count_collected")

_AT_ONCE = 8
_PAGE = 500


def collected(roots: Iterable[str], owners: Mapping[str, Sequence[str]]) -> set[str]:
    """The UIDs that the garbage collector deletes after some objects, without these.

    Args:
        roots: UIDs of the objects that are deleted.
        owners: The UIDs of its owners, for every object there is.
    """
    gone = set(roots)
    found: set[str] = set()
    while True:
        # An owner that does not exist keeps nothing.
        more = {
            uid
            for uid, names in owners.items()
            if uid not in gone
            and any(owner in gone for owner in names)
            and all(owner in gone or owner not in owners for owner in names)
        }
        if not more:
            return found
        gone |= more
        found |= more


async def count_collected(client: AsyncClient, deleted: Sequence[Outcome]) -> int | None:
    """The number of objects that are deleted with the given ones; None where a type could not be listed.

    Args:
        client: Client of the objects' cluster.
        deleted: The objects to be deleted, with their `before`.
    """
    objects = [each.before for each in deleted if each.before is not None]
    namespaces = {meta.name(each) for each in objects if each.get("kind") == "Namespace"}
    kinds = {_defined(each) for each in objects if each.get("kind") == "CustomResourceDefinition"}
    scopes: set[str | None] = {meta.namespace(each) or None for each in objects if each.get("kind") != "Namespace"}
    scopes = {None} if None in scopes else scopes | namespaces
    search = _Search(client, kinds, namespaces)
    search.unknown = bool((await client.discovery.all()).failures)
    resources = [each for each in await client.discovery.preferred_resources() if {"list", "delete"} <= {*each.verbs}]
    limit = anyio.Semaphore(_AT_ONCE)
    async with anyio.create_task_group() as group:
        for resource in resources:
            for scope in scopes if resource.namespaced else scopes & {None}:
                group.start_soon(search.list, resource, scope, limit)
    roots = {meta.uid(each) for each in objects}
    if search.unknown:
        return None
    inside = search.inside - roots
    return len(inside | collected(roots | inside, search.owners) - roots)


class _Search:
    """Lists what there is: who owns whom, and what goes with a namespace or a definition."""

    def __init__(self, client: AsyncClient, kinds: set[tuple[str, str]], namespaces: set[str]) -> None:
        self.owners: dict[str, Sequence[str]] = {}
        self.inside: set[str] = set()
        self.unknown = False
        self._client = client
        self._kinds = kinds
        self._namespaces = namespaces

    async def list(self, resource: APIResource, namespace: str | None, limit: anyio.Semaphore) -> None:
        target = self._client.metadata.resource(resource, namespace)
        async with limit:
            try:
                listed = (await target.list(limit=_PAGE)).items
            except (NotFoundError, MethodNotAllowedError):
                return  # gone since discovery, or not kept by the server
            except KubeError:
                self.unknown = True
                return
        for obj in listed:
            self.owners[meta.uid(obj)] = meta.owner_uids(obj)
            of_kind = (resource.group, resource.resource) in self._kinds
            if of_kind or (resource.namespaced and meta.namespace(obj) in self._namespaces):
                self.inside.add(meta.uid(obj))


def _defined(definition: JSONObject) -> tuple[str, str]:
    spec = definition.get("spec") or {}
    return str(spec.get("group") or ""), str((spec.get("names") or {}).get("plural") or "")
