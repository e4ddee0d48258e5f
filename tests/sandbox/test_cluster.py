"""A cluster is its parts put together."""

from typing import Any

from kmagic.sandbox.access.authentication import User
from kmagic.sandbox.cluster import Cluster
from tests.sandbox.conftest import deployment


async def test_controllers_run_until_they_are_cancelled(world: Any) -> None:
    world.create(deployment(replicas=1))
    pods = await world.until("pods", lambda pods: len(pods) == 1)
    assert pods[0]["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"


def test_clusters_share_nothing() -> None:
    one, two = (Cluster({"t": User("x")}) for _ in range(2))
    one.client.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})
    assert one.client.store.get("nodes", "", "n") is not None
    assert two.client.store.get("nodes", "", "n") is None
    assert one.api.objects.store is one.client.store
