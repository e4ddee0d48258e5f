"""Disruption budgets: may this Pod be evicted now.

Source: pkg/registry/core/pod/storage/eviction.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.selectors import label_selector_of
from kmagic.api.types import JSONObject
from kmagic.sandbox import status

if TYPE_CHECKING:
    from kmagic.sandbox.storage.store import Store

__all__ = ("require_allowed",)

BUDGETS = "poddisruptionbudgets.policy"


def require_allowed(store: Store, pod: JSONObject) -> None:
    """Refuses an eviction that a disruption budget forbids.

    Raises:
        APIError: 429 when a budget has no disruption left.
    """
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed", "Pending"):
        return
    metadata = pod["metadata"]
    for stored in store.list(BUDGETS, metadata["namespace"]):
        budget = stored.decode()
        selector = budget["spec"].get("selector")
        if not label_selector_of(selector).matches(metadata.get("labels")):
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
        store.put(BUDGETS, budget)
