"""Namespaces: empty them when they are deleted, and give new ones their service account and root certificate.

Source: pkg/controller/namespace, pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher,
kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("controller", "reconcile")

RETRY_SECONDS = 0.5
ROOT_CERTIFICATE = "kube-root-ca.crt"


def controller(certificate: str) -> base.Controller:
    """The controller of a server whose root certificate (PEM) every namespace gets."""
    follows = {"namespaces": base.itself, "serviceaccounts": _namespace_of, "configmaps": _root_only}
    return base.Controller("namespace-controller", follows, lambda client, key: reconcile(client, key, certificate))


def reconcile(client: Loopback, key: Key, certificate: str) -> float | None:
    """Gives a living namespace its first objects, empties a deleted one."""
    stored = client.store.get("namespaces", *key)
    if stored is None:
        return None
    namespace = stored.decode()
    if not namespace["metadata"].get("deletionTimestamp"):
        _equip(client, stored.name, certificate)
        return None
    left = _empty(client, stored.name)
    if left:
        base.update_status(client, stored, _terminating(client, namespace, left))
        return RETRY_SECONDS
    namespace["spec"]["finalizers"] = []
    current = base.update(client, stored, namespace)
    if client.store.get("namespaces", *key) is not None and not namespace["metadata"].get("finalizers"):
        base.delete(client, current)
    return None


def _equip(client: Loopback, name: str, certificate: str) -> None:
    if client.store.get("serviceaccounts", name, "default") is None:
        metadata = {"name": "default", "namespace": name}
        base.create(client, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    if client.store.get("configmaps", name, ROOT_CERTIFICATE) is None:
        annotation = {
            "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
            "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
            "guaranteed across distributions of Kubernetes clusters."
        }
        metadata_: JSONObject = {"name": ROOT_CERTIFICATE, "namespace": name, "annotations": annotation}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata_, "data": {"ca.crt": certificate}}
        base.create(client, body)


def _empty(client: Loopback, name: str) -> dict[str, int]:
    """Deletes everything inside; returns how many objects of which resource are still there."""
    left: dict[str, int] = {}
    for resource in tuple(client.catalog.stored()):
        if not resource.type.namespaced or "delete" not in resource.type.verbs:
            continue
        for stored in client.store.list(resource.type.full_name, name):
            if b'"deletionTimestamp"' not in stored.raw:
                base.delete(client, stored, propagation="Background")
        if count := client.store.count(resource.type.full_name, name):
            left[resource.type.full_name if resource.type.group else f"{resource.type.resource}."] = count
    return left


def _terminating(client: Loopback, namespace: JSONObject, left: dict[str, int]) -> JSONObject:
    words = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(left.items()))
    message = f"Some resources are remaining: {words}"
    old = (namespace.get("status") or {}).get("conditions") or ()
    known = next((c for c in old if c["type"] == "NamespaceContentRemaining"), None)
    time = known["lastTransitionTime"] if known else format_time(client.wall())
    condition = {
        "type": "NamespaceContentRemaining",
        "status": "True",
        "lastTransitionTime": time,
        "reason": "SomeResourcesRemain",
        "message": message,
    }
    return {"phase": "Terminating", "conditions": [condition]}


def _namespace_of(client: Loopback, stored: Stored) -> list[Key]:
    return [("", stored.namespace)]


def _root_only(client: Loopback, stored: Stored) -> list[Key]:
    return [("", stored.namespace)] if stored.name == ROOT_CERTIFICATE else []
