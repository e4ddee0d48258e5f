"""Many Pods that change, without controllers: for views, browser tests and measurements."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import anyio

from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from kmagic.sandbox.registry.loopback import Loopback

__all__ = ("NAMESPACE", "add_pods", "change_one", "churn")

NAMESPACE = "load"
TICK_SECONDS = 0.05
# Seconds of changes made in one go at most, so that a busy server does not stall its readers.
MAX_CATCH_UP = 0.25


def add_pods(client: Loopback, count: int) -> None:
    """Makes running Pods ``load-00000``... in namespace ``load``; their label keeps controllers away."""
    if client.store.get("namespaces", "", NAMESPACE) is None:
        client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    nodes = [stored.name for stored in client.store.list("nodes")] or ["node-1"]
    first = len(client.store.list("pods", NAMESPACE))
    template = _template(client)
    for number in range(first, first + count):
        client.store.put("pods", _pod(template, number, nodes[number % len(nodes)]))


async def churn(client: Loopback, per_second: float, seconds: float = math.inf) -> None:
    """Changes those Pods evenly, ``per_second`` times a second, for so many seconds."""
    done, start = 0.0, anyio.current_time()
    while anyio.current_time() - start < seconds:
        await anyio.sleep(TICK_SECONDS)
        due = (anyio.current_time() - start) * per_second
        if due - done > per_second * MAX_CATCH_UP:
            done = due - per_second * MAX_CATCH_UP
        while done < due:
            change_one(client, int(done))
            done += 1


def change_one(client: Loopback, turn: int) -> None:
    """One change: a Pod restarts, or becomes ready or unready."""
    pods = client.store.count("pods", NAMESPACE)
    if not pods:
        return
    number = (turn * 7_919) % pods
    stored = client.store.get("pods", NAMESPACE, f"load-{number:05}")
    if stored is None:
        return
    pod = stored.decode()
    state = pod["status"]["containerStatuses"][0]
    if turn % 3 == 0:
        state["restartCount"] += 1
        state["lastState"] = {
            "terminated": {"exitCode": 1, "reason": "Error", "finishedAt": format_time(client.wall())}
        }
    else:
        state["ready"] = not state["ready"]
        for condition in pod["status"]["conditions"]:
            if condition["type"] in ("Ready", "ContainersReady"):
                condition["status"] = str(state["ready"])
    client.store.put("pods", pod)


def _template(client: Loopback) -> JSONObject:
    """A Pod as the server and the kubelet leave it, made once through the real path."""
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "load-template", "namespace": NAMESPACE, "labels": {LOAD_LABEL: "true"}},
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "image": "registry.k8s.io/pause:3.10",
                    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
                }
            ]
        },
    }
    stored = client.create(body, manager="kmagic-load")
    client.store.delete("pods", NAMESPACE, "load-template")
    return stored.decode()


def _pod(template: JSONObject, number: int, node: str) -> JSONObject:
    time = template["metadata"]["creationTimestamp"]
    address = f"10.{200 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
    metadata = {
        **template["metadata"],
        "name": f"load-{number:05}",
        "uid": f"00000000-0000-4000-8000-{number:012}",
        "labels": {LOAD_LABEL: "true", "app": f"app-{number % 100:02}", "tier": ("front", "back", "data")[number % 3]},
    }
    image = template["spec"]["containers"][0]["image"]
    conditions = [
        {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": time}
        for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    container = {
        "name": "app",
        "image": image,
        "imageID": f"{image}@sha256:0",
        "containerID": f"kmagic://{number:012}",
        "ready": True,
        "started": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": time}},
        "lastState": {},
    }
    status = {
        "phase": "Running",
        "qosClass": "Burstable",
        "hostIP": "172.30.0.2",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": time,
        "conditions": conditions,
        "containerStatuses": [container],
    }
    spec = {**template["spec"], "nodeName": node}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}
