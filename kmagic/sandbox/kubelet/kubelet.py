"""The simulated kubelet: takes Pods of every node from assigned to running, restarting, ended or gone.

Each Pod is a small state machine over time. Its plan (what each container does) follows from the Pod itself and
``faults``; the present state is in its status, and the times of what comes next are in the nodes' memory. Nothing is executed.

Source: pkg/kubelet, kubernetes v1.37.2 (states, reasons, events and back-off; the work itself is simulated).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kmagic.api.times import parse_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events
from kmagic.sandbox.kubelet import container_states
from kmagic.sandbox.kubelet.memory import NodeMemory
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.kubelet.logs import LogBook
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("assigned", "reconcile", "run")

NAME = "kubelet"


def assigned(client: Loopback, stored: Stored) -> Iterable[Key]:
    """A Pod that has a node leads to itself."""
    return (stored.key,) if LOAD_LABEL not in stored.labels and b'"nodeName":' in stored.raw else ()


async def run(client: Loopback, logs: LogBook, speed: float = 1.0) -> None:
    """Runs the kubelets of all nodes until cancelled.

    Args:
        client: Client by which they read and write.
        logs: Receives the containers' lines.
        speed: Factor by which containers live faster than the clock.
    """
    memory = NodeMemory(client, logs, speed)
    controller = base.Controller(NAME, {"pods": assigned}, lambda client, key: reconcile(client, key, memory))
    await base.run(client, controller)


def reconcile(client: Loopback, key: Key, memory: NodeMemory) -> float | None:
    """Brings one Pod to its present state; returns the seconds until its next change."""
    stored = client.store.get("pods", *key)
    if stored is None:
        return None
    life = memory.pods.get(stored.uid)
    if life is not None and life.revision == stored.revision and (left := life.until - memory.now()) > 0:
        return None if left == math.inf else left  # its own write: nothing is to be done before the next step
    pod = stored.decode()
    if client.store.get("nodes", "", pod["spec"]["nodeName"]) is None:
        return None  # its node is gone
    if pod["metadata"].get("deletionTimestamp"):
        return _terminate(client, stored, pod, memory)
    state = pod.get("status") or {}
    if state.get("phase") in ("Succeeded", "Failed"):
        return None
    plan = container_states.advance(memory, pod)
    for event in plan.events:
        path = f"spec.containers{{{event.container}}}" if event.container else ""
        events.record(
            client,
            pod,
            event.reason,
            event.message,
            component=NAME,
            host=pod["spec"]["nodeName"],
            warning=event.warning,
            field_path=path,
        )
    if plan.status != state:
        stored = base.update_status(client, stored, plan.status, manager=NAME)
    life = memory.pods[stored.uid]
    life.revision = stored.revision
    life.until = math.inf if plan.seconds is None else memory.now() + plan.seconds
    return plan.seconds


def _terminate(client: Loopback, stored: Stored, pod: JSONObject, memory: NodeMemory) -> float | None:
    """A deleted Pod stops soon, or with its grace period when its fault or command says so."""
    metadata = pod["metadata"]
    grace = metadata.get("deletionGracePeriodSeconds", 0)
    deadline = parse_time(metadata["deletionTimestamp"]).timestamp()
    begun = deadline - grace
    stops = begun + min(grace, container_states.STOP_SECONDS / memory.speed)
    running = [
        c for c in (pod.get("status") or {}).get("containerStatuses") or () if "running" in (c.get("state") or {})
    ]
    if running and client.now() < stops:
        if stored.uid not in memory.stopping:
            memory.stopping.add(stored.uid)
            for container in running:
                message = f"Stopping container {container['name']}"
                path = f"spec.containers{{{container['name']}}}"
                host = pod["spec"]["nodeName"]
                events.record(client, pod, "Killing", message, component=NAME, host=host, field_path=path)
        return float(stops - client.now())
    memory.forget(stored.uid)
    if metadata.get("finalizers"):
        return None
    base.delete(client, stored, grace=0)
    return None
