"""Disruption budgets and quotas: keep their status true.

Source: pkg/controller/disruption, pkg/controller/resourcequota, kubernetes v1.37.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kmagic.api.types import JSONObject
from kmagic.sandbox.admission import quotas
from kmagic.sandbox.controllers import base
from kmagic.sandbox.controllers.replica_set import active
from kmagic.sandbox.host.load_generator import LABEL
from kmagic.sandbox.printers.ages import rfc3339
from kmagic.sandbox.validation.structural import selects

if TYPE_CHECKING:
    from kmagic.sandbox.cluster import Cluster
    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.storage.store import Stored

__all__ = ("BUDGETS", "QUOTAS", "reconcile_budget", "reconcile_quota")

DISRUPTION = "poddisruptionbudgets.policy"
COUNTED = ("pods", "services", "secrets", "configmaps", "persistentvolumeclaims", "deployments.apps", "jobs.batch")


def reconcile_budget(cluster: Cluster, key: Key) -> float | None:
    """Count healthy Pods, and how many may go."""
    stored = cluster.store.get(DISRUPTION, *key)
    if stored is None:
        return None
    budget = stored.decode()
    selector = budget["spec"].get("selector")
    pods = [
        pod.decode()
        for pod in cluster.store.list("pods", key[0])
        if selector is not None and LABEL not in pod.labels and selects(selector, pod.labels)
    ]
    pods = [pod for pod in pods if active(pod)]
    healthy, expected = sum(map(base.is_ready, pods)), len(pods)
    desired = _desired(budget["spec"], expected)
    allowed = max(0, healthy - desired)
    words = ("SufficientPods", "True") if allowed else ("InsufficientPods", "False")
    generation = budget["metadata"].get("generation", 0)
    old: JSONObject = next(iter((budget.get("status") or {}).get("conditions") or ()), {})
    time = old["lastTransitionTime"] if old.get("status") == words[1] else rfc3339(cluster.wall())
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
    base.update_status(cluster, stored, status)
    return None


def _desired(spec: JSONObject, expected: int) -> int:
    if "minAvailable" in spec:
        return _scaled(spec["minAvailable"], expected)
    return max(0, expected - _scaled(spec.get("maxUnavailable", 0), expected))


def _scaled(value: int | str, total: int) -> int:
    return value if isinstance(value, int) else math.ceil(int(value.removesuffix("%")) * total / 100)


def reconcile_quota(cluster: Cluster, key: Key) -> float | None:
    """Write what is used of what is limited."""
    stored = cluster.store.get("resourcequotas", *key)
    if stored is None:
        return None
    hard = stored.decode()["spec"].get("hard") or {}
    used = quotas.usage(cluster, key[0])
    base.update_status(cluster, stored, {"hard": hard, "used": {name: str(used[name]) for name in hard}})
    return None


def _in_namespace(resource: str) -> Any:
    def keys(cluster: Cluster, stored: Stored) -> list[Key]:
        if LABEL in stored.labels:
            return []
        return [found.key for found in cluster.store.list(resource, stored.namespace)]

    return keys


BUDGETS = base.Controller(
    "disruption-controller", {DISRUPTION: base.itself, "pods": _in_namespace(DISRUPTION)}, reconcile_budget
)
QUOTAS = base.Controller(
    "resourcequota-controller",
    {"resourcequotas": base.itself} | {name: _in_namespace("resourcequotas") for name in COUNTED},
    reconcile_quota,
)
