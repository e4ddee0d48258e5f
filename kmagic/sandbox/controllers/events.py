"""Events as controllers and the kubelet record them; the same event again raises its count.

Source: k8s.io/client-go/tools/record, kubernetes v1.37.2.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.status import APIError

if TYPE_CHECKING:
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("record",)

OWNED = (
    *("count", "firstTimestamp", "involvedObject", "lastTimestamp", "message", "reason"),
    *("reportingComponent", "reportingInstance", "type"),
)
MAX_EVENTS, SPARE = 2_000, 200
"""Events kept, and how many go at a time beyond that: the oldest first, as a real server drops them after an hour."""


def record(
    client: Loopback,
    obj: JSONObject,
    reason: str,
    message: str,
    *,
    component: str,
    warning: bool = False,
    host: str = "",
    field_path: str = "",
) -> None:
    """Records an event about an object, or counts one that exists: equal events have one name."""
    metadata = obj["metadata"]
    namespace = metadata.get("namespace") or "default"
    kind = "Warning" if warning else "Normal"
    time = format_time(client.wall())
    same = "\0".join((metadata["uid"], kind, reason, message, field_path))
    name = f"{metadata['name']}.{hashlib.sha256(same.encode()).hexdigest()[:16]}"
    stored = client.store.get("events", namespace, name)
    if stored is not None:
        _count(client, stored, time)
        return
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace, "managedFields": [_managed(component, host, time)]},
        "involvedObject": _reference(obj, field_path),
        "reason": reason,
        "message": message,
        "source": {"component": component} | ({"host": host} if host else {}),
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
        "type": kind,
        "reportingComponent": component,
        "reportingInstance": host,
    }
    # Of all objects most are events, and all of them are as they should be: they are written as they are.
    try:
        client.objects.insert(client.resource_of(body), namespace, body, Options(manager=component), managed=True)
    except APIError:
        return  # the namespace is going, and its events with it
    _trim(client)


def _managed(component: str, host: str, time: str) -> JSONObject:
    source: JSONObject = {"f:component": {}} | ({"f:host": {}} if host else {})
    return {
        "manager": component,
        "operation": "Update",
        "apiVersion": "v1",
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": {f"f:{name}": {} for name in OWNED} | {"f:source": source},
    }


def _count(client: Loopback, stored: Stored, time: str) -> None:
    event = stored.decode()
    event["count"] = event.get("count", 1) + 1
    event["lastTimestamp"] = time
    client.store.put("events", event)


def _reference(obj: JSONObject, field_path: str) -> JSONObject:
    metadata = obj["metadata"]
    reference = {
        "kind": obj["kind"],
        "apiVersion": obj["apiVersion"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "resourceVersion": metadata.get("resourceVersion", ""),
    }
    if metadata.get("namespace"):
        reference["namespace"] = metadata["namespace"]
    if field_path:
        reference["fieldPath"] = field_path
    return reference


def _trim(client: Loopback) -> None:
    if client.store.count("events") <= MAX_EVENTS + SPARE:
        return
    for stored in sorted(client.store.list("events"), key=lambda stored: stored.revision)[:SPARE]:
        client.store.delete("events", stored.namespace, stored.name)
