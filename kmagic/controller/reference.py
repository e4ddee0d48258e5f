"""References to objects, as events and owner fields hold them.

Source: k8s.io/client-go/tools/reference/ref.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.types import JSONObject
from kmagic.errors import ArgumentError

__all__ = ("controller_reference", "object_reference")


@reads_objects
def object_reference(obj: object, *, field_path: str = "") -> JSONObject:
    """An ObjectReference to `obj`, a dict or a model.

    Args:
        obj: The object to refer to; a reference (kind, name, no metadata) is returned as it is.
        field_path: The part that is meant: ``spec.containers{web}``.

    Raises:
        ArgumentError: No object, or one that does not say its kind.
    """
    if obj is None:
        raise ArgumentError("can't reference a nil object")
    if isinstance(obj, Mapping) and "metadata" not in obj and obj.get("kind") and obj.get("name"):
        return dict(obj)
    kind, api_version = _type_of(obj)
    if not kind:
        raise ArgumentError(f"can't reference {meta.namespace(obj)}/{meta.name(obj)}: it does not say its kind")
    reference = {
        "kind": kind,
        "namespace": meta.namespace(obj),
        "name": meta.name(obj),
        "uid": meta.uid(obj),
        "apiVersion": api_version,
        "resourceVersion": meta.resource_version(obj),
        "fieldPath": field_path,
    }
    return {key: value for key, value in reference.items() if value}


@reads_objects
def controller_reference(owner: object) -> JSONObject:
    """The owner reference that makes `owner` the controller of another object; blocks the owner's deletion."""
    kind, api_version = _type_of(owner)
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": meta.name(owner),
        "uid": meta.uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _type_of(obj: object) -> tuple[str, str]:
    if isinstance(obj, Mapping):
        return str(obj.get("kind") or ""), str(obj.get("apiVersion") or "")
    return str(getattr(obj, "kind", "") or ""), str(getattr(obj, "api_version", "") or "")
