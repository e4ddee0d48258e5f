"""Disruption budgets: may this Pod be evicted now.

Source: pkg/registry/core/pod/storage/eviction.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.validation.structural import selects

if TYPE_CHECKING:
    from kmagic.sandbox.cluster import Cluster

__all__ = ("require_allowed",)

BUDGETS = "poddisruptionbudgets.policy"


def require_allowed(cluster: Cluster, pod: JSONObject) -> None:
    """Let an eviction pass.

    Raises:
        APIError: 429 when a budget has no disruption left.
    """
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed", "Pending"):
        return
    metadata = pod["metadata"]
    for stored in cluster.store.list(BUDGETS, metadata["namespace"]):
        budget = stored.decode()
        selector = budget["spec"].get("selector")
        if selector is None or not selects(selector, metadata.get("labels") or {}):
            continue
        state = budget.get("status") or {}
        if state.get("disruptionsAllowed", 0) <= 0:
            needs, has = state.get("desiredHealthy", 0), state.get("currentHealthy", 0)
            why = f"The disruption budget {stored.name} needs {needs} healthy pods and has {has} currently"
            cause = {"reason": "DisruptionBudget", "message": why}
            raise status.too_many_requests(
                "Cannot evict pod as it would violate the pod's disruption budget.", cause=cause
            )
        state["disruptionsAllowed"] -= 1
        budget["status"] = state
        cluster.store.put(BUDGETS, budget)
