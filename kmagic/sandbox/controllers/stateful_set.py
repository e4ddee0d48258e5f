"""StatefulSets: numbered Pods, started in order, each with its own volume claims.

Source: pkg/controller/statefulset, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events
from kmagic.sandbox.controllers.claiming import claim, owner_or_matching
from kmagic.sandbox.controllers.pod_facts import active
from kmagic.sandbox.controllers.replica_set import pod_from_template
from kmagic.sandbox.controllers.revisions import HASH, keep_revisions, present_revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "reconcile")

NAME = "statefulset-controller"


def reconcile(client: Loopback, key: Key) -> float | None:
    """One step: start the next Pod, stop the last one, or replace an old one."""
    stored = client.store.get("statefulsets.apps", *key)
    if stored is None:
        return None
    wanted = stored.decode()
    if wanted["metadata"].get("deletionTimestamp"):
        return None
    digest, _, collisions = present_revision(client, wanted)
    pods = {}
    for child in claim(client, wanted, "pods", adopts=_is_member_of(wanted)):
        number = child.name.rpartition("-")[2]
        if number.isdigit():
            pods[int(number)] = (child, child.decode())
    for child, pod in list(pods.values()):
        if (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
            base.delete(client, child)
    _step(client, wanted, pods, digest)
    base.update_status(client, stored, state := _status(client, wanted, digest) | {"collisionCount": collisions})
    live = {pod["metadata"]["labels"].get(HASH) for _, pod in pods.values()}
    keep_revisions(client, wanted, {*live, state["currentRevision"]})
    return None


def _is_member_of(wanted: JSONObject) -> Callable[[JSONObject], bool]:
    """Only a Pod with the name of a member is adopted."""

    def is_member(pod: JSONObject) -> bool:
        parent, _, number = pod["metadata"]["name"].rpartition("-")
        return bool(parent == wanted["metadata"]["name"] and number.isdigit())

    return is_member


def _step(client: Loopback, wanted: JSONObject, pods: dict[int, tuple[Stored, JSONObject]], digest: str) -> None:
    spec = wanted["spec"]
    replicas = spec.get("replicas") or 0
    first = (spec.get("ordinals") or {}).get("start", 0)
    ordinals = range(first, first + replicas)
    parallel = spec.get("podManagementPolicy") == "Parallel"
    for number in ordinals:
        if number not in pods:
            _start(client, wanted, number, digest)
            if not parallel:
                return
        elif not (active(pods[number][1]) and base.is_ready(pods[number][1])) and not parallel:
            return  # its turn is not over
    for number in sorted(set(pods) - set(ordinals), reverse=True):
        child, pod = pods[number]
        if active(pod):
            base.delete(client, child)
            _note(client, wanted, "SuccessfulDelete", f"delete Pod {child.name} in StatefulSet", "successful")
        if not parallel:
            return
    _replace_old(client, wanted, pods, digest)


def _replace_old(client: Loopback, wanted: JSONObject, pods: dict[int, tuple[Stored, JSONObject]], digest: str) -> None:
    """Replaces old Pods from the highest number down, one at a time, not below the partition."""
    strategy = wanted["spec"]["updateStrategy"]
    if strategy["type"] != "RollingUpdate":
        return
    partition = (strategy.get("rollingUpdate") or {}).get("partition", 0)
    for number in sorted(pods, reverse=True):
        child, pod = pods[number]
        if number < partition:
            return
        if not active(pod):
            return
        if pod["metadata"]["labels"].get(HASH) != digest:
            base.delete(client, child)
            _note(client, wanted, "SuccessfulDelete", f"delete Pod {child.name} in StatefulSet", "successful")
            return
        if not base.is_ready(pod):
            return


def _start(client: Loopback, wanted: JSONObject, number: int, digest: str) -> None:
    name = f"{wanted['metadata']['name']}-{number}"
    namespace = wanted["metadata"]["namespace"]
    body = pod_from_template(wanted["spec"]["template"], wanted, name=name)
    labels = {HASH: digest, "statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": str(number)}
    body["metadata"]["labels"] = {**(body["metadata"].get("labels") or {}), **labels}
    spec = dict(body["spec"])
    spec["hostname"] = name
    if wanted["spec"].get("serviceName"):
        spec["subdomain"] = wanted["spec"]["serviceName"]
    claims = wanted["spec"].get("volumeClaimTemplates") or ()
    for template in claims:
        _claim(client, wanted, template, name)
    own = [
        {"name": t["metadata"]["name"], "persistentVolumeClaim": {"claimName": f"{t['metadata']['name']}-{name}"}}
        for t in claims
    ]
    named = {volume["name"] for volume in own}
    spec["volumes"] = [*(v for v in spec.get("volumes") or () if v["name"] not in named), *own]
    if not spec["volumes"]:
        del spec["volumes"]
    body["spec"] = spec
    if client.store.get("pods", namespace, name) is None:
        base.create(client, body)
        _note(client, wanted, "SuccessfulCreate", f"create Pod {name} in StatefulSet", "successful")


def _claim(client: Loopback, wanted: JSONObject, template: JSONObject, pod: str) -> None:
    name, namespace = f"{template['metadata']['name']}-{pod}", wanted["metadata"]["namespace"]
    if client.store.get("persistentvolumeclaims", namespace, name) is not None:
        return
    labels = {**(template["metadata"].get("labels") or {}), **(wanted["spec"]["selector"].get("matchLabels") or {})}
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    base.create(
        client,
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": template["spec"]},
    )


def _note(client: Loopback, wanted: JSONObject, reason: str, what: str, how: str) -> None:
    message = f"{what} {wanted['metadata']['name']} {how}"
    events.record(client, wanted, reason, message, component=NAME)


def _status(client: Loopback, wanted: JSONObject, digest: str) -> JSONObject:
    pods = [child.decode() for child in base.children(client, wanted["metadata"]["uid"], "pods")]
    pods = [pod for pod in pods if active(pod)]
    updated = sum(pod["metadata"]["labels"].get(HASH) == digest for pod in pods)
    ready = sum(map(base.is_ready, pods))
    complete = updated == len(pods) == (wanted["spec"].get("replicas") or 0) == ready
    before = (wanted.get("status") or {}).get("currentRevision")
    current = digest if complete or not before else before
    status: JSONObject = {
        "replicas": len(pods),
        "availableReplicas": ready,
        "observedGeneration": wanted["metadata"].get("generation", 0),
        "currentRevision": current,
        "updateRevision": digest,
    }
    held = sum(pod["metadata"]["labels"].get(HASH) == current for pod in pods)
    counts = {"readyReplicas": ready, "updatedReplicas": updated, "currentReplicas": held}
    return status | {name: count for name, count in counts.items() if count}


CONTROLLER = base.Controller(
    NAME, {"statefulsets.apps": base.itself, "pods": owner_or_matching("StatefulSet", "statefulsets.apps")}, reconcile
)
