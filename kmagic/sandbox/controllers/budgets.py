"""Disruption budgets and quotas: keep their status true.

Source: pkg/controller/disruption, pkg/controller/resourcequota, kubernetes v1.37.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kmagic.api.selectors import label_selector_of
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.admission import quotas
from kmagic.sandbox.controllers import base
from kmagic.sandbox.controllers.replica_set import active
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("BUDGETS", "QUOTAS", "reconcile_budget", "reconcile_quota")

DISRUPTION = "poddisruptionbudgets.policy"
COUNTED = ("pods", "services", "secrets", "configmaps", "persistentvolumeclaims", "deployments.apps", "jobs.batch")


def reconcile_budget(client: Loopback, key: Key) -> float | None:
    """Counts healthy Pods, and the disruptions that are allowed."""
    stored = client.store.get(DISRUPTION, *key)
    if stored is None:
        return None
    budget = stored.decode()
    selector = label_selector_of(budget["spec"].get("selector"))
    pods = [
        pod.decode()
        for pod in client.store.list("pods", key[0])
        if LOAD_LABEL not in pod.labels and selector.matches(pod.labels)
    ]
    pods = [pod for pod in pods if active(pod)]
    healthy, expected = sum(map(base.is_ready, pods)), len(pods)
    desired = _desired(budget["spec"], expected)
    allowed = max(0, healthy - desired)
    words = ("SufficientPods", "True") if allowed else ("InsufficientPods", "False")
    generation = budget["metadata"].get("generation", 0)
    old: JSONObject = next(iter((budget.get("status") or {}).get("conditions") or ()), {})
    time = old["lastTransitionTime"] if old.get("status") == words[1] else format_time(client.wall())
    condition = {
        "type": "DisruptionAllowed",
        "status": words[1],
        "reason": words[0],
        "message": "",
        "lastTransitionTime": time,
        "observedGeneration": generation,
    }
    status = {
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "observedGeneration": generation,
        "conditions": [condition],
    }
    base.update_status(client, stored, status)
    return None


# Both percentages are rounded up: minAvailable towards more healthy Pods, maxUnavailable towards more disruptions.
# Source: getExpectedPodCount in pkg/controller/disruption/disruption.go.
def _desired(spec: JSONObject, expected: int) -> int:
    if "minAvailable" in spec:
        return _scaled(spec["minAvailable"], expected)
    return max(0, expected - _scaled(spec.get("maxUnavailable", 0), expected))


def _scaled(value: int | str, total: int) -> int:
    return value if isinstance(value, int) else math.ceil(int(value.removesuffix("%")) * total / 100)


def reconcile_quota(client: Loopback, key: Key) -> float | None:
    """Writes the usage of every limited resource."""
    stored = client.store.get("resourcequotas", *key)
    if stored is None:
        return None
    hard = stored.decode()["spec"].get("hard") or {}
    used = quotas.usage(client.store, client.catalog, key[0])
    base.update_status(client, stored, {"hard": hard, "used": {name: str(used[name]) for name in hard}})
    return None


def _in_namespace(resource: str) -> Any:
    def keys(client: Loopback, stored: Stored) -> list[Key]:
        if LOAD_LABEL in stored.labels:
            return []
        return [found.key for found in client.store.list(resource, stored.namespace)]

    return keys


BUDGETS = base.Controller(
    "disruption-controller", {DISRUPTION: base.itself, "pods": _in_namespace(DISRUPTION)}, reconcile_budget
)
QUOTAS = base.Controller(
    "resourcequota-controller",
    {"resourcequotas": base.itself} | {name: _in_namespace("resourcequotas") for name in COUNTED},
    reconcile_quota,
)
