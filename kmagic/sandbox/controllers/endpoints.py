"""Endpoints and EndpointSlices: which ready Pods stand behind a Service.

Source: pkg/controller/endpoint, k8s.io/endpointslice, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base
from kmagic.sandbox.schema.well_known import LOAD_LABEL
from kmagic.sandbox.storage.names import generate_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = (
    "CONTROLLER",
    "reconcile",
)

SLICES = "endpointslices.discovery.k8s.io"
MANAGED = "endpointslice-controller.k8s.io"


def reconcile(client: Loopback, key: Key) -> float | None:
    """Writes the slice and the Endpoints of one Service."""
    stored = client.store.get("services", *key)
    if stored is None:
        return None
    service = stored.decode()
    selector = service["spec"].get("selector")
    if not selector or service["spec"].get("type") == "ExternalName":
        return None
    pods = [pod.decode() for pod in client.store.list("pods", key[0]) if selector.items() <= pod.labels.items()]
    shown = [pod for pod in pods if (pod.get("status") or {}).get("podIP") and _alive(pod)]
    _write_slice(client, service, shown)
    _write_endpoints(client, service, shown)
    return None


# A Pod that ended (Succeeded, Failed) or has no address is not listed at all. One that is not ready is listed as such.
# One that is being deleted stays in the slice as terminating: "serving" while it is ready, never "ready"; the older
# Endpoints leave it out.
# Source: ShouldPodBeInEndpoints and podToEndpoint in k8s.io/endpointslice, addEndpointSubset in pkg/controller/endpoint.
def _alive(pod: JSONObject) -> bool:
    return pod["status"].get("phase") not in ("Succeeded", "Failed")


def _serving(pod: JSONObject) -> bool:
    return base.is_ready(pod) and not pod["metadata"].get("deletionTimestamp")


def _ports(service: JSONObject, pods: list[JSONObject]) -> list[JSONObject]:
    found = []
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        number = target if isinstance(target, int) else _named_port(pods, target)
        if number is not None:
            found.append({"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")})
    return found


def _named_port(pods: list[JSONObject], name: str) -> int | None:
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for port in container.get("ports") or ():
                if port.get("name") == name:
                    return int(port["containerPort"])
    return None


def _target(pod: JSONObject) -> JSONObject:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def _endpoint(pod: JSONObject) -> JSONObject:
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {
            "ready": _serving(pod),
            "serving": base.is_ready(pod),
            "terminating": bool(pod["metadata"].get("deletionTimestamp")),
        },
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": _target(pod),
    }


def _write_slice(client: Loopback, service: JSONObject, pods: list[JSONObject]) -> None:
    metadata = service["metadata"]
    endpoints = [_endpoint(pod) for pod in pods]
    existing = list(base.children(client, metadata["uid"], SLICES))
    ports = _ports(service, pods)
    if existing:
        body = existing[0].decode()
        if body.get("endpoints", []) != endpoints or body.get("ports", []) != ports:
            body["endpoints"], body["ports"] = endpoints, ports
            base.update(client, existing[0], body)
        return
    labels = {"endpointslice.kubernetes.io/managed-by": MANAGED, "kubernetes.io/service-name": metadata["name"]}
    base.create(
        client,
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "generateName": f"{metadata['name']}-",
                "name": generate_name(f"{metadata['name']}-", client.rng),
                "namespace": metadata["namespace"],
                "labels": labels | (metadata.get("labels") or {}),
                "ownerReferences": [base.owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": ports,
        },
    )


def _write_endpoints(client: Loopback, service: JSONObject, pods: list[JSONObject]) -> None:
    metadata = service["metadata"]
    groups: dict[str, list[JSONObject]] = {"addresses": [], "notReadyAddresses": []}
    for pod in pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        address = {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}
        groups["addresses" if base.is_ready(pod) else "notReadyAddresses"].append(address)
    ports = [{key: value for key, value in port.items() if value != ""} for port in _ports(service, pods)]
    filled = {name: addresses for name, addresses in groups.items() if addresses}
    subsets = [filled | {"ports": ports}] if filled else []
    stored = client.store.get("endpoints", metadata["namespace"], metadata["name"])
    if stored is None:
        body = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "labels": metadata.get("labels") or {},
                "ownerReferences": [base.owner_reference(service)],
            },
            "subsets": subsets,
        }
        base.create(client, body)
        return
    body = stored.decode()
    if body.get("subsets", []) != subsets:
        body["subsets"] = subsets
        base.update(client, stored, body)


def _services_of(client: Loopback, stored: Stored) -> Iterable[Key]:
    if LOAD_LABEL in stored.labels:
        return
    for service in client.store.list("services", stored.namespace):
        selector = service.decode()["spec"].get("selector")
        if selector and selector.items() <= stored.labels.items():
            yield service.key


CONTROLLER = base.Controller("endpointslice-controller", {"services": base.itself, "pods": _services_of}, reconcile)
