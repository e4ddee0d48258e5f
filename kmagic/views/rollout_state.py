"""A rollout in numbers: how many old and new Pods there are, how far the new ones are, and why they are stuck. Pure.

New Pods are those of the present template: of a Deployment's ReplicaSet with its revision, of a StatefulSet's update
revision; a DaemonSet makes new Pods of the present one only. The reasons are those of `kmagic.api.trouble`, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kmagic.api import meta
from kmagic.api.door import reads_objects
from kmagic.api.times import instant
from kmagic.api.trouble import is_ready, trouble_of
from kmagic.api.types import JSONObject
from kmagic.views.rollout import Progress, progress

__all__ = ("RolloutState", "Sample", "Side", "rollout_state")

_REVISION = "deployment.kubernetes.io/revision"


class Side(msgspec.Struct, frozen=True):
    """The Pods of one template.

    Attributes:
        name: Name of the ReplicaSet or the revision; "" where it is not known yet.
        current: Number of Pods there are.
        scheduled: Number of those that have a node.
        started: Number of those whose containers have started.
        ready: Number of those that are ready.
    """

    name: str = ""
    current: int = 0
    scheduled: int = 0
    started: int = 0
    ready: int = 0


class RolloutState(msgspec.Struct, frozen=True):
    """A rollout at one moment.

    Attributes:
        text: The line that kubectl prints.
        done: Whether it is complete.
        failed: Whether it will not complete by itself.
        paused: Whether it waits to be resumed.
        wanted: Number of Pods in the end.
        new: The Pods of the present template.
        old: All others.
        troubles: The problems, by the object's name: ``pod/web-1``.
        deadline: Time at which it fails without progress, in seconds since the epoch; 0 for none.
    """

    text: str
    done: bool = False
    failed: bool = False
    paused: bool = False
    wanted: int = 0
    new: Side = Side()
    old: Side = Side()
    troubles: tuple[tuple[str, str], ...] = ()
    deadline: float = 0.0

    @property
    def steps(self) -> tuple[tuple[str, int, int], ...]:
        """The way of the new Pods: each step's word, how many have made it, and how many have to."""
        side, wanted = self.new, self.wanted
        old = self.old.current
        return (
            ("created", min(side.current, wanted), wanted),
            ("scheduled", min(side.scheduled, wanted), wanted),
            ("started", min(side.started, wanted), wanted),
            ("ready", min(side.ready, wanted), wanted),
            ("old gone", 1 if not old and (side.ready or not wanted) else 0, 1),
        )


class Sample(msgspec.Struct, frozen=True):
    """Ready Pods at one moment of a rollout; `at` is in seconds since it was first seen."""

    at: float
    new: int
    old: int


@reads_objects
def rollout_state(obj: JSONObject, sets: Iterable[JSONObject], pods: Sequence[JSONObject] | None) -> RolloutState:
    """Returns how far a rollout is.

    Args:
        obj: The Deployment, StatefulSet or DaemonSet, with its kind.
        sets: The ReplicaSets of its selector.
        pods: The Pods of its selector; None where they are not known: then its own status counts them.

    Raises:
        ArgumentError: Another kind, or one whose Pods are replaced by hand.
    """
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    found = progress(obj)
    if pods is None:
        return _by_status(obj, found)
    label, value, name, own = _present(obj, sets, pods)
    mine = [pod for pod in pods if own is None or meta.controller_of(pod) is None or _owner(pod) in own]
    # As the controllers count them: what is on its way out is no more.
    alive = [pod for pod in mine if not _ended(pod) and not meta.deletion_timestamp(pod)]
    if value:
        new = [pod for pod in alive if meta.labels(pod).get(label) == value]
        old = [pod for pod in alive if meta.labels(pod).get(label) != value]
    else:
        new, old = [], alive
    return RolloutState(
        text=found.text,
        done=found.done,
        failed=found.failed,
        paused=bool(spec.get("paused")),
        wanted=_wanted(obj),
        new=_side(name, new),
        old=_side("", old),
        troubles=() if found.done else tuple(_troubles(obj, new)),
        deadline=0.0 if found.done else _deadline(spec, status),
    )


def _wanted(obj: JSONObject) -> int:
    if obj.get("kind") == "DaemonSet":
        return int((obj.get("status") or {}).get("desiredNumberScheduled") or 0)
    return int((obj.get("spec") or {}).get("replicas", 1) or 0)


def _by_status(obj: JSONObject, found: Progress) -> RolloutState:
    status, wanted = obj.get("status") or {}, _wanted(obj)
    daemons = obj.get("kind") == "DaemonSet"
    current = int(status.get("currentNumberScheduled" if daemons else "replicas") or 0)
    updated = min(current, int(status.get("updatedNumberScheduled" if daemons else "updatedReplicas") or 0))
    available = int(status.get("numberAvailable" if daemons else "availableReplicas") or 0)
    ready = max(0, min(updated, available - (current - updated)))
    return RolloutState(
        found.text,
        done=found.done,
        failed=found.failed,
        wanted=wanted,
        new=Side("", updated, updated, ready, ready),
        old=Side("", current - updated, current - updated, available - ready, available - ready),
        troubles=tuple(_troubles(obj, ())),
    )


def _present(
    obj: JSONObject, sets: Iterable[JSONObject], pods: Sequence[JSONObject]
) -> tuple[str, str, str, set[str] | None]:
    """The label and value of Pods of the present template, the template's name, and who may own the Pods."""
    status, uid = obj.get("status") or {}, meta.uid(obj)
    if obj.get("kind") == "Deployment":
        own = [each for each in sets if _owner(each) == uid]
        uids = {meta.uid(each) for each in own}
        if (meta.generation(obj) or 0) > (status.get("observedGeneration") or 0):
            return "pod-template-hash", "", "", uids
        revision = meta.annotations(obj).get(_REVISION)
        present = next((each for each in own if meta.annotations(each).get(_REVISION) == revision), None)
        if present is None:
            return "pod-template-hash", "", "", uids
        return "pod-template-hash", str(meta.labels(present).get("pod-template-hash") or ""), meta.name(present), uids
    label = "controller-revision-hash"
    if obj.get("kind") == "StatefulSet":
        return label, str(status.get("updateRevision") or ""), str(status.get("updateRevision") or ""), {uid}
    newest = max(pods, key=meta.creation_timestamp, default=None) if status.get("updatedNumberScheduled") else None
    revision = str(meta.labels(newest).get(label) or "") if newest else ""
    return label, revision, revision, {uid}


def _owner(obj: JSONObject) -> str:
    owner = meta.controller_of(obj)
    return str((owner or {}).get("uid") or "")


def _ended(pod: JSONObject) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _side(name: str, pods: Sequence[JSONObject]) -> Side:
    return Side(
        name=name,
        current=len(pods),
        scheduled=sum(bool((pod.get("spec") or {}).get("nodeName")) for pod in pods),
        started=sum(_started(pod) for pod in pods),
        ready=sum(is_ready(pod) for pod in pods),
    )


def _started(pod: JSONObject) -> bool:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return bool(statuses) and all("running" in (each.get("state") or {}) for each in statuses)


def _troubles(obj: JSONObject, pods: Sequence[JSONObject]) -> Iterable[tuple[str, str]]:
    found = [(f"pod/{meta.name(pod)}", trouble_of({**pod, "kind": "Pod"})) for pod in pods]
    if not any(trouble for _, trouble in found):
        found.append((meta.name(obj), trouble_of(obj)))
    yield from sorted((name, str(trouble)) for name, trouble in found if trouble)


def _deadline(spec: JSONObject, status: JSONObject) -> float:
    seconds = spec.get("progressDeadlineSeconds")
    for each in status.get("conditions") or ():
        if each.get("type") == "Progressing" and seconds:
            since = instant(str(each.get("lastUpdateTime") or ""))
            return since.timestamp() + int(seconds) if since else 0.0
    return 0.0
