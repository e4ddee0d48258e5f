"""ReplicaSets and ReplicationControllers: keep as many Pods as are wanted.

Source: pkg/controller/replicaset, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.conditions import condition_of
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events
from kmagic.sandbox.controllers.claiming import claim, owner_or_matching
from kmagic.sandbox.controllers.pod_facts import active, pod_facts
from kmagic.sandbox.status import APIError
from kmagic.sandbox.storage.names import generate_name

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = (
    "CONTROLLER",
    "Replication",
    "pod_from_template",
)

BURST = 500


class Replication(msgspec.Struct, frozen=True):
    """A kind whose objects keep a number of Pods: ReplicaSets, and ReplicationControllers before them.

    Attributes:
        name: Name of the controller, for logs and events.
        kind: Kind of its objects.
        resource: Storage key of its objects.
    """

    name: str
    kind: str
    resource: str

    def controller(self) -> base.Controller:
        """The control loop of the kind."""
        follows = {self.resource: base.itself, "pods": owner_or_matching(self.kind, self.resource)}
        return base.Controller(self.name, follows, self.reconcile)

    def reconcile(self, client: Loopback, key: Key) -> float | None:
        """Creates or deletes Pods, then writes the status."""
        stored = client.store.get(self.resource, *key)
        if stored is None:
            return None
        wanted = stored.decode()
        pods = [pod for pod in claim(client, wanted, "pods", adopts=active) if pod_facts(pod).active]
        failure: JSONObject | None = None
        missing = (wanted["spec"].get("replicas") or 0) - len(pods)
        if missing and not wanted["metadata"].get("deletionTimestamp"):
            failure = _scale(client, wanted, pods, missing, self.name)
            pods = [pod for pod in base.children(client, stored.uid, "pods") if pod_facts(pod).active]
        state = _status(client, wanted, pods, failure)
        base.update_status(client, stored, state)
        if failure:
            return 5.0
        return _seconds_until_available(client, wanted, pods)


def pod_from_template(template: JSONObject, owner: JSONObject, *, name: str = "", generate: str = "") -> JSONObject:
    """A Pod of a controller's template."""
    metadata = dict(template.get("metadata") or {})
    kept = {field: metadata[field] for field in ("labels", "annotations", "finalizers") if metadata.get(field)}
    naming = {"name": name} if name else {"generateName": generate}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **kept,
            **naming,
            "namespace": owner["metadata"]["namespace"],
            "ownerReferences": [base.owner_reference(owner)],
        },
        "spec": template["spec"],
    }


def _scale(
    client: Loopback,
    replica_set: JSONObject,
    pods: list[Stored],
    missing: int,
    component: str,
) -> JSONObject | None:
    if missing < 0:
        for stored in sorted(pods, key=_rank)[: min(-missing, BURST)]:
            base.delete(client, stored)
            events.record(client, replica_set, "SuccessfulDelete", f"Deleted pod: {stored.name}", component=component)
        return None
    for _ in range(min(missing, BURST)):
        name = generate_name(f"{replica_set['metadata']['name']}-", client.rng)
        generate = f"{replica_set['metadata']['name']}-"
        body = pod_from_template(replica_set["spec"]["template"], replica_set, name=name)
        body["metadata"]["generateName"] = generate
        try:
            created = base.create(client, body)
        except APIError as error:
            why = f"Error creating: {error}"
            events.record(client, replica_set, "FailedCreate", why, component=component, warning=True)
            return {"reason": "FailedCreate", "message": str(error)}
        events.record(client, replica_set, "SuccessfulCreate", f"Created pod: {created.name}", component=component)
    return None


def _rank(stored: Stored) -> tuple[bool, int, bool, str]:
    """Returns the rank of a Pod for deletion: not assigned, pending, not ready, then the youngest."""
    pod = pod_facts(stored)
    youngest_first = "".join(chr(255 - ord(character)) for character in pod.created)
    return bool(pod.node), {"Pending": 0, "Unknown": 1}.get(pod.phase, 2), pod.ready_since is not None, youngest_first


def _status(client: Loopback, replica_set: JSONObject, pods: list[Stored], failure: JSONObject | None) -> JSONObject:
    spec = replica_set["spec"]
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    now, seconds = client.now(), spec.get("minReadySeconds", 0)
    ready = [facts for facts in map(pod_facts, pods) if facts.ready_since is not None]
    available = [facts for facts in ready if facts.is_available(now, seconds)]
    labelled = [pod for pod in pods if labels.items() <= pod.labels.items()]
    state: JSONObject = {"replicas": len(pods), "observedGeneration": replica_set["metadata"].get("generation", 0)}
    counts = {
        "fullyLabeledReplicas": len(labelled),
        "readyReplicas": len(ready),
        "availableReplicas": len(available),
    }
    state |= {name: count for name, count in counts.items() if count}
    if failure:
        # The first failure stands: each attempt names another Pod, and a new text would bring the next attempt at once.
        kept = condition_of(replica_set, "ReplicaFailure")
        new = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": format_time(client.wall()), **failure}
        state["conditions"] = [kept or new]
    return state


def _seconds_until_available(client: Loopback, replica_set: JSONObject, pods: list[Stored]) -> float | None:
    seconds = replica_set["spec"].get("minReadySeconds", 0)
    if not seconds:
        return None
    now = client.now()
    ready = [facts for facts in map(pod_facts, pods) if facts.ready_since is not None]
    return 1.0 if any(not facts.is_available(now, seconds) for facts in ready) else None


CONTROLLER = Replication("replicaset-controller", "ReplicaSet", "replicasets.apps").controller()
