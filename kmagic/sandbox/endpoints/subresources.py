"""Parts of objects with paths of their own: status, scale, log, binding, eviction, token, finalize, approval.

Source: pkg/registry/core/pod/rest, pkg/registry/apps, pkg/registry/core/serviceaccount/storage, kubernetes v1.37.2.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.gvk import GroupResource
from kmagic.api.paths import get_path
from kmagic.api.times import format_time, parse_time
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.controllers.claiming import selector_of
from kmagic.sandbox.endpoints import bodies, options, patching
from kmagic.sandbox.endpoints.negotiation import Form, negotiate
from kmagic.sandbox.endpoints.responses import Reply
from kmagic.sandbox.kubelet.logs import LogQuery
from kmagic.sandbox.printers.table import builtin_format
from kmagic.sandbox.registry import deletion, eviction
from kmagic.sandbox.registry.binding import bind
from kmagic.sandbox.registry.conversion import convert
from kmagic.sandbox.schema import schemas
from kmagic.sandbox.storage.store import Stored

if TYPE_CHECKING:
    from kmagic.sandbox.endpoints.api import API
    from kmagic.sandbox.endpoints.call import Call
    from kmagic.sandbox.printers.table import TableFormat
    from kmagic.sandbox.schema.resources import Resource, Subresource

__all__ = ("handle",)

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
PARTS_OF_STATUS = ("status", "approval", "finalize", "ephemeralcontainers", "resize")
ANSWERED = ("scale", "binding", "eviction", "token", *PARTS_OF_STATUS)
"""Parts that answer an object; the others answer streams."""

_SCALE = "scales.autoscaling"


def handle(api: API, resource: Resource, call: Call) -> Reply:
    """Answers a request on a subresource.

    Raises:
        APIError: The request is refused.
    """
    target = call.target
    part = resource.parts.get(target.subresource)
    if part is None:
        raise status.path_not_found()
    if target.verb not in part.verbs:
        raise status.method_not_allowed()
    if target.subresource in ANSWERED:
        negotiate(call.headers.get("accept", ""))
    current = api.objects.get(resource, target.namespace if resource.type.namespaced else "", target.name)
    match target.subresource:
        case "scale":
            return _scale(api, resource, current, call, part)
        case "log":
            return _log(api, current, call)
        case "binding":
            return _bind(api, resource, current, call, part)
        case "eviction":
            return _evict(api, resource, current, call, part)
        case "token":
            return _token(api, current, call, part)
        case name if name in PARTS_OF_STATUS:
            return _part(api, resource, current, call, part)
    raise status.not_implemented(f"the sandbox does not simulate {target.resource}/{target.subresource}")


def _part(api: API, resource: Resource, current: Stored, call: Call, part: Subresource) -> Reply:
    """Status, and the other parts that are a different way to write the object itself."""
    written = call.write_options()
    name = "status" if call.target.subresource in ("status", "approval") else call.target.subresource
    if call.target.verb == "get":
        return _read_as(api, resource, call, api.formats.of(resource), convert(current, resource))
    if call.target.verb == "patch":
        place = (current.namespace, current.name)
        outcome = patching.patch(api.objects, resource, place, call.content_type, call.body, written, subresource=name)
    else:
        body = bodies.decode_body(call.body, call.content_type, part.kind)
        outcome = api.objects.update(resource, current.namespace, current.name, body, written, subresource=name)
    return Reply(outcome.stored.raw, warnings=outcome.warnings)


def _scale(api: API, resource: Resource, current: Stored, call: Call, part: Subresource) -> Reply:
    scale = _scale_of(api, resource, current)
    if call.target.verb == "get":
        return _read_as(api, resource, call, builtin_format(_SCALE), Stored(_SCALE, scale, current.revision))
    if call.target.verb == "patch":
        changed = patching.patch_plain(scale, call.content_type, call.body)
    else:
        changed = bodies.decode_body(call.body, call.content_type, part.kind)
    replicas = _scale_read(changed)["spec"].get("replicas", 0)
    head = changed.get("metadata") or {}
    uid = head.get("uid")
    if uid and uid != current.uid:
        # The storage looks at the uid of an update, built-in kinds at that of a patch, custom ones at none.
        what = resource.type.group_resource
        if call.target.verb == "patch":
            what = GroupResource(what.group, f"{what.resource}/scale")
        if call.target.verb == "update" or not resource.custom:
            raise status.other_uid(what, current.name, wanted=uid, found=current.uid)
    version = head.get("resourceVersion")
    if version and version != str(current.revision):
        why = "the object has been modified; please apply your changes to the latest version and try again"
        raise status.conflict(resource.type.group_resource, current.name, why)
    if replicas < 0:
        cause = status.Cause(
            "FieldValueInvalid", "spec.replicas", f"Invalid value: {replicas}: must be greater than or equal to 0"
        )
        raise status.invalid("Scale", "autoscaling", current.name, [cause])
    obj = current.decode()
    _set(obj, api.custom.scale_paths(resource)["specReplicasPath"], replicas)
    written = call.write_options()
    stored = api.objects.replace(resource, current, obj, written, subresource="scale")
    return Reply(encode(_scale_of(api, resource, stored)))


def _scale_read(changed: JSONObject) -> JSONObject:
    """The Scale of a request as its schema reads it.

    Raises:
        APIError: 400 for a value of the wrong type.
    """
    schema = schemas.find_definition("autoscaling", "v1", "Scale")
    assert schema is not None
    try:
        read = schemas.read(changed, schema).value
    except status.APIError as error:
        raise status.bad_request(f'Scale in version "v1" cannot be handled as a Scale: {error}') from error
    return {**read, "spec": read.get("spec") or {}}


def _read_as(api: API, resource: Resource, call: Call, table: TableFormat, stored: Stored) -> Reply:
    """The answer to a GET, as an object or as a Table, as the request asks for."""
    accepted = negotiate(call.headers.get("accept", ""))
    include = call.query.get("includeObject") or "Metadata"
    return Reply(Form(resource, accepted.as_, table, include, api.objects.now).one(stored))


def _scale_of(api: API, resource: Resource, stored: Stored) -> JSONObject:
    obj = stored.decode()
    paths = api.custom.scale_paths(resource)
    metadata = {"name": stored.name, "uid": stored.uid, "resourceVersion": str(stored.revision)}
    if stored.namespace:
        metadata["namespace"] = stored.namespace
    metadata["creationTimestamp"] = obj["metadata"].get("creationTimestamp")
    state: JSONObject = {"replicas": get_path(obj, paths["statusReplicasPath"]) or 0}
    if resource.custom:
        text = get_path(obj, paths["labelSelectorPath"]) if paths.get("labelSelectorPath") else ""
    else:
        text = str(selector_of(obj))
    if text:
        state["selector"] = text
    spec = {"replicas": replicas} if (replicas := get_path(obj, paths["specReplicasPath"])) else {}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": state}


def _set(obj: JSONObject, path: str, value: Any) -> None:
    *parents, last = path.removeprefix(".").split(".")
    for part in parents:
        obj = obj.setdefault(part, {})
    obj[last] = value


def _log(api: API, current: Stored, call: Call) -> Reply:
    pod = current.decode()
    container = _container(pod, call.query.get("container", ""))
    query = call.query
    since = 0.0
    if query.get("sinceSeconds"):
        since = api.objects.now() - options.number(query, "sinceSeconds")
    elif query.get("sinceTime"):
        since = parse_time(query["sinceTime"]).timestamp()
    wanted = LogQuery(
        tail=options.number(query, "tailLines") if query.get("tailLines") else None,
        since=since,
        timestamps=options.flag(query, "timestamps"),
        previous=options.flag(query, "previous"),
        limit_bytes=options.number(query, "limitBytes") or None,
    )
    if not pod["spec"].get("nodeName"):  # as the real one: nobody has a log of it yet
        return Reply(b"", content_type="text/plain")
    if wanted.previous and not api.logs.has_previous(current.uid, container):
        raise status.bad_request(f'previous terminated container "{container}" in pod "{current.name}" not found')
    _require_started(pod, container)
    if options.flag(query, "follow"):
        return Reply(stream=api.logs.follow(current.uid, container, wanted), content_type="text/plain")
    return Reply(api.logs.read(current.uid, container, wanted), content_type="text/plain")


def _container(pod: JSONObject, name: str) -> str:
    spec = pod["spec"]
    containers = [c["name"] for c in spec.get("containers") or ()]
    initial = [c["name"] for c in spec.get("initContainers") or ()]
    if name:
        if name not in containers + initial:
            raise status.bad_request(f"container {name} is not valid for pod {pod['metadata']['name']}")
        return name
    if len(containers) == 1 and not initial:
        return str(containers[0])
    annotated = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    if annotated in containers:
        return str(annotated)
    if len(containers) == 1:
        return str(containers[0])
    choices = f"choose one of: [{' '.join(containers)}]"
    if initial:
        choices += f" or one of the init containers: [{' '.join(initial)}]"
    raise status.bad_request(f"a container name must be specified for pod {pod['metadata']['name']}, {choices}")


def _require_started(pod: JSONObject, container: str) -> None:
    name = pod["metadata"]["name"]
    states = pod.get("status") or {}
    known = (*(states.get("containerStatuses") or ()), *(states.get("initContainerStatuses") or ()))
    found = next((c for c in known if c["name"] == container), None)
    waiting = ((found or {}).get("state") or {}).get("waiting")
    if waiting and not (found or {}).get("restartCount"):
        why = waiting.get("reason", "")
        text = "trying and failing to pull image" if why in ("ErrImagePull", "ImagePullBackOff") else why
        raise status.bad_request(f'container "{container}" in pod "{name}" is waiting to start: {text}')


def _bind(api: API, resource: Resource, current: Stored, call: Call, part: Subresource) -> Reply:
    body = bodies.decode_body(call.body, call.content_type, part.kind)
    bind(api.objects, resource, current, body["target"]["name"], call.write_options())
    return Reply(
        encode({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}), code=201
    )


def _evict(api: API, resource: Resource, current: Stored, call: Call, part: Subresource) -> Reply:
    body = bodies.decode_body(call.body, call.content_type, part.kind)
    if ((body.get("metadata") or {}).get("name") or "") != current.name:
        raise status.bad_request("name in URL does not match name in Eviction object")
    options = msgspec.convert(body.get("deleteOptions") or {}, deletion.DeleteOptions)
    if call.write_options().dry_run:
        options = msgspec.structs.replace(options, dry_run=["All"])
    answer = eviction.evict(api.objects, resource, current, options)
    head = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "code": 201}
    return Reply(encode(head | answer), code=answer.get("code", 201))


def _token(api: API, current: Stored, call: Call, part: Subresource) -> Reply:
    body = bodies.decode_body(call.body, call.content_type, part.kind)
    seconds = (body.get("spec") or {}).get("expirationSeconds", 3600)
    token = secrets.token_urlsafe(32)
    name = f"system:serviceaccount:{current.namespace}:{current.name}"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{current.namespace}")
    api.authenticator.add(token, User(name, groups, current.uid))
    expires = format_time(api.objects.wall() + timedelta(seconds=seconds))
    answer = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {
            "name": current.name,
            "namespace": current.namespace,
            "creationTimestamp": format_time(api.objects.wall()),
        },
        "spec": {"audiences": ["https://kubernetes.default.svc"], "expirationSeconds": seconds, "boundObjectRef": None},
        "status": {"token": token, "expirationTimestamp": expires},
    }
    return Reply(encode(answer), code=201)
