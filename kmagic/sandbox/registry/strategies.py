"""The fields that the server sets or keeps by itself when an object of a kind is created or changed.

Source: the strategy.go files under pkg/registry, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmagic.sandbox.schema.resources import Resource

__all__ = (
    "GRACEFUL",
    "RETURNS_DELETED",
    "counts_generation",
    "has_status",
    "keep",
    "prepare_create",
    "prepare_update",
    "quality_class",
)


# Resources whose objects get a grace period before they go.
GRACEFUL = frozenset({"pods"})

# Resources whose delete answers the object instead of a Status.
RETURNS_DELETED = frozenset(
    {
        "csidrivers.storage.k8s.io",
        "csinodes.storage.k8s.io",
        "deviceclasses.resource.k8s.io",
        "persistentvolumeclaims",
        "persistentvolumes",
        "pods",
        "podtemplates",
        "resourceclaims.resource.k8s.io",
        "resourceclaimtemplates.resource.k8s.io",
        "resourcequotas",
        "resourceslices.resource.k8s.io",
        "serviceaccounts",
        "services",
        "storageclasses.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
        "volumeattributesclasses.storage.k8s.io",
    }
)

# Types of Services that have a port on every node.
NODE_PORTED = ("LoadBalancer", "NodePort")

GENERATIONS = frozenset(
    {
        "cronjobs.batch",
        "daemonsets.apps",
        "deployments.apps",
        "endpointslices.discovery.k8s.io",
        "flowschemas.flowcontrol.apiserver.k8s.io",
        "horizontalpodautoscalers.autoscaling",
        "ingressclasses.networking.k8s.io",
        "ingresses.networking.k8s.io",
        "jobs.batch",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "networkpolicies.networking.k8s.io",
        "poddisruptionbudgets.policy",
        "pods",
        "podtemplates",
        "priorityclasses.scheduling.k8s.io",
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
        "replicasets.apps",
        "replicationcontrollers",
        "statefulsets.apps",
        "validatingadmissionpolicies.admissionregistration.k8s.io",
        "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io",
    }
)


def counts_generation(resource: Resource) -> bool:
    """Returns whether ``metadata.generation`` counts the changes of what is wanted."""
    return resource.custom or resource.type.full_name in GENERATIONS


def has_status(resource: Resource) -> bool:
    """Returns whether status is written through its own subresource only."""
    return "status" in resource.parts


def prepare_create(resource: Resource, obj: JSONObject) -> None:
    """Gives a new object its first state, in place."""
    if has_status(resource):
        obj.pop("status", None)
    if not resource.custom and has_status(resource):
        obj["status"] = FIRST_STATUS.get(resource.type.full_name, dict)()
    if counts_generation(resource):
        obj["metadata"]["generation"] = 1
    else:
        obj["metadata"].pop("generation", None)
    prepare = CREATE.get(resource.type.full_name)
    if prepare:
        prepare(obj)


def prepare_update(resource: Resource, old: JSONObject, new: JSONObject, subresource: str) -> None:
    """Keeps the fields that this write may not change, and counts the generation, in place."""
    if subresource == "status":
        _keep_all_but_status(resource, old, new)
    elif has_status(resource):
        keep(old, new, "status")
    metadata = new["metadata"]
    keep(old["metadata"], metadata, "generation")
    follow = UPDATE.get(resource.type.full_name)
    if follow:
        follow(old, new)
    if counts_generation(resource) and _wanted(old) != _wanted(new):
        metadata["generation"] = old["metadata"].get("generation", 0) + 1


def _keep_all_but_status(resource: Resource, old: JSONObject, new: JSONObject) -> None:
    for name in set(old) | set(new):
        if name not in ("status", "metadata"):
            keep(old, new, name)
    if resource.custom:
        managed = new["metadata"].get("managedFields")
        new["metadata"] = dict(old["metadata"])
        if managed is not None:
            new["metadata"]["managedFields"] = managed
    else:
        for name in ("ownerReferences", "deletionTimestamp", "deletionGracePeriodSeconds"):
            keep(old["metadata"], new["metadata"], name)


def keep(old: JSONObject, new: JSONObject, name: str) -> None:
    """Sets ``new[name]`` to its value in ``old``, or removes it."""
    if name in old:
        new[name] = old[name]
    else:
        new.pop(name, None)


def _wanted(obj: JSONObject) -> JSONObject:
    return {key: value for key, value in obj.items() if key not in ("metadata", "status")}


def _pod(obj: JSONObject) -> None:
    obj["status"] = {"phase": "Pending", "qosClass": quality_class(obj["spec"])}


def quality_class(spec: JSONObject) -> str:
    """Guaranteed, Burstable or BestEffort, by requests and limits of cpu and memory."""
    requested, limited, guaranteed = False, False, True
    for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
        resources = container.get("resources") or {}
        requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
        for name in ("cpu", "memory"):
            requested |= name in requests
            limited |= name in limits
            guaranteed &= name in limits and requests.get(name, limits[name]) == limits[name]
    if not requested and not limited:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"


def _namespace(obj: JSONObject) -> None:
    obj["spec"] = {"finalizers": ["kubernetes"]}


def _job(obj: JSONObject) -> None:
    spec = obj["spec"]
    if spec.get("manualSelector"):
        return
    uid, name = obj["metadata"]["uid"], obj["metadata"]["name"]
    added = {"batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name}
    added |= {"controller-uid": uid, "job-name": name}
    spec["template"].setdefault("metadata", {}).setdefault("labels", {}).update(added)
    spec.setdefault("selector", {}).setdefault("matchLabels", {})["batch.kubernetes.io/controller-uid"] = uid


def _protect_claim(obj: JSONObject) -> None:
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if "kubernetes.io/pvc-protection" not in finalizers:
        finalizers.append("kubernetes.io/pvc-protection")


def _service_update(old: JSONObject, new: JSONObject) -> None:
    _keep_address(old, new)
    before, after = old["spec"], new["spec"]
    had_ports, has_ports = before.get("type") in NODE_PORTED, after.get("type") in NODE_PORTED
    ports, numbers = after.get("ports") or (), {p.get("name"): p.get("nodePort") for p in before.get("ports") or ()}
    if had_ports and has_ports:
        taken = {port.get("nodePort") for port in ports}
        for port in ports:
            known = numbers.get(port.get("name"))
            if not port.get("nodePort") and known and known not in taken:
                port["nodePort"] = known
    elif had_ports and {p.get("name"): p.get("nodePort") for p in ports} == numbers:
        for port in ports:
            port.pop("nodePort", None)
    if had_ports and not has_ports and not after.get("externalIPs"):
        _drop_same(before, after, "externalTrafficPolicy")
    if before.get("type") == "LoadBalancer" and after.get("type") != "LoadBalancer":
        for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"):
            _drop_same(before, after, name)


def _drop_same(old: JSONObject, new: JSONObject, name: str) -> None:
    if name in new and new[name] == old.get(name):
        del new[name]


def _keep_address(old: JSONObject, new: JSONObject) -> None:
    """A Service that says nothing of its address keeps it, and the old field for it leads the new one."""
    before, after = old["spec"], new["spec"]
    external = (before.get("type") == "ExternalName", after.get("type") == "ExternalName")
    same = before.get("clusterIPs") == after.get("clusterIPs")
    if external == (False, True) and same and before.get("clusterIP") == after.get("clusterIP"):
        for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            after.pop(name, None)
    if any(external):
        return
    if not after.get("clusterIP"):
        keep(before, after, "clusterIP")
    elif same and after["clusterIP"] != before.get("clusterIP"):
        after["clusterIPs"] = [after["clusterIP"]]
    for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if not after.get(name):
            keep(before, after, name)


FIRST_STATUS: Mapping[str, Callable[[], JSONObject]] = {
    "namespaces": lambda: {"phase": "Active"},
    "services": lambda: {"loadBalancer": {}},
    "ingresses.networking.k8s.io": lambda: {"loadBalancer": {}},
    "persistentvolumeclaims": lambda: {"phase": "Pending"},
    "persistentvolumes": lambda: {"phase": "Pending"},
    "replicasets.apps": lambda: {"replicas": 0},
    "replicationcontrollers": lambda: {"replicas": 0},
    "statefulsets.apps": lambda: {"replicas": 0, "availableReplicas": 0},
    "daemonsets.apps": lambda: {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    },
    "poddisruptionbudgets.policy": lambda: {
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    },
    "horizontalpodautoscalers.autoscaling": lambda: {"desiredReplicas": 0, "currentMetrics": None},
}

CREATE: Mapping[str, Callable[[JSONObject], None]] = {
    "jobs.batch": _job,
    "namespaces": _namespace,
    "persistentvolumeclaims": _protect_claim,
    "pods": _pod,
}

UPDATE: Mapping[str, Callable[[JSONObject, JSONObject], None]] = {"services": _service_update}
