"""Deployments: a ReplicaSet a revision, and the way from one to the next.

Source: pkg/controller/deployment, kubernetes v1.37.2.
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

import msgspec

from kmagic.api.meta import LAST_APPLIED
from kmagic.api.times import format_time, parse_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events
from kmagic.sandbox.controllers.claiming import claim, owner_or_matching
from kmagic.sandbox.storage.names import ALPHABET

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = (
    "CONTROLLER",
    "reconcile",
    "rolling_limits",
    "template_hash",
)

NAME = "deployment-controller"
HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
NOT_COPIED = frozenset({LAST_APPLIED, REVISION, DESIRED, MAXIMUM})
SETS = "replicasets.apps"


def reconcile(client: Loopback, key: Key) -> float | None:
    """Moves the ReplicaSets of a Deployment one step further, then writes its status."""
    stored = client.store.get("deployments.apps", *key)
    if stored is None:
        return None
    deployment = stored.decode()
    if deployment["metadata"].get("deletionTimestamp"):
        return None
    sets = claim(client, deployment, SETS)
    current, old = _split(deployment, sets)
    if not deployment["spec"].get("paused"):
        if current is None:
            if deployment["spec"]["strategy"]["type"] == "Recreate" and any(_replicas(s) for s in old):
                current = None  # the old Pods go first
            else:
                current = _create_set(client, deployment, old)
        stored = _write_revision(client, stored, current, old)
        deployment = stored.decode()
        if deployment["spec"]["strategy"]["type"] == "Recreate":
            current = _recreate(client, deployment, current, old)
        else:
            _roll(client, deployment, current, old)
        _clean(client, deployment, old)
    else:
        _scale_paused(client, deployment, current, old)
    sets = list(base.children(client, deployment["metadata"]["uid"], SETS))
    current, old = _split(deployment, sets)
    stored = client.store.get("deployments.apps", *key) or stored
    base.update_status(client, stored, _status(client, stored.decode(), current, sets))
    return _look_again(client, deployment)


def template_hash(template: JSONObject) -> str:
    """The name of a template: the same for equal templates."""
    digits = str(zlib.crc32(msgspec.json.encode(template, order="sorted")))
    return "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in digits)


def rolling_limits(deployment: JSONObject) -> tuple[int, int]:
    """Returns maxSurge and maxUnavailable as numbers of Pods; never both 0.

    Source: ResolveFenceposts in pkg/controller/deployment/util/deployment_util.go.
    """
    spec = deployment["spec"]
    replicas = spec.get("replicas") or 0
    rolling = spec["strategy"].get("rollingUpdate") or {}
    surge = _scaled(rolling.get("maxSurge", 0), replicas, up=True)
    unavailable = _scaled(rolling.get("maxUnavailable", 0), replicas, up=False)
    # Validation refuses 0 for both, but rounding can make it so: one Pod may then be missing, as a surge may fail on a
    # quota and the rollout would stand still.
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, min(unavailable, replicas)


def _scaled(value: int | str, total: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    # Percentages of a surge are rounded up and of unavailable Pods down: both towards more running Pods.
    part = int(value.removesuffix("%")) * total / 100
    return math.ceil(part) if up else math.floor(part)


def _replicas(stored: Stored) -> int:
    return int(stored.decode()["spec"].get("replicas") or 0)


def _split(deployment: JSONObject, sets: list[Stored]) -> tuple[Stored | None, list[Stored]]:
    """The ReplicaSet of the present template, and the others, oldest first."""
    wanted = _plain_template(deployment["spec"]["template"])
    ordered = sorted(sets, key=lambda s: (s.decode()["metadata"]["creationTimestamp"], s.revision))
    current = next((s for s in ordered if _plain_template(s.decode()["spec"]["template"]) == wanted), None)
    return current, [stored for stored in ordered if stored is not current]


def _plain_template(template: JSONObject) -> JSONObject:
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if value is not None}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH}
    return {"metadata": metadata | {"labels": labels}, "spec": template["spec"]}


def _create_set(client: Loopback, deployment: JSONObject, old: list[Stored]) -> Stored:
    metadata, spec = deployment["metadata"], deployment["spec"]
    digest = template_hash(_plain_template(spec["template"]))
    template = msgspec.json.decode(msgspec.json.encode(spec["template"]))
    labels = template.setdefault("metadata", {}).setdefault("labels", {})
    labels[HASH] = digest
    selector = dict(spec["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH: digest}
    annotations = {k: v for k, v in (metadata.get("annotations") or {}).items() if k not in NOT_COPIED}
    body: JSONObject = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{metadata['name']}-{digest}",
            "namespace": metadata["namespace"],
            "labels": dict(labels),
            "annotations": annotations | {REVISION: str(_highest(old) + 1)} | _sizes(deployment),
            "ownerReferences": [base.owner_reference(deployment)],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }
    if spec.get("minReadySeconds"):
        body["spec"]["minReadySeconds"] = spec["minReadySeconds"]
    return base.create(client, body)


def _sizes(deployment: JSONObject) -> JSONObject:
    replicas = deployment["spec"].get("replicas") or 0
    surge = rolling_limits(deployment)[0] if deployment["spec"]["strategy"]["type"] == "RollingUpdate" else 0
    return {DESIRED: str(replicas), MAXIMUM: str(replicas + surge)}


def _revision(stored: Stored) -> int:
    return int(stored.annotations.get(REVISION, "0"))


def _highest(sets: list[Stored]) -> int:
    return max(map(_revision, sets), default=0)


def _write_revision(client: Loopback, stored: Stored, current: Stored | None, old: list[Stored]) -> Stored:
    """Going back to an earlier template makes its ReplicaSet the newest revision."""
    if current is None:
        return stored
    revision = max(_revision(current), _highest(old) + 1)
    if _revision(current) != revision:
        body = current.decode()
        body["metadata"].setdefault("annotations", {})[REVISION] = str(revision)
        base.update(client, current, body)
    deployment = stored.decode()
    annotations = deployment["metadata"].setdefault("annotations", {})
    if annotations.get(REVISION) == str(revision):
        return stored
    annotations[REVISION] = str(revision)
    return base.update(client, stored, deployment)


def _set_replicas(client: Loopback, deployment: JSONObject, target: Stored, replicas: int) -> None:
    stored = client.store.get(SETS, target.namespace, target.name)
    if stored is None:
        return
    body = stored.decode()
    before = body["spec"].get("replicas") or 0
    annotations = body["metadata"].setdefault("annotations", {})
    if before == replicas and _sizes(deployment).items() <= annotations.items():
        return
    body["spec"]["replicas"] = replicas
    annotations.update(_sizes(deployment))
    base.update(client, stored, body)
    if before != replicas:
        word = "up" if replicas > before else "down"
        message = f"Scaled {word} replica set {target.name} from {before} to {replicas}"
        events.record(client, deployment, "ScalingReplicaSet", message, component=NAME)


def _roll(client: Loopback, deployment: JSONObject, current: Stored | None, old: list[Stored]) -> None:
    """Adds new Pods within the surge, then removes old ones as far as enough stay available.

    Source: reconcileOldReplicaSets in pkg/controller/deployment/rolling.go, NewRSNewReplicas in
    pkg/controller/deployment/util/deployment_util.go.
    """
    if current is None:
        return
    desired = deployment["spec"].get("replicas") or 0
    surge, unavailable = rolling_limits(deployment)
    now = _replicas(current)
    others = sum(map(_replicas, old))
    # All Pods together are at most desired + surge, and new ones at most desired.
    room = max(0, desired + surge - now - others)
    wanted = desired if now >= desired else min(desired, now + room)
    _set_replicas(client, deployment, current, wanted)
    if not others:
        return
    states = [stored.decode().get("status") or {} for stored in (current, *old)]
    available = sum(state.get("availableReplicas", 0) for state in states)
    # New Pods that are not available yet keep as many old ones from removal: new Pods that never work must not end
    # the old ones that do. With 10 desired, 3 surge and 2 unavailable, 8 old and 5 broken new Pods leave
    # 8 + 5 - 8 - 5 = 0 to remove.
    minimum = max(0, desired - unavailable)
    pending = max(0, wanted - states[0].get("availableReplicas", 0))
    removable = others + wanted - minimum - pending
    spare = max(0, available - minimum)
    for stored, state in zip(old, states[1:], strict=True):
        replicas = _replicas(stored)
        broken = max(0, replicas - state.get("availableReplicas", 0))
        # Pods that do not work go first, oldest ReplicaSet first: removing them costs no availability.
        gone = min(replicas, max(0, min(broken, removable)))
        more = min(replicas - gone, spare, max(0, removable - gone))
        spare -= more
        removable -= gone + more
        if gone + more:
            _set_replicas(client, deployment, stored, replicas - gone - more)


def _recreate(client: Loopback, deployment: JSONObject, current: Stored | None, old: list[Stored]) -> Stored | None:
    for stored in old:
        if _replicas(stored):
            _set_replicas(client, deployment, stored, 0)
    if any(list(base.children(client, stored.uid, "pods")) for stored in old):
        return current
    if current is None:
        current = _create_set(client, deployment, old)
    _set_replicas(client, deployment, current, deployment["spec"].get("replicas") or 0)
    return current


def _scale_paused(client: Loopback, deployment: JSONObject, current: Stored | None, old: list[Stored]) -> None:
    """A paused Deployment still scales the ReplicaSet that runs."""
    running = [stored for stored in (*old, *([current] if current else ())) if _replicas(stored)]
    if len(running) == 1:
        _set_replicas(client, deployment, running[0], deployment["spec"].get("replicas") or 0)


def _clean(client: Loopback, deployment: JSONObject, old: list[Stored]) -> None:
    idle = [
        stored for stored in old if not _replicas(stored) and not (stored.decode().get("status") or {}).get("replicas")
    ]
    limit = deployment["spec"].get("revisionHistoryLimit", 10)
    for stored in sorted(idle, key=_revision)[: max(0, len(idle) - limit)]:
        base.delete(client, stored)


def _status(client: Loopback, deployment: JSONObject, current: Stored | None, sets: list[Stored]) -> JSONObject:
    states = [stored.decode().get("status") or {} for stored in sets]
    total = sum(state.get("replicas", 0) for state in states)
    available = sum(state.get("availableReplicas", 0) for state in states)
    updated = (current.decode().get("status") or {}).get("replicas", 0) if current else 0
    desired = deployment["spec"].get("replicas") or 0
    counts = {
        "replicas": total,
        "updatedReplicas": updated,
        "readyReplicas": sum(state.get("readyReplicas", 0) for state in states),
        "availableReplicas": available,
        "unavailableReplicas": max(0, max(total, desired) - available),
    }
    state: JSONObject = {"observedGeneration": deployment["metadata"].get("generation", 0)}
    state |= {name: count for name, count in counts.items() if count}
    state["conditions"] = _conditions(client, deployment, current, counts)
    return state


def _conditions(
    client: Loopback, deployment: JSONObject, current: Stored | None, counts: dict[str, int]
) -> list[JSONObject]:
    desired = deployment["spec"].get("replicas") or 0
    unavailable = rolling_limits(deployment)[1] if deployment["spec"]["strategy"]["type"] == "RollingUpdate" else 0
    old = {c["type"]: c for c in (deployment.get("status") or {}).get("conditions") or ()}
    enough = counts["availableReplicas"] >= desired - unavailable
    words = ("MinimumReplicasAvailable", "Deployment has minimum availability.")
    if not enough:
        words = ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    available = _condition(client, old.get("Available"), "Available", str(enough), *words)
    progressing = _progressing(client, deployment, current, counts, old.get("Progressing"))
    return [condition for condition in (available, progressing) if condition]


def _progressing(
    client: Loopback, deployment: JSONObject, current: Stored | None, counts: dict[str, int], old: JSONObject | None
) -> JSONObject | None:
    desired = deployment["spec"].get("replicas") or 0
    if deployment["spec"].get("paused"):
        return _condition(client, old, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
    if current is None:
        return old
    name = current.name
    complete = counts["updatedReplicas"] == desired == counts["replicas"] == counts["availableReplicas"]
    if complete:
        message = f'ReplicaSet "{name}" has successfully progressed.'
        return _condition(client, old, "Progressing", "True", "NewReplicaSetAvailable", message)
    before = deployment.get("status") or {}
    moved = any(counts[key] != before.get(key, 0) for key in ("updatedReplicas", "readyReplicas", "availableReplicas"))
    if old is None:
        message = f'Created new replica set "{name}"'
        return _condition(client, old, "Progressing", "True", "NewReplicaSetCreated", message)
    if moved or f'"{name}"' not in old["message"] or old["reason"] == "DeploymentPaused":
        message = f'ReplicaSet "{name}" is progressing.'
        return _condition(client, old, "Progressing", "True", "ReplicaSetUpdated", message, touch=True)
    deadline = deployment["spec"].get("progressDeadlineSeconds", 600)
    if (
        old["reason"] != "NewReplicaSetAvailable"
        and client.now() - parse_time(old["lastUpdateTime"]).timestamp() > deadline
    ):
        message = f'ReplicaSet "{name}" has timed out progressing.'
        return _condition(client, old, "Progressing", "False", "ProgressDeadlineExceeded", message)
    return old


def _condition(
    client: Loopback, old: JSONObject | None, kind: str, state: str, reason: str, message: str, *, touch: bool = False
) -> JSONObject:
    same = old is not None and (old["status"], old["reason"], old["message"]) == (state, reason, message)
    if old is not None and same and not touch:
        return old
    time = format_time(client.wall())
    transition = old["lastTransitionTime"] if old is not None and old["status"] == state else time
    return {
        "type": kind,
        "status": state,
        "lastUpdateTime": time,
        "lastTransitionTime": transition,
        "reason": reason,
        "message": message,
    }


def _look_again(client: Loopback, deployment: JSONObject) -> float | None:
    """A rollout that stands still must be seen to time out."""
    stored = client.store.get("deployments.apps", deployment["metadata"]["namespace"], deployment["metadata"]["name"])
    if stored is None:
        return None
    conditions = (stored.decode().get("status") or {}).get("conditions") or ()
    progressing = next((c for c in conditions if c["type"] == "Progressing"), None)
    if progressing is None or progressing["reason"] in (
        "NewReplicaSetAvailable",
        "ProgressDeadlineExceeded",
        "DeploymentPaused",
    ):
        return None
    deadline = deployment["spec"].get("progressDeadlineSeconds", 600)
    return float(max(1.0, parse_time(progressing["lastUpdateTime"]).timestamp() + deadline + 1 - client.now()))


CONTROLLER = base.Controller(
    NAME, {"deployments.apps": base.itself, SETS: owner_or_matching("Deployment", "deployments.apps")}, reconcile
)
