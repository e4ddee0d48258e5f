"""ReplicationControllers keep their number of Pods."""

from typing import Any

from tests.sandbox.conftest import pod_template, ready


async def test_as_many_pods_run_as_are_wanted(world: Any) -> None:
    spec = {"replicas": 2, "selector": {"app": "web"}, "template": pod_template()}
    world.create({"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "o"}, "spec": spec})
    pods = await world.until("pods", lambda pods: len(pods) == 2 and all(map(ready, pods)))
    assert {pod["metadata"]["ownerReferences"][0]["kind"] for pod in pods} == {"ReplicationController"}
    found = await world.until(
        "replicationcontrollers", lambda found: (found[0].get("status") or {}).get("availableReplicas") == 2
    )
    assert found[0]["status"]["readyReplicas"] == 2
