"""Deletion: preconditions, grace, finalizers, propagation.

Source: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go and pkg/registry/rest/delete.go,
kubernetes v1.37.2.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from kmagic.api.gvk import GroupResource
from kmagic.api.types import JSONObject
from kmagic.sandbox import admission, status, strategies
from kmagic.sandbox.ages import rfc3339
from kmagic.sandbox.store import Stored

if TYPE_CHECKING:
    from kmagic.sandbox.objects import Objects
    from kmagic.sandbox.resources import Resource

__all__ = ("FOREGROUND", "ORPHAN", "DeleteOptions", "Preconditions", "delete", "returns_object")

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class Preconditions(msgspec.Struct, rename="camel", frozen=True):
    """What must be true of the object for it to be deleted."""

    uid: str | None = None
    resource_version: str | None = None


class DeleteOptions(msgspec.Struct, rename="camel", frozen=True):
    """The options of a delete, from its body and query."""

    grace_period_seconds: int | None = None
    preconditions: Preconditions | None = None
    orphan_dependents: bool | None = None
    propagation_policy: str | None = None
    dry_run: list[str] | None = None


def delete(objects: Objects, resource: Resource, current: Stored, options: DeleteOptions) -> Stored | None:
    """Delete an object, or begin to.

    Returns:
        The object while it is still there (finalizers, grace), None once it is gone.

    Raises:
        APIError: 409 when a precondition does not hold, 422 for a propagation policy that does not exist.
    """
    admission.require_deletable(resource, current.name)
    _check(resource, current, options)
    obj = current.decode()
    metadata = obj["metadata"]
    before = msgspec.json.encode(obj)
    _add_propagation(metadata, options)
    grace = _grace(resource, obj, options)
    waits = bool(metadata.get("finalizers")) or _holds_content(obj) or grace > 0
    if not waits:
        if not options.dry_run:
            _remove(objects, resource, current)
        return None
    if "deletionTimestamp" not in metadata:
        metadata["deletionTimestamp"] = rfc3339(objects.wall() + timedelta(seconds=grace))
        metadata["deletionGracePeriodSeconds"] = grace
        if strategies.counts_generation(resource):
            metadata["generation"] = metadata.get("generation", 0) + 1
        if obj["kind"] == "Namespace":
            obj["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
    elif grace < metadata.get("deletionGracePeriodSeconds", 0):
        metadata["deletionTimestamp"] = rfc3339(objects.wall() + timedelta(seconds=grace))
        metadata["deletionGracePeriodSeconds"] = grace
    if options.dry_run or msgspec.json.encode(obj) == before:
        return Stored(resource.type.full_name, obj, current.revision)
    stored = objects.store.put(resource.type.full_name, obj)
    for notify in objects.on_write:
        notify(resource, current.decode(), obj)
    return stored


def returns_object(resource: Resource) -> bool:
    """Whether deleting an object of the resource answers the object, not a Status."""
    return resource.type.full_name in strategies.RETURNS_DELETED


def _remove(objects: Objects, resource: Resource, current: Stored) -> None:
    objects.store.delete(resource.type.full_name, current.namespace, current.name)
    for notify in objects.on_delete:
        notify(resource, current)


def _check(resource: Resource, current: Stored, options: DeleteOptions) -> None:
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
    # this one answer names the kind, not the resource
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


def _grace(resource: Resource, obj: JSONObject, options: DeleteOptions) -> int:
    """Seconds between the request and the end; only Pods that a node runs have any."""
    if resource.type.full_name not in strategies.GRACEFUL:
        return 0
    spec, phase = obj.get("spec") or {}, (obj.get("status") or {}).get("phase")
    if not spec.get("nodeName") or phase in ("Succeeded", "Failed"):
        return 0
    if options.grace_period_seconds is not None:
        return max(0, options.grace_period_seconds)
    return int(spec.get("terminationGracePeriodSeconds", 30))


def _holds_content(obj: JSONObject) -> bool:
    return bool(obj["kind"] == "Namespace" and (obj.get("spec") or {}).get("finalizers"))
