"""ConfigMaps, Secrets, claims on storage and quotas.

Source: pkg/apis/core/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from kmagic.api.quantity import Quantity
from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import duplicate, forbidden, quantity, required, unsupported, wrong
from kmagic.sandbox.validation.rules.containers import STANDARD
from kmagic.sandbox.validation.rules.labels import config_key, dns_subdomain, label_key, selector

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("claim", "claim_change", "config_map", "limit_range", "quota", "sealed_change", "secret", "secret_change")

MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
SEALED = "field is immutable when `immutable` is set"
JSON_SECRETS = {
    "kubernetes.io/dockercfg": ".dockercfg",
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
}
KEYS_OF_SECRETS: dict[str, tuple[str, ...]] = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
BASIC = ("username", "password")
ACCOUNT = "kubernetes.io/service-account.name"
COUNTED = (
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
)
COMPUTED = ("cpu", "memory", "ephemeral-storage")
QUOTAS = frozenset(
    {*COUNTED, *COMPUTED, "requests.storage"}
    | {f"{kind}.{name}" for kind in ("requests", "limits") for name in COMPUTED}
)
SCOPES = (
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
)
CLAIM_RULE = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"


def config_map(obj: JSONObject) -> Iterator[Cause]:
    """A ConfigMap."""
    binary = obj.get("binaryData") or {}
    for key in obj.get("data") or {}:
        yield from config_key(f"data[{key}]", key)
        if key in binary:
            yield wrong(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binary:
        yield from config_key(f"binaryData[{key}]", key)


def secret(obj: JSONObject) -> Iterator[Cause]:
    """A Secret: its keys, and those its type asks for."""
    data, kind = obj.get("data") or {}, obj.get("type", "")
    for key in data:
        yield from config_key(f"data[{key}]", key)
    for key in KEYS_OF_SECRETS.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")
    if kind == "kubernetes.io/basic-auth" and not any(key in data for key in BASIC):
        for key in BASIC:
            yield required(f"data[{key}]")
    if kind == "kubernetes.io/service-account-token" and not (obj["metadata"].get("annotations") or {}).get(ACCOUNT):
        yield required(f"metadata.annotations[{ACCOUNT}]")
    if kind in JSON_SECRETS:
        yield from _json_secret(data, JSON_SECRETS[kind])


def _json_secret(data: JSONObject, key: str) -> Iterator[Cause]:
    if key not in data:
        yield required(f"data[{key}]")
        return
    text = base64.b64decode(data[key])
    try:
        whole = isinstance(json.loads(text), dict)
    except ValueError:
        whole = False
    if not whole:  # Go's words for a text that ends too early; others are close to this
        yield wrong(f"data[{key}]", "<secret contents redacted>", "unexpected end of JSON input")


def secret_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """Yields the forbidden changes of a Secret: of its type, and all once it is immutable."""
    if old.get("type") != new.get("type"):
        yield wrong("type", new.get("type", ""), "field is immutable")
    yield from sealed_change(old, new)


def sealed_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """Yields the forbidden changes of an immutable ConfigMap or Secret."""
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", SEALED)
    for name in ("data", "binaryData"):
        if (old.get(name) or {}) != (new.get(name) or {}):
            yield forbidden(name, SEALED)


def claim(obj: JSONObject) -> Iterator[Cause]:
    """A PersistentVolumeClaim."""
    spec = obj.get("spec") or {}
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required("spec.accessModes", "at least 1 access mode is required")
    yield from selector("spec.selector", spec.get("selector"))
    for mode in modes:
        if mode not in MODES:
            yield unsupported("spec.accessModes", mode, MODES)
    if "ReadWriteOncePod" in modes and any(mode != "ReadWriteOncePod" and mode in MODES for mode in modes):
        yield forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes")
    asked = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if asked is None:
        yield required("spec.resources[storage]")
    else:
        yield from quantity("spec.resources[storage]", asked, positive=True)
    if spec.get("storageClassName"):
        yield from dns_subdomain("spec.storageClassName", spec["storageClassName"])
    if spec.get("volumeMode") and spec["volumeMode"] not in VOLUME_MODES:
        yield unsupported("spec.volumeMode", spec["volumeMode"], VOLUME_MODES)


def claim_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """Yields the forbidden changes of a claim: all but its volume once, and its size upwards when it is bound."""
    before, after = dict(old.get("spec") or {}), dict(new.get("spec") or {})
    had, asks = _storage(before), _storage(after)
    if not before.get("volumeName"):
        after.pop("volumeName", None)
        before.pop("volumeName", None)
    if (old.get("status") or {}).get("phase") == "Bound":
        for spec in (before, after):
            spec.pop("resources", None)
            spec.pop("volumeAttributesClassName", None)
    if before.get("storageClassName") is None:
        before.pop("storageClassName", None)
        after.pop("storageClassName", None)
    if before != after:
        yield forbidden("spec", CLAIM_RULE)
    if had and asks and Quantity(asks) < Quantity(had):
        yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
    if (old.get("spec") or {}).get("volumeMode") != (new.get("spec") or {}).get("volumeMode"):
        yield wrong("volumeMode", (new.get("spec") or {}).get("volumeMode"), "field is immutable")


def _storage(spec: JSONObject) -> str:
    return str(((spec.get("resources") or {}).get("requests") or {}).get("storage") or "")


def quota(obj: JSONObject) -> Iterator[Cause]:
    """A ResourceQuota."""
    spec = obj.get("spec") or {}
    for name, amount in (spec.get("hard") or {}).items():
        unnamed = [*label_key(f"spec.hard[{name}]", name)]
        yield from unnamed
        if "/" not in name and name not in QUOTAS and not name.startswith(("hugepages-", "requests.hugepages-")):
            if name not in STANDARD and not unnamed:
                yield wrong(f"spec.hard[{name}]", name, "must be a standard resource type or fully qualified")
            yield wrong(f"spec.hard[{name}]", name, "must be a standard resource for quota")
        yield from quantity(f"spec.hard[{name}]", amount, whole=name in COUNTED or name.startswith("count/"))
    for scope in spec.get("scopes") or ():
        if scope not in SCOPES:
            yield wrong("spec.scopes", spec["scopes"], "unsupported scope")


def limit_range(obj: JSONObject) -> Iterator[Cause]:
    """A LimitRange: the least is not above what is asked for, that not above the default, that not above the most."""
    seen: set[str] = set()
    for index, limit in enumerate((obj.get("spec") or {}).get("limits") or ()):
        field, kind = f"spec.limits[{index}]", limit.get("type", "")
        if not kind:
            yield required(f"{field}.type")
        if kind in seen:
            yield duplicate(f"{field}.type", kind)
        seen.add(kind)
        if kind == "Pod":
            for name in ("default", "defaultRequest"):
                if limit.get(name):
                    yield forbidden(f"{field}.{name}", "may not be specified when `type` is 'Pod'")
        for name in sorted({name for part in BOUNDS for name in limit.get(part) or {}}):
            amounts = {part: Quantity(limit[part][name]) for part in BOUNDS if name in (limit.get(part) or {})}
            yield from _ordered(field, name, amounts)


def _ordered(field: str, name: str, amounts: dict[str, Quantity]) -> Iterator[Cause]:
    for low, high, place, shown, why in ORDER:
        if low in amounts and high in amounts and amounts[high] < amounts[low]:
            what = why.format(low=amounts[low], high=amounts[high])
            yield wrong(f"{field}.{place}[{name}]", str(amounts[shown]), what)


BOUNDS = ("min", "max", "default", "defaultRequest")
ORDER = (
    ("min", "max", "min", "min", "min value {low} is greater than max value {high}"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", "min value {low} is greater than default request value {high}"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", "default request value {low} is greater than max value {high}"),
    ("defaultRequest", "default", "defaultRequest", "defaultRequest", "default request value {low} is greater than default limit value {high}"),
    ("min", "default", "default", "min", "min value {low} is greater than default value {high}"),
    ("default", "max", "default", "max", "default value {low} is greater than max value {high}"),
)  # fmt: skip
