"""The revisions of a workload and going back to one.

Source: k8s.io/kubectl/pkg/polymorphichelpers (history.go, rollback.go).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.errors import UsageError
from kmagic.magics.work.patches import Change

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.rest.resource import APIResource

__all__ = ("Revision", "revisions", "undo")

_NUMBER = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_HASH = "pod-template-hash"
_MOST_DIGITS = 18


@dataclass(frozen=True)
class Revision:
    """One revision of a workload.

    Attributes:
        holder: The ReplicaSet or ControllerRevision that keeps it.
    """

    number: int
    cause: str
    holder: JSONObject


async def revisions(client: AsyncClient, obj: JSONObject) -> list[Revision]:
    """The revisions that still exist, oldest first.

    Raises:
        UsageError: The kind has none.
    """
    kind = str(obj.get("kind"))
    holders = {
        "Deployment": "replicasets.apps",
        "DaemonSet": "controllerrevisions.apps",
        "StatefulSet": "controllerrevisions.apps",
    }
    if kind not in holders:
        raise UsageError(f"a {kind} has no revisions; Deployments, DaemonSets and StatefulSets have")
    listed = await client.resource(holders[kind], meta.namespace(obj)).list()
    owned = [each for each in listed.items if _owner(each) == meta.uid(obj)]
    found = [Revision(_number(each), str(_notes(each).get(_CAUSE) or ""), each) for each in owned]
    return sorted((each for each in found if each.number), key=lambda each: each.number)


def _owner(obj: JSONObject) -> str:
    owners = meta.owner_references(obj)
    return next((str(each.get("uid")) for each in owners if each.get("controller")), "")


def _notes(obj: JSONObject) -> dict[str, Any]:
    notes: dict[str, Any] = (obj.get("metadata") or {}).get("annotations") or {}
    return notes


def _number(holder: JSONObject) -> int:
    said = str(holder.get("revision") or _notes(holder).get(_NUMBER) or "")
    # A note is anybody's to write; kubectl, too, shows none whose number cannot be read.
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS else 0


async def undo(client: AsyncClient, resource: APIResource, obj: JSONObject, to: int) -> Change:
    """The change that brings a revision back.

    Args:
        client: Client of the objects' cluster.
        resource: Resource of the workload.
        obj: The workload.
        to: The revision's number; 0 for the one before the current.

    Raises:
        UsageError: There is no such revision, or the Deployment is paused.
    """
    if (obj.get("spec") or {}).get("paused"):
        raise UsageError(f"{meta.name(obj)} is paused", hint="%krollout resume first, then undo")
    known = await revisions(client, obj)
    candidates = [each for each in known if each.number == to] if to else known[-2:-1]
    chosen = candidates[0] if candidates else None
    if chosen is None:
        limit = (obj.get("spec") or {}).get("revisionHistoryLimit")
        numbers = ", ".join(str(each.number) for each in known) or "none"
        raise UsageError(
            f"{meta.name(obj)} has no revision {to}" if to else f"{meta.name(obj)} has no revision before this one",
            hint=f"there are: {numbers} (revisionHistoryLimit {limit})",
        )
    name = meta.name(obj)
    if obj.get("kind") != "Deployment":
        return Change(resource, name, obj, chosen.holder.get("data"), "rolled back", "strategic")
    template = _template(chosen.holder)
    same = template == _template(obj)
    patch = None if same else [{"op": "replace", "path": "/spec/template", "value": template}]
    return Change(resource, name, obj, patch, "rolled back", "json")


def _template(obj: JSONObject) -> JSONObject:
    template: JSONObject = dict((obj.get("spec") or {}).get("template") or {})
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {key: value for key, value in (metadata.get("labels") or {}).items() if key != _HASH}
    return {**template, "metadata": metadata}
