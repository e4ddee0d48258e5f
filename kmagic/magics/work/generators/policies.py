"""Objects about namespaces and Pods: namespaces, accounts, quotas, disruption budgets, priority classes.

Source: k8s.io/kubectl/pkg/cmd/create (create_namespace.go, create_quota.go, create_pdb.go, create_priorityclass.go).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kmagic.api.quantity import Quantity
from kmagic.magics.work.generators.parts import GeneratorError, head, number_or_name, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("disruption_budget", "equality_selector", "namespace", "priority_class", "quota", "service_account")


def namespace(name: str) -> JSONObject:
    """A Namespace."""
    return {**head("v1", "Namespace", name), "spec": {}, "status": {}}


def service_account(name: str) -> JSONObject:
    """A ServiceAccount."""
    return head("v1", "ServiceAccount", name)


def quota(name: str, hard: str = "", scopes: str = "") -> JSONObject:
    """A ResourceQuota.

    Args:
        name: Its name.
        hard: ``cpu=1,pods=2``.
        scopes: ``BestEffort,Terminating``.

    Raises:
        GeneratorError: One of them is not written so.
    """
    limits = {}
    for statement in hard.split(",") if hard else ():
        parts = statement.split("=")
        if len(parts) != 2:
            raise GeneratorError(f"Invalid argument syntax {statement}, expected <resource>=<value>")
        limits[parts[0]] = _quantity(parts[1])
    found = scopes.split(",") if scopes else []
    if "" in found:
        raise GeneratorError('invalid resource quota scope ""')
    return {**head("v1", "ResourceQuota", name), "spec": without_empty({"hard": limits, "scopes": found}), "status": {}}


def _quantity(text: str) -> str:
    try:
        return str(Quantity(text))
    except ValueError as error:
        raise GeneratorError(str(error)) from error


def disruption_budget(name: str, selector: str, *, least: str = "", most_missing: str = "") -> JSONObject:
    """A PodDisruptionBudget.

    Args:
        name: Its name.
        selector: ``app=web``.
        least: Number of Pods that must be there, a number or a percentage.
        most_missing: Number of Pods that may be missing, instead.

    Raises:
        GeneratorError: No selector, not exactly one of the two, or what is no number.
    """
    if not selector:
        raise GeneratorError("a selector must be specified")
    if not least and not most_missing:
        raise GeneratorError("one of min-available or max-unavailable must be specified")
    if least and most_missing:
        raise GeneratorError("min-available and max-unavailable cannot be both specified")
    for flag, text in (("min-available", least), ("max-unavailable", most_missing)):
        if text and not re.fullmatch(r"[0-9]+%?", text):
            raise GeneratorError(f"invalid format specified for {flag}")
    amount = {"minAvailable": number_or_name(least)} if least else {"maxUnavailable": number_or_name(most_missing)}
    return {
        **head("policy/v1", "PodDisruptionBudget", name),
        "spec": {**amount, "selector": equality_selector(selector)},
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    }


def equality_selector(text: str) -> JSONObject:
    """``app=web,tier=front`` as a LabelSelector.

    Raises:
        GeneratorError: It asks for more than equality.
    """
    labels = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*([^=!\s]+)\s*==?\s*([^=!\s]*)\s*", part)
        if found is None:
            operator = "!=" if "!=" in part else part.strip()
            raise GeneratorError(f'"{operator}" is not a valid label selector operator')
        labels[found[1]] = found[2]
    return {"matchLabels": labels}


def priority_class(
    name: str, value: int = 0, *, default: bool = False, description: str = "", preemption: str = "PreemptLowerPriority"
) -> JSONObject:
    """A PriorityClass."""
    fields = {"description": description, "globalDefault": default or None, "preemptionPolicy": preemption}
    return {**head("scheduling.k8s.io/v1", "PriorityClass", name), **without_empty(fields), "value": value}
