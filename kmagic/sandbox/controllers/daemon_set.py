"""DaemonSets: one Pod on every node that fits.

Source: pkg/controller/daemon, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events
from kmagic.sandbox.controllers.claiming import claim, owner_or_matching
from kmagic.sandbox.controllers.pod_facts import active, requests_of
from kmagic.sandbox.controllers.replica_set import pod_from_template
from kmagic.sandbox.controllers.revisions import HASH, REVISIONS, keep_revisions, present_revision
from kmagic.sandbox.controllers.scheduler import refusal
from kmagic.sandbox.storage.names import generate_name

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "reconcile")

NAME = "daemonset-controller"
TOLERATED = ("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")


def reconcile(client: Loopback, key: Key) -> float | None:
    """One Pod a node; replace those of an older template one by one."""
    stored = client.store.get("daemonsets.apps", *key)
    if stored is None:
        return None
    daemon = stored.decode()
    if daemon["metadata"].get("deletionTimestamp"):
        return None
    _, digest, collisions = present_revision(client, daemon)
    pods: dict[str, tuple[Stored, JSONObject]] = {}
    for child in claim(client, daemon, "pods"):
        pod = child.decode()
        if active(pod):
            pods[_node_of(pod)] = (child, pod)
        elif (pod.get("status") or {}).get("phase") == "Failed":
            base.delete(client, child)
    nodes = [node.decode() for node in client.store.list("nodes")]
    probe = {"metadata": {}, "spec": _pod_spec(daemon, "")}
    asks = requests_of(probe)
    wanted = [node["metadata"]["name"] for node in nodes if not refusal(probe, _schedulable(node), {}, asks)]
    for name in wanted:
        if name not in pods:
            pods[name] = _start(client, daemon, digest, name)
    for name in sorted(set(pods) - set(wanted)):
        base.delete(client, pods.pop(name)[0])
    _update(client, daemon, digest, pods)
    status = _status(daemon, digest, pods, wanted)
    base.update_status(client, stored, status | ({"collisionCount": collisions} if collisions else {}))
    named = daemon["metadata"]["name"]
    keep_revisions(client, daemon, {f"{named}-{pod['metadata']['labels'].get(HASH)}" for _, pod in pods.values()})
    return None


def _schedulable(node: JSONObject) -> JSONObject:
    return {**node, "spec": {**(node.get("spec") or {}), "unschedulable": False}}


def _node_of(pod: JSONObject) -> str:
    return str(pod["spec"].get("nodeName") or (pod["metadata"].get("annotations") or {}).get("kmagic.dev/node", ""))


def _pod_spec(daemon: JSONObject, node: str) -> JSONObject:
    spec = dict(daemon["spec"]["template"]["spec"])
    tolerations = [
        {"key": f"node.kubernetes.io/{condition}", "operator": "Exists", "effect": effect}
        for condition in TOLERATED
        for effect in ("NoExecute" if condition in TOLERATED[:2] else "NoSchedule",)
    ]
    spec["tolerations"] = [*(spec.get("tolerations") or ()), *tolerations]
    if node:
        spec["nodeName"] = node
    return spec


def _start(client: Loopback, daemon: JSONObject, digest: str, node: str) -> tuple[Stored, JSONObject]:
    prefix = f"{daemon['metadata']['name']}-"
    body = pod_from_template(daemon["spec"]["template"], daemon, name=generate_name(prefix, client.rng))
    metadata = body["metadata"]
    metadata["generateName"] = prefix
    metadata["labels"] = {**(metadata.get("labels") or {}), HASH: digest, "pod-template-generation": "1"}
    body["spec"] = _pod_spec(daemon, node)
    created = base.create(client, body)
    events.record(client, daemon, "SuccessfulCreate", f"Created pod: {created.name}", component=NAME)
    return created, created.decode()


def _update(client: Loopback, daemon: JSONObject, digest: str, pods: dict[str, tuple[Stored, JSONObject]]) -> None:
    if daemon["spec"]["updateStrategy"]["type"] != "RollingUpdate":
        return
    unready = [pod for _, pod in pods.values() if not base.is_ready(pod)]
    old = [child for child, pod in pods.values() if pod["metadata"]["labels"].get(HASH) != digest]
    if old and not unready:
        base.delete(client, old[0])
        events.record(client, daemon, "SuccessfulDelete", f"Deleted pod: {old[0].name}", component=NAME)


def _status(
    daemon: JSONObject, digest: str, pods: dict[str, tuple[Stored, JSONObject]], wanted: list[str]
) -> JSONObject:
    current = [pod for _, pod in pods.values()]
    ready = sum(map(base.is_ready, current))
    status: JSONObject = {
        "currentNumberScheduled": len(current),
        "desiredNumberScheduled": len(wanted),
        "numberMisscheduled": 0,
        "numberReady": ready,
        "observedGeneration": daemon["metadata"].get("generation", 0),
    }
    counts = {
        "updatedNumberScheduled": sum(pod["metadata"]["labels"].get(HASH) == digest for pod in current),
        "numberAvailable": ready,
        "numberUnavailable": len(wanted) - ready,
    }
    return status | {name: count for name, count in counts.items() if count}


def _all(client: Loopback, _: Stored) -> list[Key]:
    return [stored.key for stored in client.store.list("daemonsets.apps")]


CONTROLLER = base.Controller(
    NAME,
    {
        "daemonsets.apps": base.itself,
        "pods": owner_or_matching("DaemonSet", "daemonsets.apps"),
        "nodes": _all,
        REVISIONS: owner_or_matching("DaemonSet", "daemonsets.apps"),
    },
    reconcile,
)
