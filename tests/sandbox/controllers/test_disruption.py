"""Disruption budgets."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import deployment


async def test_a_budget_counts_healthy_pods(world: Any) -> None:
    world.create(deployment(replicas=3))
    spec = {"minAvailable": "50%", "selector": {"matchLabels": {"app": "web"}}}
    world.create({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": spec})
    found = await world.until(
        "poddisruptionbudgets.policy", lambda found: (found[0]["status"] or {}).get("currentHealthy") == 3
    )
    assert found[0]["status"]["desiredHealthy"] == 2
    assert found[0]["status"]["disruptionsAllowed"] == 1
