"""The Pods behind a Service."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import deployment


async def test_a_service_knows_its_ready_pods(world: Any) -> None:
    ports = [{"port": 80, "targetPort": 8080}]
    world.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                  "spec": {"selector": {"app": "web"}, "ports": ports}})  # fmt: skip
    world.create(deployment(replicas=2))

    def holds(slices: Any) -> Any:
        endpoints = [e for s in slices if s["metadata"]["name"].startswith("web-") for e in s.get("endpoints") or ()]
        return len(endpoints) == 2 and all(e["conditions"]["ready"] for e in endpoints)

    await world.until("endpointslices.discovery.k8s.io", holds)
    await world.until(
        "endpoints", lambda found: len(found[0]["subsets"][0].get("addresses", ())) == 2 if found else False
    )
    assert world.get("endpoints", "web")["subsets"][0]["ports"] == [{"port": 8080, "protocol": "TCP"}]
