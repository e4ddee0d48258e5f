"""The simulated kubelet: takes Pods of every node from assigned to running, restarting, ended or gone.

Each Pod is a small state machine over time. Its plan (what each container does) follows from the Pod itself and
``faults``; the present state is in its status, and the times of what comes next are kept here. Nothing is executed.

Source: pkg/kubelet, kubernetes v1.37.2 (states, reasons, events and back-off; the work itself is simulated).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events
from kmagic.sandbox.host.load_generator import LABEL
from kmagic.sandbox.kubelet import container_states
from kmagic.sandbox.printers.ages import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.sandbox.cluster import Cluster
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.storage.store import Stored

__all__ = (
    "CONTROLLER",
    "assigned",
    "reconcile",
)

NAME = "kubelet"


def assigned(cluster: Cluster, stored: Stored) -> Iterable[Key]:
    """A Pod that has a node leads to itself."""
    return (stored.key,) if LABEL not in stored.labels and b'"nodeName":' in stored.raw else ()


def reconcile(cluster: Cluster, key: Key) -> float | None:
    """Bring one Pod to where it should be by now; returns the seconds until its next change."""
    stored = cluster.store.get("pods", *key)
    if stored is None:
        return None
    pod = stored.decode()
    if cluster.store.get("nodes", "", pod["spec"]["nodeName"]) is None:
        return None  # nobody is there to run it
    if pod["metadata"].get("deletionTimestamp"):
        return _terminate(cluster, stored, pod)
    state = pod.get("status") or {}
    if state.get("phase") in ("Succeeded", "Failed"):
        return None
    plan = container_states.advance(cluster, pod)
    for event in plan.events:
        path = f"spec.containers{{{event.container}}}" if event.container else ""
        events.record(
            cluster,
            pod,
            event.reason,
            event.message,
            component=NAME,
            host=pod["spec"]["nodeName"],
            warning=event.warning,
            field_path=path,
        )
    if plan.status != state:
        base.update_status(cluster, stored, plan.status, manager=NAME)
    return plan.seconds


def _terminate(cluster: Cluster, stored: Stored, pod: JSONObject) -> float | None:
    """A deleted Pod stops soon, or with its grace period when its fault or command says so."""
    metadata = pod["metadata"]
    grace = metadata.get("deletionGracePeriodSeconds", 0)
    deadline = parse_time(metadata["deletionTimestamp"])
    begun = deadline - grace
    stops = begun + min(grace, container_states.STOP_SECONDS / cluster.speed)
    running = [
        c for c in (pod.get("status") or {}).get("containerStatuses") or () if "running" in (c.get("state") or {})
    ]
    if running and cluster.now() < stops:
        if stored.uid not in cluster.stopping:
            cluster.stopping.add(stored.uid)
            for container in running:
                message = f"Stopping container {container['name']}"
                path = f"spec.containers{{{container['name']}}}"
                host = pod["spec"]["nodeName"]
                events.record(cluster, pod, "Killing", message, component=NAME, host=host, field_path=path)
        return float(stops - cluster.now())
    cluster.stopping.discard(stored.uid)
    cluster.logs.forget(stored.uid)
    container_states.forget(cluster, stored.uid)
    if metadata.get("finalizers"):
        return None
    base.delete(cluster, stored, grace=0)
    return None


CONTROLLER = base.Controller(NAME, {"pods": assigned}, reconcile)
