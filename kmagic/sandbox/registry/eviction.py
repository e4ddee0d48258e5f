"""Evictions: a Pod is deleted when the disruption budgets allow it.

Source: pkg/registry/core/pod/storage/eviction.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.conditions import condition_of, is_true
from kmagic.api.gvk import GroupResource
from kmagic.api.selectors import label_selector_of
from kmagic.api.times import format_time
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.registry import deletion
from kmagic.sandbox.registry.deletion import DeleteOptions, Preconditions
from kmagic.sandbox.registry.objects import Options

if TYPE_CHECKING:
    from kmagic.sandbox.registry.objects import Objects
    from kmagic.sandbox.schema.resources import Resource
    from kmagic.sandbox.storage.store import Store, Stored

__all__ = ("BUDGETS", "allowed_condition", "budgets_of", "evict")

BUDGETS = "poddisruptionbudgets.policy"
FREE_PHASES = ("Succeeded", "Failed", "Pending")
"""Phases in which a Pod serves nobody: no budget is asked."""
MANY = 2000
"""Evictions that the controller has not seen yet, before no more are allowed."""
REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


def evict(objects: Objects, resource: Resource, pod: Stored, options: DeleteOptions) -> JSONObject:
    """Evicts a Pod; returns the Status that answers the request.

    Raises:
        APIError: 429 when a budget has no disruption left or is not up to date, 409 when a precondition does not hold.
    """
    body = pod.decode()
    if (body.get("status") or {}).get("phase") in FREE_PHASES or "deletionTimestamp" in body["metadata"]:
        _delete(objects, resource, pod, options)
        return {"status": "Success"}
    budgets = list(budgets_of(objects.store, pod))
    if len(budgets) > 1:
        return {"status": "Failure", "message": SEVERAL, "code": 500}
    if budgets and not _is_spare(body, budgets[0].decode()):
        _take_one(objects, pod, budgets[0].decode(), dry_run=bool(options.dry_run))
    _delete(objects, resource, pod, options)
    return {"status": "Success"}


def budgets_of(store: Store, pod: Stored) -> list[Stored]:
    """The disruption budgets whose selector matches a Pod."""
    return [
        stored
        for stored in store.list(BUDGETS, pod.namespace)
        if label_selector_of(stored.decode()["spec"].get("selector")).matches(pod.labels)
    ]


def allowed_condition(budget: JSONObject, time: str, *, failed: str = "") -> JSONObject:
    """The DisruptionAllowed condition of a budget; its time is kept while it says the same.

    Args:
        budget: The budget with its new status, but for the conditions.
        time: The time of day.
        failed: The reason why the Pods cannot be counted, "" where they can.
    """
    state, old = budget["status"], condition_of(budget, "DisruptionAllowed")
    allowed = bool(state["disruptionsAllowed"])
    value = "True" if allowed else "False"
    return {
        "type": "DisruptionAllowed",
        "status": value,
        "reason": "SyncFailed" if failed else "SufficientPods" if allowed else "InsufficientPods",
        "message": failed,
        "lastTransitionTime": old["lastTransitionTime"] if old.get("status") == value else time,
        "observedGeneration": state.get("observedGeneration", 0),
    }


def _is_spare(pod: JSONObject, budget: JSONObject) -> bool:
    """Returns whether a Pod that is not ready may go without being counted."""
    if is_true(pod, "Ready"):
        return False
    state = budget.get("status") or {}
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    desired = state.get("desiredHealthy", 0)
    return bool(state.get("currentHealthy", 0) >= desired > 0)


def _take_one(objects: Objects, pod: Stored, budget: JSONObject, *, dry_run: bool) -> None:
    """Takes one disruption from a budget."""
    name, state = budget["metadata"]["name"], budget.get("status") or {}
    if state.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        why = f"The disruption budget {name} is still being processed by the server."
        raise status.too_many_requests(REFUSED, retry_after=10, cause=_cause(why))
    if len(state.get("disruptedPods") or ()) > MANY:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise status.forbidden(GroupResource("policy", "poddisruptionbudget"), name, why)
    if state["disruptionsAllowed"] == 0:
        raise status.too_many_requests(REFUSED, cause=_cause(_why(budget, state)))
    if dry_run:
        return
    time = format_time(objects.wall())
    state["disruptionsAllowed"] -= 1
    state["disruptedPods"] = {**(state.get("disruptedPods") or {}), pod.name: time}
    if not state["disruptionsAllowed"]:
        state["conditions"] = [allowed_condition(budget, time)]
    objects.store.put(BUDGETS, budget)


def _why(budget: JSONObject, state: JSONObject) -> str:
    name, told = budget["metadata"]["name"], condition_of(budget, "DisruptionAllowed")
    message = told.get("message") if told.get("status") == "False" else ""
    start = f"The disruption budget {name} does not allow evicting pods currently"
    if message and told["reason"] == "SyncFailed":
        return f"{start} because it failed sync: {message}"
    if state["currentHealthy"] <= state["desiredHealthy"]:
        needs, has = state["desiredHealthy"], state["currentHealthy"]
        return f"The disruption budget {name} needs {needs} healthy pods and has {has} currently"
    return f"{start} ({told['reason']}): {message}" if message else start


def _cause(message: str) -> dict[str, str]:
    return {"reason": "DisruptionBudget", "message": message}


def _delete(objects: Objects, resource: Resource, pod: Stored, options: DeleteOptions) -> None:
    """Says in the Pod's status why it goes, then deletes it."""
    deletion.check(resource, pod, options)
    if not options.dry_run:
        pod = _marked(objects, resource, pod)
        wanted = options.preconditions
        if wanted is not None and wanted.resource_version:
            # what is deleted is what this request has just written
            options = msgspec.structs.replace(options, preconditions=Preconditions(wanted.uid, str(pod.revision)))
    deletion.delete(objects, resource, pod, options)


def _marked(objects: Objects, resource: Resource, pod: Stored) -> Stored:
    body = pod.decode()
    state, old = body.setdefault("status", {}), condition_of(body, "DisruptionTarget")
    told = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
        "lastProbeTime": None,
        "lastTransitionTime": old["lastTransitionTime"] if old.get("status") == "True" else format_time(objects.wall()),
    }
    others = [each for each in state.get("conditions") or () if each["type"] != "DisruptionTarget"]
    state["conditions"] = [*others, told]
    return objects.replace(resource, pod, body, Options(), subresource="status", managed=True)
