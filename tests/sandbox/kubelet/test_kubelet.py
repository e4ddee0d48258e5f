"""Pods as a node runs them."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import deployment


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
