"""What goes wrong in containers, as a node shows it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import pod_template


@pytest.mark.parametrize(
    ("image", "reason"), [("example/no-such:1", "ImagePullBackOff"), ("example/oom", "CrashLoopBackOff")]
)
async def test_faults_show_as_they_do_on_a_node(world: Any, image: Any, reason: Any) -> None:
    world.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": pod_template(image=image)["spec"]}
    )

    def holds(pods: Any) -> Any:
        states = (pods[0].get("status") or {}).get("containerStatuses") or [{"state": {}}]
        return states[0]["state"].get("waiting", {}).get("reason") == reason

    [pod] = await world.until("pods", holds)
    if reason == "CrashLoopBackOff":
        assert pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] == "OOMKilled"
