"""Pods as a node runs them."""

from __future__ import annotations

from typing import Any

from kmagic.sandbox.controllers import base
from kmagic.sandbox.kubelet.kubelet import reconcile
from kmagic.sandbox.kubelet.logs import LogBook
from kmagic.sandbox.kubelet.memory import NodeMemory
from tests.sandbox.conftest import deployment, ready


async def test_a_crash_loop_restarts_and_keeps_the_last_log(world: Any) -> None:
    world.create(deployment(replicas=1, image="example/crashloop"))

    def holds(pods: Any) -> Any:
        states = [s for pod in pods for s in (pod.get("status") or {}).get("containerStatuses") or ()]
        waiting = [s["state"].get("waiting", {}).get("reason") for s in states]
        return "CrashLoopBackOff" in waiting and states[0]["restartCount"] >= 1

    [pod] = await world.until("pods", holds)
    last = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"]) == (1, "Error")
    assert world.cluster.api.logs.has_previous(pod["metadata"]["uid"], "c")
    assert any(event["reason"] == "BackOff" and event["type"] == "Warning" for event in world.all("events"))


async def test_a_kubelet_does_nothing_for_its_own_write_and_sees_every_other(still: Any) -> None:
    node = still.store.list("nodes")[0].name
    spec = {"nodeName": node, "containers": [{"name": "c", "image": "nginx"}]}
    metadata = {"name": "p", "namespace": "default"}
    still.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    memory, key = NodeMemory(still, LogBook()), ("default", "p")

    def pod() -> Any:
        return still.store.get("pods", *key).decode()

    assert reconcile(still, key, memory) is not None
    while not ready(pod()):  # each look at the clock is a second later
        reconcile(still, key, memory)
    assert reconcile(still, key, memory) is None
    before = still.store.revision
    assert reconcile(still, key, memory) is None
    assert still.store.revision == before
    changed = pod()
    changed["spec"]["containers"][0]["image"] = "nginx:2"
    base.update(still, still.store.get("pods", *key), changed)
    reconcile(still, key, memory)
    assert pod()["status"]["containerStatuses"][0]["restartCount"] == 1
    base.delete(still, still.store.get("pods", *key), grace=1)
    reconcile(still, key, memory)
    assert still.store.get("pods", *key) is None
