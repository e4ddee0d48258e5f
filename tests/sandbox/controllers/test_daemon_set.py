"""DaemonSets: one Pod a node."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import pod_template


async def test_a_daemon_set_runs_on_every_node(world: Any) -> None:
    spec = {"selector": {"matchLabels": {"app": "a"}}, "template": pod_template("a")}
    world.create({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a"}, "spec": spec})
    [found] = await world.until("daemonsets.apps", lambda sets: (sets[0].get("status") or {}).get("numberReady") == 3)
    assert found["status"]["desiredNumberScheduled"] == 3
    assert {pod["spec"]["nodeName"] for pod in world.all("pods")} == {"node-1", "node-2", "node-3"}
