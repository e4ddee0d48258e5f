"""StatefulSets: order and claims."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import pod_template, ready


async def test_a_stateful_set_starts_in_order_each_with_its_claim(world: Any) -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
             "resources": {"requests": {"storage": "1Gi"}}}}  # fmt: skip
    order = []
    spec = {"replicas": 3, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": pod_template("db"), "volumeClaimTemplates": [claim]}  # fmt: skip
    world.create({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec})

    def holds(pods: Any) -> Any:
        for pod in pods:
            if pod["metadata"]["name"] not in order:
                assert all(ready(other) for other in pods if other is not pod)
                order.append(pod["metadata"]["name"])
        return len(pods) == 3 and all(map(ready, pods))

    await world.until("pods", holds)
    assert order == ["db-0", "db-1", "db-2"]
    claims = await world.until(
        "persistentvolumeclaims", lambda found: {c["status"]["phase"] for c in found} == {"Bound"}
    )
    assert [c["metadata"]["name"] for c in claims] == ["data-db-0", "data-db-1", "data-db-2"]
