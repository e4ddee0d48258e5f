"""Namespaces: empty them when they are deleted, and give new ones their service account and root certificate.

Source: pkg/controller/namespace, pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher,
kubernetes v1.37.2.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kmagic.api.conditions import condition_of
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base

if TYPE_CHECKING:
    from collections.abc import Sequence

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


# The conditions of a namespace that goes, about what always succeeds here.
FINE = (
    (
        "NamespaceDeletionDiscoveryFailure",
        "False",
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ),
    (
        "NamespaceDeletionGroupVersionParsingFailure",
        "False",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    (
        "NamespaceDeletionContentFailure",
        "False",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)


def reconcile(client: Loopback, key: Key, certificate: str) -> float | None:
    """Gives a living namespace its first objects, empties a deleted one."""
    stored = client.store.get("namespaces", *key)
    if stored is None:
        return None
    namespace = stored.decode()
    if not namespace["metadata"].get("deletionTimestamp"):
        _equip(client, stored.name, certificate)
        return None
    # Pods go first, before what they may need; while they do, the real server does not tell of them.
    pods = _delete_all(client, client.store.list("pods", stored.name))
    left = [] if pods else _empty(client, stored.name)
    if pods or left:
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


def _empty(client: Loopback, name: str) -> list[Stored]:
    """Deletes everything inside; returns what is still there."""
    left: list[Stored] = []
    for resource in tuple(client.catalog.stored()):
        if resource.type.namespaced and "delete" in resource.type.verbs:
            left += _delete_all(client, client.store.list(resource.type.full_name, name))
    return left


def _delete_all(client: Loopback, found: Sequence[Stored]) -> list[Stored]:
    for stored in found:
        if b'"deletionTimestamp"' not in stored.raw:
            base.delete(client, stored, propagation="Background")
    current = (client.store.get(stored.resource, *stored.key) for stored in found)
    return [stored for stored in current if stored is not None]


def _terminating(client: Loopback, namespace: JSONObject, left: list[Stored]) -> JSONObject:
    time = format_time(client.wall())
    told = [*FINE, _content(left), _finalizers(left)]
    return {"phase": "Terminating", "conditions": [_condition(namespace, *words, time) for words in told]}


def _content(left: list[Stored]) -> tuple[str, str, str, str]:
    """The words of the condition that says what is still there."""
    kind = "NamespaceContentRemaining"
    if not left:
        return kind, "False", "ContentRemoved", "All content successfully removed"
    counts = Counter(each.resource if "." in each.resource else f"{each.resource}." for each in left)
    words = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(counts.items()))
    return kind, "True", "SomeResourcesRemain", f"Some resources are remaining: {words}"


def _finalizers(left: list[Stored]) -> tuple[str, str, str, str]:
    """The words of the condition that says which finalizers keep it."""
    kind = "NamespaceFinalizersRemaining"
    counts = Counter(name for each in left for name in each.decode()["metadata"].get("finalizers") or ())
    if not counts:
        return kind, "False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"
    words = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(counts.items()))
    why = f"Some content in the namespace has finalizers remaining: {words}"
    return kind, "True", "SomeFinalizersRemain", why


def _condition(namespace: JSONObject, kind: str, value: str, reason: str, message: str, time: str) -> JSONObject:
    old = condition_of(namespace, kind)
    return {
        "type": kind,
        "status": value,
        "lastTransitionTime": old["lastTransitionTime"] if old.get("status") == value else time,
        "reason": reason,
        "message": message,
    }


def _namespace_of(client: Loopback, stored: Stored) -> list[Key]:
    return [("", stored.namespace)]


def _root_only(client: Loopback, stored: Stored) -> list[Key]:
    return [("", stored.namespace)] if stored.name == ROOT_CERTIFICATE else []
