"""Deployments, ReplicaSets, StatefulSets and DaemonSets.

Source: pkg/apis/apps/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.selectors import label_selector_of
from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation.rules.causes import (
    forbidden,
    not_negative,
    required,
    share,
    share_of_all,
    share_size,
    unsupported,
    wrong,
)
from kmagic.sandbox.validation.rules.labels import dns_label, selector
from kmagic.sandbox.validation.rules.pods import pod_template

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("daemon_set", "deployment", "replica_set", "stateful_set")

BROKEN_SELECTOR = dict.fromkeys(("Deployment", "ReplicaSet"), "invalid label selector")
NOUNS = {"Deployment": "deployment", "StatefulSet": "statefulset", "ReplicaSet": "deployment", "DaemonSet": "daemonset"}


def deployment(obj: JSONObject) -> Iterator[Cause]:
    """A Deployment."""
    spec = obj.get("spec") or {}
    yield from not_negative(spec, "spec", "replicas")
    yield from _template(obj, spec)
    yield from _strategy(spec.get("strategy") or {}, "spec.strategy")
    yield from not_negative(spec, "spec", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= spec.get("minReadySeconds", 0):
        yield wrong("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def replica_set(obj: JSONObject) -> Iterator[Cause]:
    """A ReplicaSet."""
    spec = obj.get("spec") or {}
    yield from not_negative(spec, "spec", "replicas", "minReadySeconds")
    yield from _template(obj, spec)


def stateful_set(obj: JSONObject) -> Iterator[Cause]:
    """A StatefulSet."""
    spec = obj.get("spec") or {}
    policy = spec.get("podManagementPolicy")
    if policy not in ("OrderedReady", "Parallel"):
        yield wrong("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    yield from _stateful_strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for name, value in retention.items():
        if value not in ("Retain", "Delete"):
            yield unsupported(f"spec.persistentVolumeClaimRetentionPolicy.{name}", value, ("Retain", "Delete"))
    yield from not_negative(spec, "spec", "replicas", "minReadySeconds")
    yield from not_negative(spec.get("ordinals") or {}, "spec.ordinals", "start")
    if spec.get("serviceName"):
        yield from dns_label("spec.serviceName", spec["serviceName"])
    claimed: list[JSONObject] = [
        {"name": (claim.get("metadata") or {}).get("name"), "c": {}} for claim in _claims(spec)
    ]
    yield from _template(obj, spec, claimed)


def _claims(spec: JSONObject) -> list[JSONObject]:
    return spec.get("volumeClaimTemplates") or []


def daemon_set(obj: JSONObject) -> Iterator[Cause]:
    """A DaemonSet."""
    spec = obj.get("spec") or {}
    yield from _template(obj, spec)
    yield from not_negative(spec, "spec", "minReadySeconds")
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") not in ("RollingUpdate", "OnDelete"):
        yield unsupported("spec.updateStrategy", _shown(strategy), ("RollingUpdate", "OnDelete"))
    elif strategy["type"] == "RollingUpdate":
        yield from _daemon_rolling(strategy.get("rollingUpdate") or {}, "spec.updateStrategy.rollingUpdate")
    yield from not_negative(spec, "spec", "revisionHistoryLimit")


def _template(obj: JSONObject, spec: JSONObject, volumes: list[JSONObject] | None = None) -> Iterator[Cause]:
    """The selector and the template it has to select; ``volumes`` are those its Pods get besides their own."""
    template, chosen = spec.get("template") or {}, spec.get("selector")
    labels = (template.get("metadata") or {}).get("labels")
    empty = chosen is not None and not chosen.get("matchLabels") and not chosen.get("matchExpressions")
    kind = obj["kind"]
    causes = [*selector("spec.selector", chosen)]
    yield from causes
    if chosen is None and kind != "DaemonSet":
        yield required("spec.selector")
    if causes and kind in BROKEN_SELECTOR:
        yield wrong("spec.selector", chosen, BROKEN_SELECTOR[kind])
        return
    if empty:
        yield wrong("spec.selector", chosen, f"empty selector is invalid for {NOUNS[kind]}")
    elif not causes and (chosen is None or not label_selector_of(chosen).matches(labels or {})):
        shown = dict(sorted(labels.items())) if labels else None
        yield wrong("spec.template.metadata.labels", shown, "`selector` does not match template `labels`")
    pods = template.get("spec") or {}
    if volumes:
        names = {volume["name"] for volume in volumes}
        own = [volume for volume in pods.get("volumes") or () if volume.get("name") not in names]
        template = template | {"spec": pods | {"volumes": [*volumes, *own]}}
    yield from pod_template(template, "spec.template")
    if pods.get("restartPolicy") != "Always":
        yield unsupported("spec.template.spec.restartPolicy", pods.get("restartPolicy", ""), ("Always",))
    if pods.get("activeDeadlineSeconds") is not None:
        owner = "ReplicaSet" if kind == "Deployment" else kind
        why = f"activeDeadlineSeconds in {owner} is not Supported"
        yield forbidden("spec.template.spec.activeDeadlineSeconds", why)


def _strategy(strategy: JSONObject, field: str) -> Iterator[Cause]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            yield forbidden(f"{field}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        rolling = rolling or {}
        missing, more = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
        yield from share(f"{field}.rollingUpdate.maxUnavailable", missing)
        yield from share(f"{field}.rollingUpdate.maxSurge", more)
        if share_size(missing) == 0 and share_size(more) == 0:
            yield wrong(f"{field}.rollingUpdate.maxUnavailable", missing, "may not be 0 when `maxSurge` is 0")
        yield from share_of_all(f"{field}.rollingUpdate.maxUnavailable", missing)
    else:
        yield unsupported(field, _shown(strategy), ("Recreate", "RollingUpdate"))


def _stateful_strategy(strategy: JSONObject, field: str) -> Iterator[Cause]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "OnDelete":
        if rolling is not None:
            shown = {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}
            yield wrong(f"{field}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif kind == "RollingUpdate":
        rolling = rolling or {}
        yield from not_negative(rolling, f"{field}.rollingUpdate", "partition")
        missing = rolling.get("maxUnavailable")
        if missing is not None:
            yield from share(f"{field}.rollingUpdate.maxUnavailable", missing)
            if share_size(missing) == 0:
                yield wrong(f"{field}.rollingUpdate.maxUnavailable", missing, "cannot be 0")
            yield from share_of_all(f"{field}.rollingUpdate.maxUnavailable", missing)
    else:
        yield wrong(field, _shown(strategy), "must be 'RollingUpdate' or 'OnDelete'")


def _daemon_rolling(rolling: JSONObject, field: str) -> Iterator[Cause]:
    missing, more = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    yield from share(f"{field}.maxUnavailable", missing)
    yield from share(f"{field}.maxSurge", more)
    yield from share_of_all(f"{field}.maxUnavailable", missing)
    yield from share_of_all(f"{field}.maxSurge", more)
    if share_size(missing) and share_size(more):
        yield wrong(f"{field}.maxSurge", more, "may not be set when maxUnavailable is non-zero")
    elif not share_size(missing) and not share_size(more):
        yield required(f"{field}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def _shown(strategy: JSONObject) -> JSONObject:
    """A strategy as the server shows it: its internal type, whose fields have no JSON names."""
    return {"Type": strategy.get("type", ""), "RollingUpdate": strategy.get("rollingUpdate")}
