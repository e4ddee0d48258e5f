"""The resource requests: a Target and a query become an answer.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers, kubernetes v1.37.2.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api import codec
from kmagic.sandbox import status
from kmagic.sandbox.endpoints import bodies, options, patching, subresources
from kmagic.sandbox.endpoints.negotiation import Accepted, Form, negotiate
from kmagic.sandbox.endpoints.responses import NO_PAGE, Reply
from kmagic.sandbox.endpoints.watch import WatchRequest, stream
from kmagic.sandbox.registry import deletion
from kmagic.sandbox.registry.conversion import convert
from kmagic.sandbox.storage.lists import ListRequest, list_page
from kmagic.sandbox.storage.selection import matcher
from kmagic.sandbox.storage.store import Stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmagic.sandbox.endpoints.api import API
    from kmagic.sandbox.endpoints.call import Call
    from kmagic.sandbox.endpoints.request_info import Target
    from kmagic.sandbox.registry.objects import Outcome
    from kmagic.sandbox.schema.resources import Resource

__all__ = ("handle",)

MIN_WATCH_SECONDS = 1_800
"""A watch without timeoutSeconds ends after 30 to 60 minutes, at random, so that clients do not all come back at once."""

REVIEWED = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
"""What the real server offers for reviews, which are in no table."""

SINGLE_VERBS = ("get", "watch", "update", "patch", "delete")
READING = ("list", "watch")
COLLECTION_VERBS = ("list", "watch", "create", "deletecollection")

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


def handle(api: API, call: Call) -> Reply:
    """Answers a request on a resource.

    Raises:
        APIError: The request is refused.
    """
    target = call.target
    resource = api.catalog.find(target.group, target.version, target.resource)
    if resource is None:
        if not api.catalog.has_version(target.group, target.version):
            return NO_PAGE
        raise status.path_not_found()
    if resource.custom:
        api.objects.store.begin(resource.type.full_name)
    if not _is_path_of(resource, target):
        if resource.custom:
            return NO_PAGE
        raise status.path_not_found()
    if resource.custom and target.verb == "update" and not target.name:
        raise status.bad_request("name must be provided")
    if target.subresource:
        return subresources.handle(api, resource, call)
    if target.verb not in resource.type.verbs or not _has_verb(resource, target):
        raise status.method_not_allowed()
    # before anything is written: what cannot be answered is not done
    negotiate(call.headers.get("accept", ""), watchable=target.verb in READING)
    return VERBS[target.verb](api, resource, call)


def _is_path_of(resource: Resource, target: Target) -> bool:
    """Returns whether objects of the resource have such a path: one is in a namespace or not, as its kind is."""
    if resource.type.namespaced:
        # all namespaces are only read; of custom resources there is no path for anything else
        everywhere = not target.name and (not resource.custom or target.verb in READING)
        return bool(target.namespace) or everywhere
    return not target.namespace or resource.type.full_name == "namespaces"


def _has_verb(resource: Resource, target: Target) -> bool:
    """Returns whether the verb belongs to such a path: of a collection or of one object; all namespaces are only read."""
    if target.name:
        return target.verb in SINGLE_VERBS
    if resource.type.namespaced and not target.namespace:
        return target.verb in READING or resource.type.verbs == ("create",)
    return target.verb in COLLECTION_VERBS


def _accepted(call: Call) -> Accepted:
    return negotiate(call.headers.get("accept", ""))


def _form_of(api: API, resource: Resource, call: Call, accepted: Accepted) -> Form:
    """The form in which the answer goes out."""
    include = call.query.get("includeObject") or "Metadata"
    return Form(resource, accepted.as_, api.formats.of(resource), include, api.objects.now)


def _single(api: API, resource: Resource, call: Call, stored: Stored, code: int = 200) -> Reply:
    accepted = _accepted(call)
    shown = convert(stored, resource)
    return _reply(_form_of(api, resource, call, accepted).one(shown), accepted, code)


def _reply(body: bytes, accepted: Accepted, code: int = 200) -> Reply:
    if accepted.yaml:
        body = codec.dump_yaml(msgspec.json.decode(body)).encode()
    return Reply(body, code=code, content_type=accepted.content_type)


def _get(api: API, resource: Resource, call: Call) -> Reply:
    stored = api.objects.get(resource, _namespace(resource, call.target), call.target.name)
    return _single(api, resource, call, stored)


def _namespace(resource: Resource, target: Target) -> str:
    # the namespace resource's own name stands where others have their namespace
    return target.namespace if resource.type.namespaced else ""


def _list(api: API, resource: Resource, call: Call) -> Reply:
    query = call.query
    if options.flag(query, "watch"):
        return _watch(api, resource, call)
    namespace = _namespace(resource, call.target)
    labels, fields = query.get("labelSelector", ""), query.get("fieldSelector", "")
    matches = matcher(resource, namespace, labels, fields, call.target.name)
    page = list_page(
        api.objects.store,
        ListRequest(
            resource=resource.type.full_name,
            matches=matches,
            selective=bool(labels or fields),
            namespace=namespace,
            limit=options.number(query, "limit"),
            continue_token=query.get("continue", ""),
            version=query.get("resourceVersion", ""),
            version_match=query.get("resourceVersionMatch", ""),
        ),
    )
    accepted = _accepted(call)
    items = [convert(item, resource) for item in page.items]
    return _reply(_form_of(api, resource, call, accepted).many(items, page.metadata), accepted)


def _watch(api: API, resource: Resource, call: Call) -> Reply:
    query = call.query
    namespace, name = _namespace(resource, call.target), call.target.name
    labels, fields = query.get("labelSelector", ""), query.get("fieldSelector", "")
    matches = matcher(resource, namespace, labels, fields, name)
    initial = _initial_events(query)
    version = query.get("resourceVersion", "")
    begins_now = initial if initial is not None else version in ("", "0")
    since: int | None = None
    if not begins_now and version not in ("", "0"):
        since = options.number(query, "resourceVersion")
    elif initial is False:
        since = api.objects.store.revision
    seconds = options.number(query, "timeoutSeconds") or MIN_WATCH_SECONDS * (1 + random.random())
    request = WatchRequest(
        resource=resource.type.full_name,
        matches=matches,
        since=since,
        initial=bool(initial) and options.flag(query, "allowWatchBookmarks"),
        bookmarks=options.flag(query, "allowWatchBookmarks"),
        timeout=float(seconds),
    )
    accepted = _accepted(call)
    form = _form_of(api, resource, call, accepted)
    lines = stream(api.objects.store, request, form, lambda stored: convert(stored, resource))
    return Reply(stream=lines, content_type="application/json")


def _initial_events(query: Mapping[str, str]) -> bool | None:
    """The sendInitialEvents parameter, checked as the real server checks it."""
    if "sendInitialEvents" not in query:
        if query.get("resourceVersionMatch"):
            raise _watch_invalid("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        return None
    if query.get("resourceVersionMatch") != "NotOlderThan":
        raise _watch_invalid(
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan", field="resourceVersionMatch"
        )
    wanted = options.flag(query, "sendInitialEvents")
    if wanted and not options.flag(query, "allowWatchBookmarks"):
        raise _watch_invalid(
            "sendInitialEvents requires setting allowWatchBookmarks to true", field="allowWatchBookmarks"
        )
    return wanted


def _watch_invalid(message: str, *, field: str = "resourceVersionMatch") -> status.APIError:
    cause = status.Cause("FieldValueForbidden", field, f"Forbidden: {message}")
    return status.invalid("ListOptions", "meta.k8s.io", "", [cause])


def _create(api: API, resource: Resource, call: Call) -> Reply:
    body = bodies.decode_body(call.body, call.content_type, resource.type.kind)
    review = api.reviews.get(resource.type.full_name)
    if review is not None:
        if negotiate(call.headers.get("accept", "")).as_ == "Table":
            raise status.not_acceptable(REVIEWED)
        body, _ = api.objects.read_body(resource, body, call.write_options())
        return Reply(encode(review(body, call.user)), code=201)
    namespace = _namespace(resource, call.target)
    outcome = api.objects.create(resource, namespace, body, call.write_options())
    return _written(api, resource, call, outcome)


def _update(api: API, resource: Resource, call: Call) -> Reply:
    body = bodies.decode_body(call.body, call.content_type, resource.type.kind)
    place = (_namespace(resource, call.target), call.target.name)
    outcome = api.objects.update(resource, *place, body, call.write_options())
    return _written(api, resource, call, outcome)


def _patch(api: API, resource: Resource, call: Call) -> Reply:
    place = (_namespace(resource, call.target), call.target.name)
    written = call.write_options()
    outcome = patching.patch(api.objects, resource, place, call.content_type, call.body, written)
    return _written(api, resource, call, outcome)


def _written(api: API, resource: Resource, call: Call, outcome: Outcome) -> Reply:
    reply = _single(api, resource, call, outcome.stored, 201 if outcome.created else 200)
    reply.warnings = outcome.warnings
    return reply


def _delete(api: API, resource: Resource, call: Call) -> Reply:
    place = (_namespace(resource, call.target), call.target.name)
    wanted = options.delete_options(call.query, call.body)
    current = api.objects.get(resource, *place)
    last, gone = deletion.delete(api.objects, resource, current, wanted)
    if not gone or deletion.returns_object(resource):
        return _single(api, resource, call, last)
    answer = status.success(name=current.name, group=resource.type.group, kind=resource.type.resource, uid=current.uid)
    return Reply(encode(answer))


def _delete_collection(api: API, resource: Resource, call: Call) -> Reply:
    query = call.query
    namespace = _namespace(resource, call.target)
    matches = matcher(resource, namespace, query.get("labelSelector", ""), query.get("fieldSelector", ""))
    wanted = options.delete_options(query, call.body)
    request = ListRequest(resource=resource.type.full_name, matches=matches, namespace=namespace)
    page = list_page(api.objects.store, request)
    for stored in page.items:
        deletion.delete(api.objects, resource, stored, wanted)
    items = [msgspec.Raw(stored.raw) for stored in page.items]
    body: dict[str, Any] = {"kind": resource.list_kind, "apiVersion": resource.type.api_version}
    return Reply(encode(body | {"metadata": page.metadata, "items": items}))


VERBS = {
    "get": _get,
    "list": _list,
    "watch": _watch,
    "create": _create,
    "update": _update,
    "patch": _patch,
    "delete": _delete,
    "deletecollection": _delete_collection,
}
