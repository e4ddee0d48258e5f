"""Events as controllers and the kubelet record them; the same event again raises its count.

Source: k8s.io/client-go/tools/record, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.printers.ages import rfc3339
from kmagic.sandbox.status import APIError
from kmagic.sandbox.storage.names import safe_suffix

if TYPE_CHECKING:
    from kmagic.sandbox.cluster import Cluster
    from kmagic.sandbox.storage.store import Stored

__all__ = ("record",)

MAX_EVENTS = 2_000
"""Events kept; the oldest go first, as a real server drops them after an hour."""


def record(
    cluster: Cluster,
    obj: JSONObject,
    reason: str,
    message: str,
    *,
    component: str,
    warning: bool = False,
    host: str = "",
    field_path: str = "",
) -> None:
    """Record an event about an object, or count one that is there."""
    metadata = obj["metadata"]
    namespace = metadata.get("namespace") or "default"
    kind = "Warning" if warning else "Normal"
    time = rfc3339(cluster.wall())
    seen = (metadata["uid"], kind, reason, message, field_path)
    name = cluster.recorded.get(seen)
    stored = cluster.store.get("events", namespace, name) if name else None
    if stored is not None:
        _count(cluster, stored, time)
        return
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name']}.{safe_suffix(cluster.rng, 16)}", "namespace": namespace},
        "involvedObject": _reference(obj, field_path),
        "reason": reason,
        "message": message,
        "source": {"component": component} | ({"host": host} if host else {}),
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
        "type": kind,
        "eventTime": None,
        "reportingComponent": component,
        "reportingInstance": host,
    }
    try:
        cluster.recorded[seen] = cluster.create(body, manager=component).name
    except APIError:
        return  # the namespace is going: nobody will read it
    _trim(cluster)


def _count(cluster: Cluster, stored: Stored, time: str) -> None:
    event = stored.decode()
    event["count"] = event.get("count", 1) + 1
    event["lastTimestamp"] = time
    cluster.store.put("events", event)


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


def _trim(cluster: Cluster) -> None:
    while len(cluster.recorded) > MAX_EVENTS:
        seen = next(iter(cluster.recorded))
        name = cluster.recorded.pop(seen)
        for stored in cluster.store.list("events"):
            if stored.name == name:
                cluster.store.delete("events", stored.namespace, stored.name)
