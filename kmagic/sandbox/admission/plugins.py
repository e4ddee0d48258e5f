"""The admission plugins: additions to a new object on its way in, or the reason why it is refused.

Service accounts and their token volume, tolerations and priority of Pods, addresses and node ports of Services, limit
ranges, quotas.

Source: plugin/pkg/admission and pkg/registry/core/service, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.gvk import GroupResource
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.admission import quotas
from kmagic.sandbox.storage.names import safe_suffix

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from kmagic.sandbox.schema.resources import Catalog, Resource
    from kmagic.sandbox.storage.store import Store

__all__ = ("PROTECTED_NAMESPACES", "Admission", "require_deletable")

PROTECTED_NAMESPACES = ("default", "kube-system", "kube-public")
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # a path
TOKEN_SECONDS = 3_607
EVICTION_SECONDS = 300
CLASSES = "priorityclasses.scheduling.k8s.io"
FIRST_NODE_PORT, LAST_NODE_PORT = 30_000, 32_767


class Admission:
    """The plugins in their order.

    Args:
        store: The existing objects.
        catalog: The resources that quotas count.
        rng: For addresses, ports and names.
    """

    def __init__(self, store: Store, catalog: Catalog, rng: random.Random) -> None:
        self._store = store
        self._catalog = catalog
        self._rng = rng

    def admit_create(self, resource: Resource, obj: JSONObject) -> None:
        """Completes a new object in place.

        Raises:
            APIError: 403 when a policy or quota forbids it, 422 for an address that is taken.
        """
        if resource.type.full_name == "pods":
            _service_account(self._store, self._rng, obj)
            _priority(self._store, obj)
            _tolerations(obj["spec"])
            quotas.apply_limit_ranges(self._store, obj)
        elif resource.type.full_name == "services":
            _addresses(self._store, self._rng, obj)
        elif resource.type.full_name == "persistentvolumeclaims":
            _storage_class(self._store, obj)
        if resource.type.namespaced:
            quotas.require_quota(self._store, self._catalog, resource, obj)


def require_deletable(resource: Resource, name: str) -> None:
    """Refuses the deletion of a protected object.

    Raises:
        APIError: 403 for a namespace the cluster needs.
    """
    if resource.type.full_name == "namespaces" and name in PROTECTED_NAMESPACES:
        raise status.forbidden(GroupResource("", "namespaces"), name, "this namespace may not be deleted")


def _service_account(store: Store, rng: random.Random, pod: JSONObject) -> None:
    spec, namespace = pod["spec"], pod["metadata"]["namespace"]
    name = spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = name
    account = store.get("serviceaccounts", namespace, name)
    if account is None:
        if name != "default":
            why = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
            raise status.forbidden(GroupResource("", "pods"), pod["metadata"]["name"], why)
        mounts = True  # the controller makes it in a moment; a Pod should not have to wait for that
    else:
        mounts = account.decode().get("automountServiceAccountToken", True)
    if not spec.get("automountServiceAccountToken", mounts):
        return
    names = [volume.get("name", "") for volume in spec.get("volumes") or ()]
    existing = next((n for n in names if n.startswith("kube-api-access-")), None)
    volume = existing or f"kube-api-access-{safe_suffix(rng)}"
    mounted = False
    for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
        if all(mount.get("mountPath") != TOKEN_PATH for mount in container.get("volumeMounts") or ()):
            mount = {"name": volume, "readOnly": True, "mountPath": TOKEN_PATH}
            container.setdefault("volumeMounts", []).append(mount)
            mounted = True
    if mounted and not existing:
        spec.setdefault("volumes", []).append(_token_volume(volume))


def _token_volume(name: str) -> JSONObject:
    reference = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": reference}]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 0o644}}


def _priority(store: Store, pod: JSONObject) -> None:
    spec = pod["spec"]
    name = spec.get("priorityClassName")
    if not name:
        spec.setdefault("priority", 0)
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
        return
    found = store.get(CLASSES, "", name)
    if found is None:
        raise status.forbidden(
            GroupResource("", "pods"), pod["metadata"]["name"], f"no PriorityClass with name {name} was found"
        )
    chosen = found.decode()
    spec["priority"] = chosen["value"]
    spec["preemptionPolicy"] = chosen.get("preemptionPolicy", "PreemptLowerPriority")


def _tolerations(spec: JSONObject) -> None:
    tolerations = spec.setdefault("tolerations", [])
    for condition in ("not-ready", "unreachable"):
        key = f"node.kubernetes.io/{condition}"
        if not _tolerates(tolerations, key):
            tolerations.append(
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": EVICTION_SECONDS}
            )


def _tolerates(tolerations: Iterable[JSONObject], key: str) -> bool:
    return any(
        toleration.get("key") in (None, "", key) and toleration.get("effect") in (None, "", "NoExecute")
        for toleration in tolerations
        if toleration.get("key") or toleration.get("operator") == "Exists"
    )


def _addresses(store: Store, rng: random.Random, service: JSONObject) -> None:
    spec = service["spec"]
    kind = spec.get("type", "ClusterIP")
    if kind == "ExternalName":
        return
    spec["ipFamilies"] = ["IPv4"]
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    address = spec.get("clusterIP")
    if address in (None, ""):
        spec["clusterIP"] = address = _free_address(store, rng)
    elif address != "None" and address in _used(store):
        shown = f'["{address}"]'
        message = f"Invalid value: {shown}: failed to allocate IP {address}: provided IP is already allocated"
        cause = status.Cause("FieldValueInvalid", "spec.clusterIPs", message)
        raise status.invalid("Service", "", service["metadata"]["name"], [cause])
    spec["clusterIPs"] = [address]
    if kind in ("NodePort", "LoadBalancer"):
        _node_ports(store, rng, spec)


def _used(store: Store) -> set[str]:
    return {stored.decode()["spec"].get("clusterIP", "") for stored in store.list("services")}


def _free_address(store: Store, rng: random.Random) -> str:
    used = _used(store)
    while True:
        address = f"10.96.{rng.randrange(1, 255)}.{rng.randrange(1, 255)}"
        if address not in used:
            return address


def _node_ports(store: Store, rng: random.Random, spec: JSONObject) -> None:
    used = {
        port.get("nodePort") for stored in store.list("services") for port in stored.decode()["spec"].get("ports") or ()
    }
    for port in spec.get("ports") or ():
        while not port.get("nodePort"):
            number = rng.randrange(FIRST_NODE_PORT, LAST_NODE_PORT + 1)
            if number not in used:
                port["nodePort"] = number
                used.add(number)


def _storage_class(store: Store, claim: JSONObject) -> None:
    if "storageClassName" in claim["spec"]:
        return
    for stored in store.list("storageclasses.storage.k8s.io"):
        if stored.annotations.get("storageclass.kubernetes.io/is-default-class") == "true":
            claim["spec"]["storageClassName"] = stored.name
