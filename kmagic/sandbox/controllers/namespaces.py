"""Namespaces: empty them when they are deleted, and give new ones their service account and root certificate.

Source: pkg/controller/namespace, pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher,
kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base
from kmagic.sandbox.printers.ages import rfc3339

if TYPE_CHECKING:
    from kmagic.sandbox.cluster import Cluster
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.storage.store import Stored

__all__ = (
    "CONTROLLER",
    "reconcile",
)

RETRY_SECONDS = 0.5
ROOT_CERTIFICATE = "kube-root-ca.crt"


def reconcile(cluster: Cluster, key: Key) -> float | None:
    """Equip a living namespace, empty a deleted one."""
    stored = cluster.store.get("namespaces", *key)
    if stored is None:
        return None
    namespace = stored.decode()
    if not namespace["metadata"].get("deletionTimestamp"):
        _equip(cluster, stored.name)
        return None
    left = _empty(cluster, stored.name)
    if left:
        base.update_status(cluster, stored, _terminating(cluster, namespace, left))
        return RETRY_SECONDS
    namespace["spec"]["finalizers"] = []
    current = base.update(cluster, stored, namespace)
    if cluster.store.get("namespaces", *key) is not None and not namespace["metadata"].get("finalizers"):
        base.delete(cluster, current)
    return None


def _equip(cluster: Cluster, name: str) -> None:
    if cluster.store.get("serviceaccounts", name, "default") is None:
        metadata = {"name": "default", "namespace": name}
        base.create(cluster, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    if cluster.store.get("configmaps", name, ROOT_CERTIFICATE) is None:
        annotation = {
            "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
            "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
            "guaranteed across distributions of Kubernetes clusters."
        }
        metadata_: JSONObject = {"name": ROOT_CERTIFICATE, "namespace": name, "annotations": annotation}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata_, "data": {"ca.crt": cluster.certificate}}
        base.create(cluster, body)


def _empty(cluster: Cluster, name: str) -> dict[str, int]:
    """Delete everything inside; returns how many objects of which resource are still there."""
    left: dict[str, int] = {}
    for resource in tuple(cluster.catalog.stored()):
        if not resource.type.namespaced or "delete" not in resource.type.verbs:
            continue
        for stored in cluster.store.list(resource.type.full_name, name):
            if b'"deletionTimestamp"' not in stored.raw:
                base.delete(cluster, stored, propagation="Background")
        if count := cluster.store.count(resource.type.full_name, name):
            left[resource.type.full_name if resource.type.group else f"{resource.type.resource}."] = count
    return left


def _terminating(cluster: Cluster, namespace: JSONObject, left: dict[str, int]) -> JSONObject:
    words = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(left.items()))
    message = f"Some resources are remaining: {words}"
    old = (namespace.get("status") or {}).get("conditions") or ()
    known = next((c for c in old if c["type"] == "NamespaceContentRemaining"), None)
    time = known["lastTransitionTime"] if known else rfc3339(cluster.wall())
    condition = {
        "type": "NamespaceContentRemaining",
        "status": "True",
        "lastTransitionTime": time,
        "reason": "SomeResourcesRemain",
        "message": message,
    }
    return {"phase": "Terminating", "conditions": [condition]}


def _namespace_of(cluster: Cluster, stored: Stored) -> list[Key]:
    return [("", stored.namespace)]


CONTROLLER = base.Controller(
    "namespace-controller",
    {"namespaces": base.itself, "serviceaccounts": _namespace_of, "configmaps": lambda c, s: _root_only(c, s)},
    reconcile,
)


def _root_only(cluster: Cluster, stored: Stored) -> list[Key]:
    return [("", stored.namespace)] if stored.name == ROOT_CERTIFICATE else []
