"""The verbs of the API as functions that build requests.

Options that are empty are left out, booleans are sent as ``true``, lists repeat the key.

Source: k8s.io/client-go/gentype, k8s.io/client-go/dynamic (which verb is which HTTP request).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from kmagic.errors import ArgumentError
from kmagic.rest.request import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Query, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.options import ListOptions
    from kmagic.rest.resource import APIResource

__all__ = (
    "ACCEPT_JSON",
    "PATCH_TYPES",
    "DeleteOptions",
    "WriteOptions",
    "apply",
    "connect",
    "create",
    "delete",
    "delete_collection",
    "get",
    "list_",
    "patch",
    "raw",
    "update",
    "watch",
)

ACCEPT_JSON = "application/json"
PATCH_TYPES = {
    "json": JSON_PATCH,
    "merge": MERGE_PATCH,
    "strategic": STRATEGIC_PATCH,
    "apply": APPLY_PATCH,
}

# Signs that stand for themselves in JSON and not in YAML: go-yaml refuses some and takes others for line breaks.
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class WriteOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """The options of a write beside its object.

    Attributes:
        dry_run: The server validates and answers but keeps nothing.
        field_manager: The name under which the server records who set a field.
        field_validation: ``"Strict"``, ``"Warn"`` or ``"Ignore"`` unknown fields; "" for the server's default.
        force: Apply only: take fields that another manager owns.
    """

    dry_run: bool = False
    field_manager: str = ""
    field_validation: str = ""
    force: bool = False

    def query(self) -> Query:
        """The query parameters."""
        pairs: list[tuple[str, str]] = []
        if self.dry_run:
            pairs.append(("dryRun", "All"))
        if self.field_manager:
            pairs.append(("fieldManager", self.field_manager))
        if self.field_validation:
            pairs.append(("fieldValidation", self.field_validation))
        if self.force:
            pairs.append(("force", "true"))
        return tuple(pairs)


class DeleteOptions(msgspec.Struct, frozen=True):
    """The options of a deletion; they travel in the body.

    Attributes:
        propagation: ``"Foreground"``, ``"Background"``, ``"Orphan"``, or "" for the server's default.
        grace_seconds: Seconds the object may take to end; 0 at once; None for its own.
        uid: Delete only this very object, not one of the same name made since.
        resource_version: Delete only if it has not changed since.
    """

    propagation: str = ""
    grace_seconds: int | None = None
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False

    def body(self) -> bytes:
        """The DeleteOptions object as JSON."""
        options: dict[str, object] = {"kind": "DeleteOptions", "apiVersion": "v1"}
        if self.grace_seconds is not None:
            options["gracePeriodSeconds"] = self.grace_seconds
        preconditions = {"uid": self.uid, "resourceVersion": self.resource_version}
        if any(preconditions.values()):
            options["preconditions"] = {key: value for key, value in preconditions.items() if value}
        if self.propagation:
            options["propagationPolicy"] = self.propagation
        if self.dry_run:
            options["dryRun"] = ["All"]
        return msgspec.json.encode(options)


_WRITE = WriteOptions()
_DELETE = DeleteOptions()


def get(
    resource: APIResource,
    namespace: str | None,
    name: str,
    *,
    subresource: str = "",
    resource_version: str = "",
    query: Query = (),
    accept: str = ACCEPT_JSON,
) -> Request:
    """Reads one object, or one of its subresources."""
    _need_name(resource, namespace, name)
    version: Query = (("resourceVersion", resource_version),) if resource_version else ()
    return _request("GET", "get", resource, namespace, name, subresource, query=version + query, accept=accept)


def list_(resource: APIResource, namespace: str | None, options: ListOptions, *, accept: str = ACCEPT_JSON) -> Request:
    """Reads a collection, or one page of it; gzip is accepted because a list is one message."""
    return _request("GET", "list", resource, namespace, query=tuple(options.query()), accept=accept)


def watch(
    resource: APIResource,
    namespace: str | None,
    options: ListOptions,
    *,
    accept: str = ACCEPT_JSON,
    idle_timeout: float | None = None,
) -> Request:
    """Opens a watch on a collection.

    It asks for an uncompressed stream: kube-apiserver answers a compressed watch with several gzip members and
    decoders that stop after the first lose every later event.
    """
    request = _request("GET", "watch", resource, namespace, query=(*options.query(), ("watch", "true")), accept=accept)
    request = request.with_headers([("Accept-Encoding", "identity")])
    return msgspec.structs.replace(request, idle_timeout=idle_timeout)


def create(
    resource: APIResource,
    namespace: str | None,
    body: bytes,
    *,
    name: str = "",
    subresource: str = "",
    options: WriteOptions = _WRITE,
    accept: str = ACCEPT_JSON,
) -> Request:
    """Creates an object; with `name` and `subresource` posts to an object's subresource (eviction, binding, token)."""
    if resource.namespaced and not namespace:
        raise ArgumentError("an empty namespace may not be set during creation")
    if subresource and not name:
        raise ArgumentError("name is required")
    # The URL needs the parent's name only for a subresource; the new object's own name is in its body.
    at = name if subresource else ""
    request = _request(
        "POST", "create", resource, namespace, at, subresource, query=options.query(), body=body, accept=accept
    )
    return request if at else msgspec.structs.replace(request, name=name)


def update(
    resource: APIResource,
    namespace: str | None,
    name: str,
    body: bytes,
    *,
    subresource: str = "",
    options: WriteOptions = _WRITE,
    accept: str = ACCEPT_JSON,
) -> Request:
    """Replaces an object; a resourceVersion inside it makes the server refuse if it has changed since."""
    _need_name(resource, namespace, name)
    query = options.query()
    return _request("PUT", "update", resource, namespace, name, subresource, query=query, body=body, accept=accept)


def patch(
    resource: APIResource,
    namespace: str | None,
    name: str,
    body: bytes,
    *,
    type: str,  # noqa: A002  # the word of kubectl and of the facade
    subresource: str = "",
    options: WriteOptions = _WRITE,
    accept: str = ACCEPT_JSON,
) -> Request:
    """Changes an object by a patch of one of the `PATCH_TYPES`."""
    _need_name(resource, namespace, name)
    if type not in PATCH_TYPES:
        raise ArgumentError(f'unknown patch type "{type}": use one of {", ".join(PATCH_TYPES)}')
    request = _request(
        "PATCH",
        "apply" if type == "apply" else "patch",
        resource,
        namespace,
        name,
        subresource,
        query=options.query(),
        body=body,
        accept=accept,
    )
    return request.with_headers([("Content-Type", PATCH_TYPES[type])])


def apply(
    resource: APIResource,
    namespace: str | None,
    name: str,
    body: bytes,
    *,
    subresource: str = "",
    options: WriteOptions,
    accept: str = ACCEPT_JSON,
) -> Request:
    """Server-side apply: the fields in `body` become the field manager's, all others stay as they are."""
    if not options.field_manager:
        raise ArgumentError("apply needs a field manager: a name for who owns the applied fields")
    body = _as_yaml(body)
    return patch(resource, namespace, name, body, type="apply", subresource=subresource, options=options, accept=accept)


def _as_yaml(body: bytes) -> bytes:
    """JSON that means the same to a reader of YAML: the server takes an apply for YAML, which refuses or folds some signs."""
    if not body.startswith(b"{") or (body.isascii() and b"\x7f" not in body):
        return body
    text = body.decode(errors="surrogateescape")
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode(errors="surrogateescape")


def delete(resource: APIResource, namespace: str | None, name: str, options: DeleteOptions = _DELETE) -> Request:
    """Deletes one object."""
    _need_name(resource, namespace, name)
    return _request("DELETE", "delete", resource, namespace, name, query=_dry(options), body=options.body())


def delete_collection(
    resource: APIResource,
    namespace: str | None,
    selection: ListOptions,
    options: DeleteOptions = _DELETE,
) -> Request:
    """Deletes every object of a collection that `selection` matches."""
    query = (*selection.query(), *_dry(options))
    return _request("DELETE", "delete_collection", resource, namespace, query=query, body=options.body())


def connect(
    resource: APIResource, namespace: str | None, name: str, subresource: str, query: Sequence[tuple[str, str]]
) -> Request:
    """Opens a stream on an object's subresource: exec, attach, portforward, log."""
    _need_name(resource, namespace, name)
    return _request("GET", "connect", resource, namespace, name, subresource, query=tuple(query), accept="*/*")


def raw(method: str, path: str, *, query: Query = (), body: bytes | None = None, accept: str = ACCEPT_JSON) -> Request:
    """A request to any path of the server (``/version``, ``/openapi/v3``, ``/healthz``)."""
    headers: tuple[tuple[str, str], ...] = (("Accept", accept),)
    if body is not None:
        headers += (("Content-Type", ACCEPT_JSON),)
    return Request(method, path, query=query, headers=headers, body=body)


def _request(
    method: str,
    verb: str,
    resource: APIResource,
    namespace: str | None,
    name: str = "",
    subresource: str = "",
    *,
    query: Query = (),
    body: bytes | None = None,
    accept: str = ACCEPT_JSON,
) -> Request:
    headers: tuple[tuple[str, str], ...] = (("Accept", accept),)
    if body is not None:
        headers += (("Content-Type", ACCEPT_JSON),)
    return Request(
        method,
        resource.path(namespace, name, subresource),
        query=query,
        headers=headers,
        body=body,
        verb=verb,
        resource=resource.full_name,
        namespace=namespace if resource.namespaced else None,
        name=name,
        subresource=subresource,
    )


def _dry(options: DeleteOptions) -> Query:
    # Also in the query, so that a request shows by itself that it changes nothing.
    return (("dryRun", "All"),) if options.dry_run else ()


def _need_name(resource: APIResource, namespace: str | None, name: str) -> None:
    if not name:
        raise ArgumentError("name is required")
    if resource.namespaced and not namespace:
        raise ArgumentError("an empty namespace may not be set when a resource name is provided")
