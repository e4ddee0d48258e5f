"""Control loops together, as people meet them."""

from __future__ import annotations

from typing import Any

from kmagic.sandbox.controllers import base
from tests.sandbox.conftest import condition, deployment, pod_template, ready, running


async def test_a_pod_that_fits_nowhere_is_told_why_and_runs_when_there_is_room(world: Any) -> None:
    spec = pod_template()["spec"]
    spec["nodeSelector"] = {"disk": "ssd"}
    world.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    [pod] = await world.until("pods", lambda pods: bool(condition(pods[0], "PodScheduled")))
    assert condition(pod, "PodScheduled")["reason"] == "Unschedulable"
    assert "3 node(s) didn't match Pod's node affinity/selector" in condition(pod, "PodScheduled")["message"]
    stored = world.client.store.get("nodes", "", "node-2")
    node = stored.decode()
    node["metadata"]["labels"]["disk"] = "ssd"
    base.update(world.client, stored, node)
    [pod] = await world.until("pods", lambda pods: ready(pods[0]))
    assert pod["spec"]["nodeName"] == "node-2"


async def test_without_nodes_everything_waits() -> None:
    async with running(nodes=0) as world:
        world.create(deployment(replicas=1))
        [pod] = await world.until("pods", lambda pods: bool(pods and condition(pods[0], "PodScheduled")))
        assert condition(pod, "PodScheduled")["message"] == "no nodes available to schedule pods"
