"""Resource quotas and limit ranges: what a namespace may use, and what its containers get when they say nothing.

Source: plugin/pkg/admission/limitranger, staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota,
pkg/quota/v1/evaluator/core, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.gvk import GroupResource
from kmagic.api.quantity import Quantity
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.admission import quota_scopes
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from kmagic.sandbox.schema.resources import Catalog, Resource
    from kmagic.sandbox.storage.store import Store

__all__ = ("apply_limit_ranges", "require_quota", "usage")

# Resources that a quota names without ``count/``.
COUNTED = (
    "pods",
    "services",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "resourcequotas",
)


def apply_limit_ranges(store: Store, pod: JSONObject) -> None:
    """Gives containers the namespace's default requests and limits.

    Raises:
        APIError: 403 when a container asks for more than the maximum or less than the minimum.
    """
    for stored in store.list("limitranges", pod["metadata"]["namespace"]):
        for limit in stored.decode()["spec"].get("limits") or ():
            if limit.get("type") == "Container":
                for container in pod["spec"].get("containers") or ():
                    _limit(pod, container, limit)


def _limit(pod: JSONObject, container: JSONObject, limit: JSONObject) -> None:
    resources = container.setdefault("resources", {})
    for field, source in (("limits", "default"), ("requests", "defaultRequest")):
        for name, quantity in (limit.get(source) or {}).items():
            resources.setdefault(field, {}).setdefault(name, quantity)
    for name, bound in (limit.get("max") or {}).items():
        given = (resources.get("limits") or {}).get(name)
        if given is not None and Quantity(bound) < Quantity(given):
            why = f"maximum {name} usage per Container is {bound}, but limit is {given}"
            raise status.forbidden(GroupResource("", "pods"), pod["metadata"]["name"], why)
    for name, bound in (limit.get("min") or {}).items():
        given = (resources.get("requests") or {}).get(name)
        if given is not None and Quantity(given) < Quantity(bound):
            why = f"minimum {name} usage per Container is {bound}, but request is {given}"
            raise status.forbidden(GroupResource("", "pods"), pod["metadata"]["name"], why)


def require_quota(store: Store, catalog: Catalog, resource: Resource, obj: JSONObject) -> None:
    """Refuses a new object beyond the namespace's quotas.

    Raises:
        APIError: 403 naming what was asked for, used and limited.
    """
    namespace = obj["metadata"]["namespace"]
    quotas = store.list("resourcequotas", namespace)
    if not quotas:
        return
    asked = _use_of(resource.type.full_name, obj)
    for stored in quotas:
        spec = stored.decode()["spec"]
        if not quota_scopes.counts(spec, resource.type.full_name, obj):
            continue
        hard, used = spec.get("hard") or {}, usage(store, catalog, namespace, spec)
        missing = [name for name in hard if resource.type.full_name == "pods" and _computes(name) and name not in asked]
        if missing:
            why = f"failed quota: {stored.name}: must specify {_listed(missing)}"
            raise status.forbidden(resource.type.group_resource, obj["metadata"]["name"], why)
        over = [name for name in hard if name in asked and Quantity(hard[name]) < used[name] + asked[name]]
        if over:
            words = (
                ",".join(f"{name}={asked[name]}" for name in sorted(over)),
                ",".join(f"{name}={used[name]}" for name in sorted(over)),
                ",".join(f"{name}={hard[name]}" for name in sorted(over)),
            )
            why = f"exceeded quota: {stored.name}, requested: {words[0]}, used: {words[1]}, limited: {words[2]}"
            raise status.forbidden(resource.type.group_resource, obj["metadata"]["name"], why)


def usage(store: Store, catalog: Catalog, namespace: str, spec: JSONObject) -> dict[str, Quantity]:
    """Returns what a quota's spec counts in a namespace, by quota name; names that nothing uses are zero."""
    total: dict[str, Quantity] = _Zero()
    for resource in catalog.stored():
        for stored in store.list(resource.type.full_name, namespace) if resource.type.namespaced else ():
            if LOAD_LABEL in stored.labels:
                continue
            obj = stored.decode()
            if not quota_scopes.counts(spec, resource.type.full_name, obj):
                continue
            if (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed") and resource.type.full_name == "pods":
                total["count/pods"] = total["count/pods"] + Quantity("1")
                continue
            for name, quantity in _use_of(resource.type.full_name, obj).items():
                total[name] = total[name] + quantity
    return total


class _Zero(dict[str, Quantity]):
    def __missing__(self, key: str) -> Quantity:
        return Quantity("0")


def _use_of(key: str, obj: JSONObject) -> dict[str, Quantity]:
    one = Quantity("1")
    found: dict[str, Quantity] = {f"count/{key}": one}
    if key in COUNTED:
        found[key] = one
    if key == "pods":
        for container in obj["spec"].get("containers") or ():
            resources = container.get("resources") or {}
            for kind in ("requests", "limits"):
                for name, quantity in (resources.get(kind) or {}).items():
                    for quota in (f"{kind}.{name}", *([name] if kind == "requests" else [])):
                        found[quota] = found.get(quota, Quantity("0")) + Quantity(str(quantity))
    elif key == "services":
        kind = obj["spec"].get("type")
        if kind in ("NodePort", "LoadBalancer"):
            found["services.nodeports"] = Quantity(str(len(obj["spec"].get("ports") or ())))
        if kind == "LoadBalancer":
            found["services.loadbalancers"] = one
    elif key == "persistentvolumeclaims":
        storage = ((obj["spec"].get("resources") or {}).get("requests") or {}).get("storage")
        if storage:
            found["requests.storage"] = Quantity(str(storage))
    return found


def _computes(name: str) -> bool:
    return name in ("cpu", "memory") or name.startswith(("requests.cpu", "requests.memory", "limits."))


def _listed(names: list[str]) -> str:
    return "; ".join(f"{name} for: containers" for name in sorted(names))
