"""The apply verb: a configuration becomes a new object, or a new state of the one that is there.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher), kubernetes v1.37.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.fieldmanager.apply import merge_applied, own_applied
from kmagic.sandbox.fieldmanager.fieldpath import UNKNOWN
from kmagic.sandbox.registry.objects import STALE, Objects, Options, Outcome
from kmagic.sandbox.schema.schemas import read

if TYPE_CHECKING:
    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.schema.schemas import Schema

__all__ = ("apply",)


def apply(
    objects: Objects,
    resource: Resource,
    place: tuple[str, str],
    configuration: JSONObject,
    options: Options,
    *,
    subresource: str = "",
) -> Outcome:
    """Applies a configuration to the object at ``place``, creating it when it is not there.

    Raises:
        APIError: 409 naming every conflict and its manager, 500 for a field that is not in the schema.
    """
    namespace, name = place
    tracker = objects.tracker(resource, options, subresource)
    if not configuration.get("kind") or not configuration.get("apiVersion"):
        group, _, version = str(configuration.get("apiVersion") or "").rpartition("/")
        raise status.bad_request(f"invalid object type: {group}/{version}, Kind={configuration.get('kind') or ''}")
    _require_known(resource, configuration, tracker.schema or UNKNOWN)
    _check(resource, configuration, name, namespace)
    current = objects.store.get(resource.type.full_name, namespace, name)
    if current is None:
        if subresource:
            raise status.not_found(resource.type.group_resource, name)
        if uid := configuration["metadata"].get("uid"):
            why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            raise status.conflict(resource.type.group_resource, name, why)
        obj, warnings = objects.read_body(resource, configuration, options)
        own_applied(obj, configuration, tracker)
        stored = objects.insert(resource, namespace, obj, options, managed=True)
        return Outcome(stored, created=True, warnings=warnings)
    merged = merge_applied(current.decode(), configuration, tracker, force=options.force)
    version = configuration["metadata"].get("resourceVersion")
    if version and version != str(current.revision):
        raise status.conflict(resource.type.group_resource, name, STALE)
    uid = configuration["metadata"].get("uid")
    if uid and uid != current.uid:
        cause = status.Cause("FieldValueInvalid", "metadata.uid", f'Invalid value: "{uid}": field is immutable')
        raise status.invalid(resource.type.kind, resource.type.group, name, [cause])
    new, warnings = objects.read_body(resource, merged, options)
    stored = objects.replace(resource, current, new, options, subresource=subresource, managed=True)
    return Outcome(stored, warnings=warnings)


def _check(resource: Resource, configuration: JSONObject, name: str, namespace: str) -> None:
    metadata = configuration.setdefault("metadata", {})
    if metadata.get("managedFields"):
        raise status.bad_request("metadata.managedFields must be nil")
    if configuration.get("apiVersion") != resource.type.api_version or configuration.get("kind") != resource.type.kind:
        raise status.bad_request(
            f"the API version and kind in the data ({configuration.get('apiVersion')}, {configuration.get('kind')}) do "
            f"not match the expected ones ({resource.type.api_version}, {resource.type.kind})"
        )
    if metadata.setdefault("name", name) != name:
        raise status.bad_request(
            f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})"
        )
    if resource.type.namespaced and metadata.setdefault("namespace", namespace) != namespace:
        raise status.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def _require_known(resource: Resource, configuration: JSONObject, schema: Schema) -> None:
    reading = read(configuration, schema, custom=resource.custom)
    if not reading.unknown:
        return
    metadata = configuration.get("metadata") or {}
    where = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
    what = f"{resource.type.api_version}, Kind={resource.type.kind}"
    words = [f".{path}: field not declared in schema" for path in reading.unknown]
    listed = words[0] if len(words) == 1 else "errors:\n" + "\n".join(f"  {word}" for word in words)
    raise status.internal(f"failed to create typed patch object ({where}; {what}): {listed}")
