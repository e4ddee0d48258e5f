"""The scheduler: give each waiting Pod to a node that fits, or say why none does.

Filters: unschedulable nodes, nodeName and nodeSelector, taints, required node affinity, requests of cpu and memory and
the number of Pods. Among those that fit, the node with the fewest Pods.

Source: pkg/scheduler/framework/plugins, kubernetes v1.37.2 (the messages are the real ones).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from kmagic.api.quantity import Quantity
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events, faults
from kmagic.sandbox.controllers.pod_facts import pod_facts
from kmagic.sandbox.registry.binding import bind
from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Store, Stored, Subscription

__all__ = (
    "Usage",
    "controller",
    "reconcile",
    "refusal",
    "waiting",
)

NAME = "default-scheduler"
RETRY_SECONDS = 5.0
NOTHING: Mapping[str, int] = {}
SUFFIX = "preemption: 0/{count} nodes are available: {count} No preemption victims found for incoming pod."


def waiting(client: Loopback, stored: Stored) -> Iterable[Key]:
    """A Pod without a node leads to itself."""
    return () if LOAD_LABEL in stored.labels or b'"nodeName":' in stored.raw else (stored.key,)


class Usage:
    """The use of each node by its Pods, kept by their changes as the real scheduler's cache is.

    Args:
        store: The store with the Pods; it is followed from the first question on.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes: Subscription | None = None
        self._used: dict[str, dict[str, int]] = {}

    def by_node(self) -> Mapping[str, Mapping[str, int]]:
        """The requests (in thousandths) and the number of Pods by node, as of now."""
        try:
            self._catch_up()
        except Exception:
            if self._changes is not None:
                self._changes.close()  # what was taken and not counted is lost to it: the next question counts anew
            raise
        return self._used

    def _catch_up(self) -> None:
        if self._changes is None or self._changes.closed:
            if self._changes is not None:
                self._store.unsubscribe("pods", self._changes)
            self._changes = self._store.subscribe("pods", self._store.revision, lambda: None)
            self._used = {}
            for stored in self._store.list("pods"):
                self._count(stored, 1)
        for event in self._changes.take():
            if event.previous is not None:
                self._count(event.previous, -1)
            if event.type != "DELETED":
                self._count(event.stored, 1)

    def _count(self, stored: Stored, times: int) -> None:
        if LOAD_LABEL in stored.labels or b'"nodeName":' not in stored.raw:
            return
        facts = pod_facts(stored)
        if facts.ended:
            return
        node = self._used.setdefault(facts.node, {})
        node["pods"] = node.get("pods", 0) + times
        for name, amount in facts.requests.items():
            node[name] = node.get(name, 0) + times * amount


def controller(store: Store) -> base.Controller:
    """The control loop of the scheduler, which knows what the nodes of a store are used for."""
    usage = Usage(store)
    follows = {"pods": waiting, "nodes": lambda client, _: _all_waiting(client)}
    return base.Controller(NAME, follows, lambda client, key: reconcile(client, key, usage))


def reconcile(client: Loopback, key: Key, usage: Usage) -> float | None:
    """Binds one Pod, or records why not."""
    stored = client.store.get("pods", *key)
    if stored is None:
        return None
    pod = stored.decode()
    spec = pod["spec"]
    if spec.get("nodeName") or pod["metadata"].get("deletionTimestamp") or spec.get("schedulerName") != NAME:
        return None
    nodes = client.store.list("nodes")
    used, asks = usage.by_node(), pod_facts(stored).requests
    refusals: Counter[str] = Counter()
    fitting = []
    for node in nodes:
        why = refusal(pod, _read(node), used.get(node.name, NOTHING), asks)
        if why:
            refusals[why] += 1
        else:
            fitting.append(node.name)
    if faults.of(pod) == "pending":
        fitting, refusals = [], Counter({"Insufficient cpu": len(nodes)})
    if not fitting:
        _unschedulable(client, stored, pod, len(nodes), refusals)
        return RETRY_SECONDS
    chosen = min(fitting, key=lambda name: (used.get(name, NOTHING).get("pods", 0), name))
    resource = client.resource_of(pod)
    bind(client.objects, resource, stored, chosen, Options(manager="kube-scheduler"))
    message = f"Successfully assigned {key[0]}/{key[1]} to {chosen}"
    events.record(client, pod, "Scheduled", message, component=NAME)
    return None


def _read(node: Stored) -> JSONObject:
    """The node, decoded once a version; to be read only."""
    kept: JSONObject | None = node.forms.get(("node", "read"))
    if kept is None:
        kept = node.forms["node", "read"] = node.decode()
    return kept


def refusal(pod: JSONObject, node: JSONObject, used: Mapping[str, int], asks: Mapping[str, int]) -> str:
    """Returns the reason why a Pod cannot run on a node, in the scheduler's words; "" when it can.

    Args:
        pod: The Pod.
        node: The node.
        used: Amounts that the Pods of the node use, in thousandths, and their number as "pods".
        asks: Requests of the Pod in thousandths, by resource.
    """
    spec = node.get("spec") or {}
    tolerations = pod["spec"].get("tolerations") or ()
    if spec.get("unschedulable"):
        return "node(s) were unschedulable"
    labels = node["metadata"].get("labels") or {}
    wanted = pod["spec"].get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in wanted.items()) or not _has_affinity(pod, labels):
        return "node(s) didn't match Pod's node affinity/selector"
    for taint in spec.get("taints") or ():
        if taint.get("effect") in ("NoSchedule", "NoExecute") and not _tolerated(taint, tolerations):
            return f"node(s) had untolerated taint(s) {{{taint.get('key', '')}: {taint.get('value', '')}}}"
    allocatable = (node.get("status") or {}).get("allocatable") or {}
    if (used.get("pods", 0) + 1) * 1000 > _millis(str(allocatable.get("pods", "110"))):
        return "Too many pods"
    for name, amount in asks.items():
        if used.get(name, 0) + amount > _millis(str(allocatable.get(name, "0"))):
            return f"Insufficient {name}"
    return ""


@lru_cache(maxsize=1024)
def _millis(quantity: str) -> int:
    return Quantity(quantity).millis


def _has_affinity(pod: JSONObject, labels: Mapping[str, str]) -> bool:
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms")
    if not terms:
        return True
    return any(all(_meets(r, labels) for r in term.get("matchExpressions") or ()) for term in terms)


def _meets(requirement: JSONObject, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(requirement["key"]), requirement.get("values") or ()
    match requirement["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def _tolerated(taint: JSONObject, tolerations: Iterable[JSONObject]) -> bool:
    for toleration in tolerations:
        if toleration.get("effect") not in (None, "", taint["effect"]):
            continue
        if toleration.get("operator") == "Exists" and toleration.get("key") in (None, "", taint.get("key")):
            return True
        if toleration.get("key") == taint.get("key") and toleration.get("value", "") == taint.get("value", ""):
            return True
    return False


def _unschedulable(client: Loopback, stored: Stored, pod: JSONObject, count: int, refusals: Counter[str]) -> None:
    words = ", ".join(sorted(f"{number} {why}" for why, number in refusals.items()))
    message = (
        f"0/{count} nodes are available: {words}. {SUFFIX.format(count=count)}"
        if count
        else "no nodes available to schedule pods"
    )
    old = next((c for c in pod["status"].get("conditions") or () if c["type"] == "PodScheduled"), None)
    events.record(client, pod, "FailedScheduling", message, component=NAME, warning=True)
    if old and old.get("message") == message:
        return
    time = format_time(client.wall())
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "lastProbeTime": None,
        "lastTransitionTime": old["lastTransitionTime"] if old else time,
        "reason": "Unschedulable",
        "message": message,
    }
    state = pod["status"] | {"conditions": [condition]}
    base.update_status(client, stored, state, manager="kube-scheduler")


def _all_waiting(client: Loopback) -> list[Key]:
    return [key for stored in client.store.list("pods") for key in waiting(client, stored)]
