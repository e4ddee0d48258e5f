"""ReplicaSets keep their number of Pods."""

from __future__ import annotations

from typing import Any

from kmagic.sandbox.controllers import base
from tests.sandbox.conftest import deployment, ready


async def test_a_deleted_pod_is_replaced(world: Any) -> None:
    world.create(deployment(replicas=2))
    pods = await world.until("pods", lambda pods: len(pods) == 2 and all(map(ready, pods)))
    victim = pods[0]["metadata"]["name"]
    base.delete(world.client, world.client.store.get("pods", "default", victim))
    found = await world.until("pods", lambda pods: len(pods) == 2 and all(map(ready, pods)) and victim not in str(pods))
    assert victim not in {pod["metadata"]["name"] for pod in found}
