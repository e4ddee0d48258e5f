"""Services in front of objects that are there.

Source: k8s.io/kubectl/pkg/cmd/expose/expose.go, pkg/polymorphichelpers (canbeexposed.go, mapbasedselectorforobject.go,
portsforobject.go, protocolsforobject.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.magics.work.generators.parts import GeneratorError, head, labels_of, number_or_name, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("exposed",)

_WITH_TEMPLATE = ("Deployment", "ReplicaSet", "ReplicationController")


def exposed(
    obj: JSONObject,
    *,
    name: str = "",
    port: str = "",
    target_port: str = "",
    protocol: str = "",
    selector: str = "",
    labels: str = "",
    kind: str = "",
    cluster_ip: str = "",
    external_ip: str = "",
    load_balancer_ip: str = "",
    affinity: str = "",
) -> JSONObject:
    """A Service for an object; what is not said is taken from the object.

    Args:
        obj: A Pod, Service, Deployment, ReplicaSet or ReplicationController.
        name: "" for the object's.
        port: Numbers, joined by commas; "" for those of the object's containers.
        target_port: A number or name; "" for the same as `port`.
        protocol: Of every port.
        selector: ``app=web``.
        labels: Of the Service.
        kind: ``NodePort``, …
        cluster_ip: ``None`` for a headless one.
        external_ip: One more address.
        load_balancer_ip: Of a load balancer.
        affinity: ``None`` or ``ClientIP``.

    Raises:
        GeneratorError: It cannot be exposed, or says too little.
    """
    found = labels_of(selector) if selector else _selector(obj)
    known = _ports(obj)
    texts = port.split(",") if port else list(dict.fromkeys(str(number) for number, _ in known))
    if not texts and cluster_ip != "None":
        raise GeneratorError("couldn't find port via --port flag or introspection")
    own = labels_of(labels) if labels else dict(meta.labels(obj))
    if affinity not in ("", "None", "ClientIP"):
        raise GeneratorError(f"unknown session affinity: {affinity}")
    spec = {
        "clusterIP": cluster_ip,
        "externalIPs": [external_ip] if external_ip else None,
        "loadBalancerIP": load_balancer_ip if kind == "LoadBalancer" else None,
        "ports": _service_ports(texts, target_port, protocol, known),
        "selector": found,
        "sessionAffinity": affinity,
        "type": kind,
    }
    return {
        **head("v1", "Service", name or meta.name(obj)[:63], **without_empty({"labels": own})),
        "spec": without_empty(spec),
        "status": {"loadBalancer": {}},
    }


def _selector(obj: JSONObject) -> dict[str, str]:
    """The labels that the Pods behind an object have."""
    kind, spec = obj.get("kind"), obj.get("spec") or {}
    why = "couldn't retrieve selectors via --selector flag or introspection: "
    match kind:
        case "Pod":
            found: Mapping[str, str] = meta.labels(obj)
            missing = "the pod has no labels and cannot be exposed"
        case "Service":
            found, missing = spec.get("selector") or {}, "the service has no pod selector set"
        case "ReplicationController":
            found, missing = spec.get("selector") or {}, "the replication controller has no pod selector set"
        case _:
            selector = spec.get("selector") or {}
            if selector.get("matchExpressions"):
                raise GeneratorError(f"{why}couldn't convert expressions - to map-based selector format")
            found = selector.get("matchLabels") or {}
            missing = f"the {str(kind).lower()} has no pod selector set"
    if not found:
        raise GeneratorError(f"{why}{missing}")
    return dict(found)


def _ports(obj: JSONObject) -> list[tuple[int, str]]:
    """Ports and protocols of an object, in order."""
    spec = obj.get("spec") or {}
    if obj.get("kind") == "Service":
        return [(each["port"], each.get("protocol") or "TCP") for each in spec.get("ports") or ()]
    if obj.get("kind") in _WITH_TEMPLATE:
        spec = (spec.get("template") or {}).get("spec") or {}
    containers = [*(spec.get("containers") or ())]
    return [
        (each["containerPort"], each.get("protocol") or "TCP")
        for container in containers
        for each in container.get("ports") or ()
    ]


def _service_ports(texts: list[str], target: str, protocol: str, known: list[tuple[int, str]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at, text in enumerate(texts, 1):
        if not text.isdecimal():
            raise GeneratorError(f'strconv.Atoi: parsing "{text}": invalid syntax')
        number = int(text)
        name = f"port-{at}" if len(texts) > 1 else ""
        target_port = number_or_name(target) if target else number
        speaks = [] if protocol else [each for of, each in known if of == number]
        for each in speaks if len(speaks) > 1 else [protocol or (speaks[0] if speaks else "TCP")]:
            called = f"port-{at}-{each.lower()}" if len(speaks) > 1 else name
            found.append(
                {**without_empty({"name": called}), "port": number, "protocol": each, "targetPort": target_port}
            )
    return found
