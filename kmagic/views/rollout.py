"""The progress of a rollout, in kubectl's words. Pure.

Source: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kmagic.api.door import reads_objects
from kmagic.api.gvk import GroupVersionKind
from kmagic.api.types import JSONObject
from kmagic.errors import ArgumentError

__all__ = ("Progress", "progress", "rolling_kind")


@dataclass(frozen=True)
class Progress:
    """A rollout at one moment.

    Attributes:
        text: The line that kubectl prints.
        done: Whether it is complete.
        failed: Whether it will not complete by itself.
    """

    text: str
    done: bool = False
    failed: bool = False


def rolling_kind(obj: JSONObject) -> str:
    """The kind of an object that rolls out new Pods: Deployment, DaemonSet or StatefulSet.

    Raises:
        ArgumentError: Another kind, also one of such a name in a custom group.
    """
    gvk = GroupVersionKind.of(obj)
    if gvk.kind not in ("Deployment", "DaemonSet", "StatefulSet") or "." in gvk.group:
        kind = f"{gvk.kind}.{gvk.group}" if "." in gvk.group else gvk.kind
        raise ArgumentError(f"a {kind} has no rollout; Deployments, DaemonSets and StatefulSets have")
    return gvk.kind


@reads_objects
def progress(obj: JSONObject) -> Progress:
    """Returns the progress of a Deployment's, DaemonSet's or StatefulSet's rollout.

    Raises:
        ArgumentError: Another kind, or one whose Pods are replaced by hand.
    """
    kind = rolling_kind(obj)
    spec, status, metadata = (obj.get(part) or {} for part in ("spec", "status", "metadata"))
    strategy = (spec.get("updateStrategy") or {}).get("type") or "RollingUpdate"
    if strategy != "RollingUpdate":
        raise ArgumentError(f"rollout status is only available for RollingUpdate strategy type, not {strategy}")
    if (metadata.get("generation") or 0) > (status.get("observedGeneration") or 0):
        words = {"Deployment": "deployment", "DaemonSet": "daemon set", "StatefulSet": "statefulset"}
        return Progress(f"Waiting for {words[kind]} spec update to be observed...")
    of_kind = {"Deployment": _deployment, "DaemonSet": _daemon_set, "StatefulSet": _stateful_set}
    return of_kind[kind](str(metadata.get("name")), spec, status)


def _deployment(name: str, spec: dict[str, Any], status: dict[str, Any]) -> Progress:
    for condition in status.get("conditions") or ():
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return Progress(f'deployment "{name}" exceeded its progress deadline', failed=True)
    wanted = _number(spec, "replicas", 1)
    updated, available = _number(status, "updatedReplicas"), _number(status, "availableReplicas")
    old = _number(status, "replicas") - updated
    head = f'Waiting for deployment "{name}" rollout to finish:'
    if updated < wanted:
        return Progress(f"{head} {updated} out of {wanted} new replicas have been updated...")
    if old > 0:
        return Progress(f"{head} {old} old replicas are pending termination...")
    if available < updated:
        return Progress(f"{head} {available} of {updated} updated replicas are available...")
    return Progress(f'deployment "{name}" successfully rolled out', done=True)


def _daemon_set(name: str, spec: dict[str, Any], status: dict[str, Any]) -> Progress:
    wanted = _number(status, "desiredNumberScheduled")
    updated, available = _number(status, "updatedNumberScheduled"), _number(status, "numberAvailable")
    head = f'Waiting for daemon set "{name}" rollout to finish:'
    if updated < wanted:
        return Progress(f"{head} {updated} out of {wanted} new pods have been updated...")
    if available < wanted:
        return Progress(f"{head} {available} of {wanted} updated pods are available...")
    return Progress(f'daemon set "{name}" successfully rolled out', done=True)


def _stateful_set(name: str, spec: dict[str, Any], status: dict[str, Any]) -> Progress:
    wanted, updated = _number(spec, "replicas", 1), _number(status, "updatedReplicas")
    missing = wanted - _number(status, "readyReplicas")
    if missing > 0:
        return Progress(f"Waiting for {missing} pods to be ready...")
    partition = _number((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}, "partition")
    if partition:
        if updated < wanted - partition:
            part = f"{updated} out of {wanted - partition} new pods have been updated..."
            return Progress(f"Waiting for partitioned roll out to finish: {part}")
        return Progress(f"partitioned roll out complete: {updated} new pods have been updated...", done=True)
    revision = status.get("updateRevision") or ""
    if revision != (status.get("currentRevision") or ""):
        return Progress(f"waiting for statefulset rolling update to complete {updated} pods at revision {revision}...")
    current = _number(status, "currentReplicas")
    return Progress(f"statefulset rolling update complete {current} pods at revision {revision}...", done=True)


def _number(fields: dict[str, Any], name: str, default: int = 0) -> int:
    value = fields.get(name)
    return default if value is None else int(value)
