"""The objects that the server deletes with others: what they own, what is in a namespace, the objects of a kind.

Source: k8s.io/kubernetes/pkg/controller/garbagecollector (an object goes when the last of its owners has gone).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.client.relations import list_everywhere

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.results.outcome import Outcome

__all__ = ("collected", "count_collected")


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
    resources = [each for each in await client.discovery.preferred_resources() if {"list", "delete"} <= {*each.verbs}]
    listed = await list_everywhere(client.metadata, resources, scopes)
    if listed.errors or (await client.discovery.all()).failures:
        return None
    owners = {meta.uid(each): meta.owner_uids(each) for _, each in listed.objects}
    roots = {meta.uid(each) for each in objects}
    inside = {
        meta.uid(each)
        for resource, each in listed.objects
        if (resource.group, resource.resource) in kinds or (resource.namespaced and meta.namespace(each) in namespaces)
    } - roots
    return len(inside | collected(roots | inside, owners) - roots)


def _defined(definition: JSONObject) -> tuple[str, str]:
    spec = definition.get("spec") or {}
    return str(spec.get("group") or ""), str((spec.get("names") or {}).get("plural") or "")
