"""Deletion: preconditions, grace, finalizers, propagation.

Source: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go and pkg/registry/rest/delete.go,
kubernetes v1.37.2.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kmagic.api.gvk import GroupResource
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.admission import plugins
from kmagic.sandbox.registry import strategies
from kmagic.sandbox.storage.store import Stored

if TYPE_CHECKING:
    from kmagic.sandbox.registry.objects import Objects
    from kmagic.sandbox.schema.resources import Resource

__all__ = ("FOREGROUND", "ORPHAN", "DeleteOptions", "Ending", "Preconditions", "check", "delete", "returns_object")

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class Preconditions(msgspec.Struct, rename="camel", frozen=True):
    """The conditions under which an object is deleted."""

    uid: str | None = None
    resource_version: str | None = None


class DeleteOptions(msgspec.Struct, rename="camel", frozen=True):
    """The options of a delete, from its body and query."""

    grace_period_seconds: int | None = None
    preconditions: Preconditions | None = None
    orphan_dependents: bool | None = None
    propagation_policy: str | None = None
    dry_run: list[str] | None = None


class Ending(NamedTuple):
    """The result of a deletion: the object's last state, and whether it is gone."""

    stored: Stored
    gone: bool


def delete(objects: Objects, resource: Resource, current: Stored, options: DeleteOptions) -> Ending:
    """Deletes an object, or begins to.

    An object stays while it has finalizers or grace. One whose grace is over is marked as deleted in a change of its
    own before it goes, as the real server does it.

    Raises:
        APIError: 409 when a precondition does not hold, 422 for a propagation policy that does not exist.
    """
    plugins.require_deletable(resource, current.name)
    check(resource, current, options)
    obj = current.decode()
    metadata = obj["metadata"]
    before = msgspec.json.encode(obj)
    _add_propagation(metadata, options)
    grace = _grace(resource, obj, options)
    waits = bool(metadata.get("finalizers")) or _holds_content(obj)
    if not waits and grace is None:
        return Ending(current if options.dry_run else _remove(objects, resource, current), gone=True)
    _mark(objects, resource, obj, grace)
    gone = not waits and grace == 0
    if options.dry_run:
        return Ending(Stored(resource.type.full_name, obj, current.revision), gone)
    stored = current
    if msgspec.json.encode(obj) != before:
        stored = objects.store.put(resource.type.full_name, obj)
        for notify in objects.on_write:
            notify(resource, current.decode(), obj)
    return Ending(_remove(objects, resource, stored), gone=True) if gone else Ending(stored, gone=False)


def _mark(objects: Objects, resource: Resource, obj: JSONObject, grace: int | None) -> None:
    """Marks the object as being deleted; a grace period that runs already can only become shorter."""
    metadata, seconds = obj["metadata"], grace or 0
    if "deletionTimestamp" not in metadata:
        metadata["deletionTimestamp"] = format_time(objects.wall() + timedelta(seconds=seconds))
        metadata["deletionGracePeriodSeconds"] = seconds
        if strategies.counts_generation(resource):
            metadata["generation"] = metadata.get("generation", 0) + 1
        if obj["kind"] == "Namespace":
            obj["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
    elif seconds < metadata.get("deletionGracePeriodSeconds", 0):
        metadata["deletionTimestamp"] = format_time(objects.wall() + timedelta(seconds=seconds))
        metadata["deletionGracePeriodSeconds"] = seconds


def returns_object(resource: Resource) -> bool:
    """Returns whether deleting an object of the resource answers the object, not a Status."""
    return resource.type.full_name in strategies.RETURNS_DELETED


def _remove(objects: Objects, resource: Resource, current: Stored) -> Stored:
    last = objects.store.delete(resource.type.full_name, current.namespace, current.name)
    for notify in objects.on_delete:
        notify(resource, current)
    return last or current


def check(resource: Resource, current: Stored, options: DeleteOptions) -> None:
    """Refuses a deletion whose preconditions do not hold.

    Raises:
        APIError: 409, or 422 for a propagation policy that does not exist.
    """
    wanted = options.preconditions or Preconditions()
    if wanted.uid and wanted.uid != current.uid:
        why = (
            f"the UID in the precondition ({wanted.uid}) does not match the UID in record ({current.uid}). The object "
            "might have been deleted and then recreated"
        )
        raise _failed_precondition(resource, current, why)
    if wanted.resource_version and wanted.resource_version != str(current.revision):
        why = (
            f"the ResourceVersion in the precondition ({wanted.resource_version}) does not match the ResourceVersion in "
            f"record ({current.revision}). The object might have been modified"
        )
        raise _failed_precondition(resource, current, why)
    if options.propagation_policy not in (None, "", "Orphan", "Background", "Foreground"):
        cause = status.Cause(
            "FieldValueNotSupported",
            "propagationPolicy",
            f'Unsupported value: "{options.propagation_policy}": supported values: "Background", "Foreground", "Orphan"',
        )
        raise status.invalid("DeleteOptions", "meta.k8s.io", "", [cause])


def _failed_precondition(resource: Resource, current: Stored, why: str) -> status.APIError:
    # This one answer names the kind, not the resource.
    return status.conflict(GroupResource(resource.type.group, resource.type.kind), current.name, why)


def _add_propagation(metadata: JSONObject, options: DeleteOptions) -> None:
    policy = options.propagation_policy
    if policy is None and options.orphan_dependents is not None:
        policy = "Orphan" if options.orphan_dependents else "Background"
    wanted = {"Foreground": FOREGROUND, "Orphan": ORPHAN}.get(policy or "")
    finalizers = [name for name in metadata.get("finalizers") or () if not policy or name not in (FOREGROUND, ORPHAN)]
    if wanted and wanted not in finalizers:
        finalizers.append(wanted)
    if finalizers:
        metadata["finalizers"] = finalizers
    else:
        metadata.pop("finalizers", None)


def _grace(resource: Resource, obj: JSONObject, options: DeleteOptions) -> int | None:
    """Seconds between the request and the end; only Pods that a node runs have any, and all but Pods have none at all."""
    if resource.type.full_name not in strategies.GRACEFUL:
        return None
    metadata, spec = obj["metadata"], obj.get("spec") or {}
    wanted = options.grace_period_seconds
    if wanted is not None and wanted < 0:
        wanted = 1
    if "deletionTimestamp" in metadata:
        running = int(metadata.get("deletionGracePeriodSeconds", 0))
        return running if wanted is None else min(wanted, running)
    if not spec.get("nodeName") or (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return 0
    return int(spec.get("terminationGracePeriodSeconds", 30)) if wanted is None else wanted


def _holds_content(obj: JSONObject) -> bool:
    return bool(obj["kind"] == "Namespace" and (obj.get("spec") or {}).get("finalizers"))
