"""Read access to an object's metadata, whether it is a plain dict, a model or a cache entry.

A cache entry carries its metadata as attributes of its own; a model has ``.metadata``; a dict has ``["metadata"]``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kmagic.api.times import instant

__all__ = (
    "LAST_APPLIED",
    "annotations",
    "compare_resource_versions",
    "controller_of",
    "created",
    "creation_timestamp",
    "deletion_timestamp",
    "finalizers",
    "generation",
    "labels",
    "managed_fields",
    "member",
    "name",
    "namespace",
    "owner_references",
    "owner_uids",
    "resource_version",
    "uid",
)


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl's client-side apply keeps the manifest."""

_MISSING = object()


def _field(obj: object, wire: str, attribute: str) -> Any:
    # The exact class and attributes first: asking for Mapping costs more than all the rest.
    if type(obj) is dict:
        head = obj.get("metadata")
    else:
        head = getattr(obj, "metadata", None)
        if head is None:
            value = getattr(obj, attribute, _MISSING)
            if value is not _MISSING or not isinstance(obj, Mapping):
                return None if value is _MISSING else value
            head = obj.get("metadata")
    return member(head, wire, attribute)


def member(holder: object, wire: str, attribute: str) -> Any:
    """A field of metadata or of an owner reference, by its wire name in a dict and as an attribute elsewhere."""
    if type(holder) is dict:
        return holder.get(wire)
    value = getattr(holder, attribute, _MISSING)
    if value is not _MISSING:
        return value
    return holder.get(wire) if isinstance(holder, Mapping) else None


def managed_fields(obj: object) -> Sequence[Any]:
    """``metadata.managedFields``, or ()."""
    return _field(obj, "managedFields", "managed_fields") or ()


def name(obj: object) -> str:
    """``metadata.name``, or ""."""
    return _field(obj, "name", "name") or ""


def namespace(obj: object) -> str:
    """``metadata.namespace``, or "" for a cluster-scoped object."""
    return _field(obj, "namespace", "namespace") or ""


def uid(obj: object) -> str:
    """``metadata.uid``, or ""."""
    return _field(obj, "uid", "uid") or ""


def resource_version(obj: object) -> str:
    """``metadata.resourceVersion``, or ""."""
    return _field(obj, "resourceVersion", "resource_version") or ""


def generation(obj: object) -> int:
    """``metadata.generation``, or 0."""
    return _field(obj, "generation", "generation") or 0


def labels(obj: object) -> Mapping[str, str]:
    """``metadata.labels``, or an empty mapping."""
    return _field(obj, "labels", "labels") or {}


def annotations(obj: object) -> Mapping[str, str]:
    """``metadata.annotations``, or an empty mapping."""
    return _field(obj, "annotations", "annotations") or {}


def finalizers(obj: object) -> Sequence[str]:
    """``metadata.finalizers``, or nothing."""
    return _field(obj, "finalizers", "finalizers") or ()


def creation_timestamp(obj: object) -> str:
    """``metadata.creationTimestamp`` as RFC 3339 text, or ""."""
    return _field(obj, "creationTimestamp", "creation_timestamp") or ""


def created(obj: object) -> datetime | None:
    """The moment in which an object came to be; None for one that no server made."""
    return instant(creation_timestamp(obj))


def deletion_timestamp(obj: object) -> str:
    """``metadata.deletionTimestamp`` as RFC 3339 text, or "" for an object that was not deleted."""
    return _field(obj, "deletionTimestamp", "deletion_timestamp") or ""


def owner_references(obj: object) -> Sequence[Any]:
    """``metadata.ownerReferences``: dicts of a dict, models of a model."""
    return _field(obj, "ownerReferences", "owner_references") or ()


def owner_uids(obj: object) -> Sequence[str]:
    """The uids of all owners."""
    return [member(reference, "uid", "uid") or "" for reference in owner_references(obj)]


def controller_of(obj: object) -> Any | None:
    """The owner reference with ``controller: true``, or None.

    Source: k8s.io/apimachinery/pkg/apis/meta/v1/controller_ref.go
    """
    for reference in owner_references(obj):
        if member(reference, "controller", "controller"):
            return reference
    return None


def compare_resource_versions(left: str, right: str) -> int:
    """Compares two resource versions of the same resource type: -1, 0 or 1.

    Raises:
        ValueError: One of them is not a decimal number.
    """
    a, b = int(left), int(right)
    return (a > b) - (a < b)
