"""The verbs on objects: create, update, patch. Reading a body, defaults, validation, managed fields, conflicts.

One object of one resource at a time; lists are in ``lists``, deletion in ``deletion``, what a kind does differently in
``strategies``, ``defaults`` and ``validate``.

Source: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.gvk import GroupResource
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.fieldmanager import managed_fields
from kmagic.sandbox.registry import defaults, strategies
from kmagic.sandbox.schema import schemas
from kmagic.sandbox.storage.names import generate_name, new_uid
from kmagic.sandbox.storage.store import Stored
from kmagic.sandbox.validation import structural, validate

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from datetime import datetime

    from kmagic.sandbox.schema.crds import CustomSchemas
    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Store

__all__ = ("STALE", "Objects", "Options", "Outcome")


# Set by the server alone; what a client sends there is replaced by what is stored.
SYSTEM_METADATA = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
STALE = "the object has been modified; please apply your changes to the latest version and try again"


class Options(msgspec.Struct, frozen=True):
    """The options of a write, from the query.

    Attributes:
        field_validation: Ignore, Warn or Strict; the server's default is Warn.
        manager: The field manager's name.
    """

    dry_run: bool = False
    field_validation: str = "Warn"
    manager: str = "unknown"
    force: bool = False


class Outcome(msgspec.Struct):
    """The result of a write: the object, whether it is new, and warnings for the client."""

    stored: Stored
    created: bool = False
    warnings: list[str] = []  # msgspec copies the default


class Objects:
    """Writes objects to the store.

    Args:
        store: The store to write to.
        custom: The schemas of custom resources.
        wall: Gives the time of day, UTC.
        rng: For generated names and uids.
        admit: Completes a new object, or refuses it.
    """

    def __init__(
        self,
        store: Store,
        custom: CustomSchemas,
        *,
        wall: Callable[[], datetime],
        rng: random.Random,
        admit: Callable[[Resource, JSONObject], None],
    ) -> None:
        self.store = store
        self.wall = wall
        self.rng = rng
        self.custom = custom
        self._admit = admit
        self.on_write: list[Callable[[Resource, JSONObject | None, JSONObject], None]] = []
        self.on_delete: list[Callable[[Resource, Stored], None]] = []

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.wall().timestamp()

    def get(self, resource: Resource, namespace: str, name: str) -> Stored:
        """The stored object in the resource's version.

        Raises:
            APIError: 404.
        """
        stored = self.store.get(resource.type.full_name, namespace, name)
        if stored is None:
            raise status.not_found(resource.type.group_resource, name)
        return stored

    def read_body(self, resource: Resource, body: JSONObject, options: Options) -> tuple[JSONObject, list[str]]:
        """Reads an object by its schema; returns it cleaned, and the warnings about dropped fields.

        Raises:
            APIError: 400 for another kind, a value of the wrong type or, when Strict, an unknown field; 422 for a
                custom resource's value of the wrong type.
        """
        _check_kind(resource, body)
        schema = self.schema(resource)
        if schema is None:
            return body, []
        try:
            reading = schemas.read(body, schema, custom=resource.custom)
        except status.APIError as error:
            raise status.bad_request(_cannot_be_handled(resource, str(error))) from None
        unknown = [f'unknown field "{path}"' for path in reading.unknown]
        if unknown and options.field_validation == "Strict":
            raise status.bad_request(_cannot_be_handled(resource, f"strict decoding error: {', '.join(unknown)}"))
        metadata = reading.value.setdefault("metadata", {})
        if reading.wrong:
            name = metadata.get("name") or generate_name(metadata.get("generateName") or "", self.rng)
            causes = [*reading.wrong, *structural.causes(reading.value, schema)]
            raise status.invalid(resource.type.kind, resource.type.group, name, causes)
        return reading.value, unknown if options.field_validation == "Warn" else []

    def schema(self, resource: Resource) -> schemas.Schema | None:
        """The schema of a resource's objects."""
        if resource.custom:
            return self.custom.schema(resource)
        return schemas.find_definition(resource.type.group, resource.type.version, resource.type.kind)

    def create(self, resource: Resource, namespace: str, body: JSONObject, options: Options) -> Outcome:
        """Creates an object.

        Raises:
            APIError: 400, 403, 404 (namespace), 409 or 422.
        """
        obj, warnings = self.read_body(resource, body, options)
        return Outcome(self.insert(resource, namespace, obj, options), created=True, warnings=warnings)

    def insert(
        self, resource: Resource, namespace: str, obj: JSONObject, options: Options, *, managed: bool = False
    ) -> Stored:
        """Creates an object that has been read; ``managed`` says its managedFields are already right."""
        metadata = obj["metadata"]
        self._place(resource, metadata, namespace)
        self._name(resource, metadata)
        metadata["uid"] = new_uid(self.rng)
        metadata["creationTimestamp"] = format_time(self.wall())
        versioned = metadata.get("resourceVersion", "") not in ("", "0")
        for name in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
            metadata.pop(name, None)
        self._default(resource, obj)
        if not managed:
            # before admission: fields that the server adds have no owner
            managed_fields.track_update(None, obj, self.tracker(resource, options))
        strategies.prepare_create(resource, obj)
        self._admit(resource, obj)
        validate.validate_create(resource, obj, self.custom)
        if versioned and not managed:
            raise status.internal("resourceVersion should not be set on objects to be created")
        if self.store.get(resource.type.full_name, metadata.get("namespace", ""), metadata["name"]) is not None:
            raise status.already_exists(resource.type.group_resource, metadata["name"])
        return self._write(resource, None, obj, options)

    def update(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: JSONObject,
        options: Options,
        *,
        subresource: str = "",
    ) -> Outcome:
        """Replaces an object, or with ``subresource`` status its status.

        Raises:
            APIError: 400, 404, 409 or 422.
        """
        new, warnings = self.read_body(resource, body, options)
        metadata = new["metadata"]
        if metadata.setdefault("name", name) != name:
            raise status.bad_request(
                f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})"
            )
        self._place(resource, metadata, namespace, exists=True)
        current = self.get(resource, namespace, name)
        version = metadata.get("resourceVersion")
        if version and version != str(current.revision):
            raise status.conflict(resource.type.group_resource, name, STALE)
        stored = self.replace(resource, current, new, options, subresource=subresource)
        return Outcome(stored, warnings=warnings)

    def replace(
        self,
        resource: Resource,
        current: Stored,
        new: JSONObject,
        options: Options,
        *,
        subresource: str = "",
        managed: bool = False,
    ) -> Stored:
        """Writes a new state over ``current``; writes nothing when nothing changed."""
        old = current.decode()
        metadata = new["metadata"]
        uid = metadata.get("uid")
        if uid and uid != current.uid:
            raise status.other_uid(resource.type.group_resource, current.name, wanted=uid, found=current.uid)
        for name in SYSTEM_METADATA:
            strategies.keep(old["metadata"], metadata, name)
        metadata["resourceVersion"] = old["metadata"]["resourceVersion"]
        self._default(resource, new)
        strategies.prepare_update(resource, old, new, subresource)
        validate.validate_update(resource, old, new, self.custom)
        if not managed:
            managed_fields.track_update(old, new, self.tracker(resource, options, subresource))
        if managed_fields.same_object(old, new):
            return current
        return self._write(resource, old, new, options)

    def tracker(self, resource: Resource, options: Options, subresource: str = "") -> managed_fields.Tracker:
        """Returns the facts of this write for its managed fields."""
        return managed_fields.Tracker(
            schema=self.schema(resource),
            api_version=resource.type.api_version,
            manager=options.manager,
            subresource=subresource,
            time=format_time(self.wall()),
            custom=resource.custom,
        )

    def _write(self, resource: Resource, old: JSONObject | None, obj: JSONObject, options: Options) -> Stored:
        if options.dry_run:
            return Stored(resource.type.full_name, obj, self.store.revision)
        metadata = obj["metadata"]
        ended = metadata.get("deletionTimestamp") and not metadata.get("finalizers")
        if old is not None and ended and not metadata.get("deletionGracePeriodSeconds") and not _finalizing(obj):
            # the last finalizer went: this write is the deletion
            self.store.put(resource.type.full_name, obj)
            last = self.store.delete(resource.type.full_name, metadata.get("namespace", ""), metadata["name"])
            for gone in self.on_delete:
                gone(resource, last or Stored(resource.type.full_name, obj, self.store.revision))
            return last or Stored(resource.type.full_name, obj, self.store.revision)
        stored = self.store.put(resource.type.full_name, obj)
        for notify in self.on_write:
            notify(resource, old, obj)
        return stored

    def _default(self, resource: Resource, obj: JSONObject) -> None:
        if resource.custom:
            self.custom.default(resource, obj)
        else:
            defaults.apply_defaults(obj)

    def _place(self, resource: Resource, metadata: JSONObject, namespace: str, *, exists: bool = False) -> None:
        if not resource.type.namespaced:
            metadata.pop("namespace", None)
            return
        if metadata.setdefault("namespace", namespace) != namespace:
            raise status.bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        if exists:
            return
        found = self.store.get("namespaces", "", namespace)
        if found is None:
            raise status.not_found(GroupResource("", "namespaces"), namespace)
        if b'"deletionTimestamp"' in found.raw:
            raise _terminating(resource, metadata, namespace)

    def _name(self, resource: Resource, metadata: JSONObject) -> None:
        if metadata.get("name"):
            return
        base = metadata.get("generateName")
        if not base:
            cause = status.Cause(
                "FieldValueRequired", "metadata.name", "Required value: name or generateName is required"
            )
            raise status.invalid(resource.type.kind, resource.type.group, "", [cause])
        metadata["name"] = generate_name(base, self.rng)


def _finalizing(obj: JSONObject) -> bool:
    return bool(obj["kind"] == "Namespace" and (obj.get("spec") or {}).get("finalizers"))


def _terminating(resource: Resource, metadata: JSONObject, namespace: str) -> status.APIError:
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    error = status.forbidden(resource.type.group_resource, metadata.get("name", ""), why)
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    error.details["causes"] = [cause]
    return error


def _check_kind(resource: Resource, body: JSONObject) -> None:
    kind, api_version = body.get("kind"), body.get("apiVersion")
    if resource.custom and api_version and not kind:
        raise status.bad_request(f"Object 'Kind' is missing in '{msgspec.json.encode(body).decode()}'")
    kind = kind or resource.type.kind
    api_version = api_version or resource.type.api_version
    body["kind"], body["apiVersion"] = kind, api_version
    if (kind, api_version) == (resource.type.kind, resource.type.api_version):
        return
    group, _, version = api_version.rpartition("/")
    if not resource.custom and schemas.definition_name(group, version, kind) is None:
        why = status.no_kind(kind, api_version)
    elif kind != resource.type.kind:
        target = f"{resource.type.group.partition('.')[0] or 'core'}.{resource.type.kind}"
        why = f"converting ({version}.{kind}) to ({target}): unknown conversion"
    else:
        expected = f"does not match the expected API version ({resource.type.api_version})"
        raise status.bad_request(f"the API version in the data ({api_version}) {expected}")
    raise status.bad_request(f'{kind} in version "{version}" cannot be handled as a {resource.type.kind}: {why}')


def _cannot_be_handled(resource: Resource, why: str) -> str:
    return (
        f'{resource.type.kind} in version "{resource.type.version}" cannot be handled as a {resource.type.kind}: {why}'
    )
