"""Disruption budgets: how many Pods may be evicted now.

Source: pkg/controller/disruption/disruption.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kmagic.api.paths import get_path
from kmagic.api.selectors import label_selector_of
from kmagic.api.times import format_time, parse_time
from kmagic.api.types import JSONObject
from kmagic.sandbox.controllers import base, events
from kmagic.sandbox.controllers.pod_facts import active
from kmagic.sandbox.registry.eviction import BUDGETS, allowed_condition
from kmagic.sandbox.schema.well_known import LOAD_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kmagic.sandbox.controllers.base import Key
    from kmagic.sandbox.registry.loopback import Loopback
    from kmagic.sandbox.storage.store import Stored

__all__ = ("CONTROLLER", "reconcile")

NAME = "controllermanager"
DELETION_SECONDS = 120
"""After an eviction was allowed, the Pod must be deleted within this time, or it counts again."""


class _CannotCount(Exception):
    """The Pods' controllers do not say how many Pods they want."""


def reconcile(client: Loopback, key: Key) -> float | None:
    """Counts healthy Pods, and the disruptions that are allowed."""
    stored = client.store.get(BUDGETS, *key)
    if stored is None:
        return None
    budget = stored.decode()
    pods = _pods(client, budget, key[0])
    old: JSONObject = budget.get("status") or {}
    try:
        expected, desired = _expected(client, budget, pods)
    except _CannotCount as error:
        why = f"Failed to calculate the number of expected pods: {error}"
        events.record(client, budget, "CalculateExpectedPodCountFailed", why, component=NAME, warning=True)
        _write(client, stored, {**old, "disruptionsAllowed": 0}, failed=str(error))
        return None
    disrupted, again = _disrupted(client, pods, old.get("disruptedPods") or {})
    standing = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    healthy = sum(base.is_ready(pod) for pod in standing if pod["metadata"]["name"] not in disrupted)
    state: JSONObject = {
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": max(0, healthy - desired) if expected > 0 else 0,
        "expectedPods": expected,
        "observedGeneration": budget["metadata"].get("generation", 0),
    }
    if disrupted:
        state["disruptedPods"] = disrupted
    _write(client, stored, state)
    return again


def _write(client: Loopback, stored: Stored, state: JSONObject, *, failed: str = "") -> None:
    budget = stored.decode()
    known = {"conditions": (budget.get("status") or {}).get("conditions") or []}
    condition = allowed_condition({**budget, "status": state | known}, format_time(client.wall()), failed=failed)
    counts = {"currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}
    base.update_status(client, stored, counts | state | {"conditions": [condition]})


def _pods(client: Loopback, budget: JSONObject, namespace: str) -> list[JSONObject]:
    selector = label_selector_of(budget["spec"].get("selector"))
    found = (
        pod.decode()
        for pod in client.store.list("pods", namespace)
        if LOAD_LABEL not in pod.labels and selector.matches(pod.labels)
    )
    return [pod for pod in found if active(pod) or "deletionTimestamp" in pod["metadata"]]


def _expected(client: Loopback, budget: JSONObject, pods: list[JSONObject]) -> tuple[int, int]:
    """The number of Pods there should be, and of those that must be healthy; percentages are rounded up."""
    spec = budget["spec"]
    if spec.get("maxUnavailable") is not None:
        expected = _scale(client, budget, pods)
        return expected, max(0, expected - _part(spec["maxUnavailable"], expected))
    wanted = spec.get("minAvailable", 1)
    if isinstance(wanted, int):
        return len(pods), wanted
    expected = _scale(client, budget, pods)
    return expected, _part(wanted, expected)


def _part(value: int | str, total: int) -> int:
    return value if isinstance(value, int) else math.ceil(int(value.removesuffix("%")) * total / 100)


def _scale(client: Loopback, budget: JSONObject, pods: Iterable[JSONObject]) -> int:
    """The sum of what the Pods' controllers want; a Pod without one is told of, and not counted."""
    scales: dict[str, int] = {}
    references: dict[str, tuple[JSONObject, JSONObject]] = {}
    unmanaged = False
    for pod in pods:
        reference = base.controller_of(pod)
        if reference is None:
            unmanaged = True
        else:
            references[reference["uid"]] = (reference, pod)
    for reference, pod in references.values():
        uid, scale = _wanted_by(client, reference, pod)
        scales[uid] = scale
    if unmanaged:
        selector = label_selector_of(budget["spec"].get("selector"))
        message = (
            f"Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, "
            "the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account "
            'for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
        )
        events.record(client, budget, "UnmanagedPods", message, component=NAME, warning=True)
    return sum(scales.values())


def _wanted_by(client: Loopback, reference: JSONObject, pod: JSONObject) -> tuple[str, int]:
    """The uid of what decides about the number of Pods, and the number."""
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    resource = client.catalog.by_kind(reference["apiVersion"], reference["kind"])
    stored = client.store.get(resource.type.full_name, namespace, reference["name"]) if resource else None
    if resource is None or stored is None or stored.uid != reference["uid"]:
        raise _CannotCount(f'found no controllers for pod "{name}"')
    owner = stored.decode()
    above = base.controller_of(owner)
    if reference["kind"] == "ReplicaSet" and above is not None and above["kind"] == "Deployment":
        return _wanted_by(client, above, pod)
    if "scale" not in resource.parts:
        raise _CannotCount(f"{resource.type.group_resource} does not implement the scale subresource")
    return stored.uid, get_path(owner, client.objects.custom.scale_paths(resource)["specReplicasPath"]) or 0


def _disrupted(client: Loopback, pods: Iterable[JSONObject], known: JSONObject) -> tuple[JSONObject, float | None]:
    """The Pods whose eviction is under way, and the seconds until the first of them counts again."""
    found, first = {}, None
    for pod in pods:
        name = pod["metadata"]["name"]
        if "deletionTimestamp" in pod["metadata"] or name not in known:
            continue
        left = parse_time(known[name]).timestamp() + DELETION_SECONDS - client.now()
        if left <= 0:
            place = pod["metadata"]["namespace"]
            why = f"Pod was expected by PDB {place}/{place} to be deleted but it wasn't"
            events.record(client, pod, "NotDeleted", why, component=NAME, warning=True)
            continue
        found[name] = known[name]
        first = left if first is None else min(first, left)
    return found, first


def _in_namespace(client: Loopback, stored: Stored) -> list[Key]:
    if LOAD_LABEL in stored.labels:
        return []
    return [found.key for found in client.store.list(BUDGETS, stored.namespace)]


_SCALED = ("replicasets.apps", "deployments.apps", "statefulsets.apps", "replicationcontrollers")
CONTROLLER = base.Controller(
    "disruption-controller",
    {BUDGETS: base.itself, "pods": _in_namespace} | dict.fromkeys(_SCALED, _in_namespace),
    reconcile,
)
