"""The first objects of a sandbox: namespaces, nodes, roles, the kubernetes Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.access.roles import roles
from kmagic.sandbox.registry.objects import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.sandbox.registry.loopback import Loopback

__all__ = ("add_node", "seed")

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")


def seed(client: Loopback, nodes: int) -> None:
    """Fills a new client.

    Args:
        client: Client of an empty sandbox.
        nodes: Number of nodes.
    """
    for name in NAMESPACES:
        client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kube-apiserver")
    for body in (*roles(), *_classes(), _api_service()):
        client.create(body, manager="kube-apiserver")
    for number in range(1, nodes + 1):
        add_node(client, f"node-{number}", number)


def add_node(client: Loopback, name: str, number: int) -> None:
    """Adds a node that is ready."""
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"podCIDR": f"10.244.{number}.0/24", "podCIDRs": [f"10.244.{number}.0/24"]},
    }
    stored = client.create(node, manager="kubelet")
    resource = client.resource_of(node)
    body = stored.decode()
    body["status"] = _node_status(client, name, number)
    client.objects.replace(resource, stored, body, Options(manager="kubelet"), subresource="status")


def _node_status(client: Loopback, name: str, number: int) -> JSONObject:
    time = format_time(client.wall())
    pressures = {
        "MemoryPressure": ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        "DiskPressure": ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        "PIDPressure": ("KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    }
    conditions = [_condition(kind, "False", *words, time) for kind, words in pressures.items()]
    conditions.append(_condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", time))
    sizes = {"cpu": "8", "ephemeral-storage": "100Gi", "memory": "32Gi", "pods": "1000"}
    return {
        "addresses": [
            {"type": "InternalIP", "address": f"172.30.0.{number + 1}"},
            {"type": "Hostname", "address": name},
        ],
        "allocatable": sizes,
        "capacity": dict(sizes),
        "conditions": conditions,
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": "",
            "containerRuntimeVersion": "kmagic://sandbox",
            "kernelVersion": "6.12.0",
            "kubeProxyVersion": "",
            "kubeletVersion": "v1.37.2",
            "machineID": "",
            "operatingSystem": "linux",
            "osImage": "kmagic sandbox",
            "systemUUID": "",
        },
    }


def _condition(kind: str, state: str, reason: str, message: str, time: str) -> JSONObject:
    return {
        "type": kind,
        "status": state,
        "lastHeartbeatTime": time,
        "lastTransitionTime": time,
        "reason": reason,
        "message": message,
    }


def _classes() -> Iterator[JSONObject]:
    for name, value in (("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)):
        yield {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": value,
        }
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    metadata = {"name": "standard", "annotations": annotations}
    yield {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": metadata,
        "provisioner": "kmagic.dev/sandbox",
    }


def _api_service() -> JSONObject:
    labels = {"component": "apiserver", "provider": "kubernetes"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "spec": {
            "clusterIP": "10.96.0.1",
            "clusterIPs": ["10.96.0.1"],
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [{"name": "https", "port": 443, "targetPort": 6443}],
        },
    }
