"""The scopes of quotas: which objects a quota counts.

Source: pkg/quota/v1/evaluator/core/pods.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("counts",)


def counts(spec: JSONObject, key: str, obj: JSONObject) -> bool:
    """Returns whether a quota counts an object; one with scopes counts only Pods.

    Args:
        spec: The quota's spec.
        key: Storage key of the object's resource.
        obj: The object.
    """
    terms = list(_terms(spec))
    if not terms:
        return True
    return key == "pods" and all(_matches(obj, term) for term in terms)


def _terms(spec: JSONObject) -> Iterator[JSONObject]:
    for name in spec.get("scopes") or ():
        yield {"scopeName": name, "operator": "Exists"}
    yield from (spec.get("scopeSelector") or {}).get("matchExpressions") or ()


def _matches(pod: JSONObject, term: JSONObject) -> bool:
    if term["scopeName"] == "PriorityClass":
        return _by_class(pod["spec"].get("priorityClassName") or "", term)
    return BY_NAME[term["scopeName"]](pod) if term["scopeName"] in BY_NAME else False


def _by_class(name: str, term: JSONObject) -> bool:
    values = term.get("values") or ()
    match term["operator"]:
        case "In":
            return name in values
        case "NotIn":
            return name not in values
        case "Exists":
            return bool(name)
    return not name


def _is_terminating(pod: JSONObject) -> bool:
    seconds = pod["spec"].get("activeDeadlineSeconds")
    return seconds is not None and seconds >= 0


def _is_best_effort(pod: JSONObject) -> bool:
    containers = [*(pod["spec"].get("initContainers") or ()), *(pod["spec"].get("containers") or ())]
    asked = (
        name
        for container in containers
        for kind in ("requests", "limits")
        for name in (container.get("resources") or {}).get(kind) or ()
    )
    return not any(name in ("cpu", "memory") for name in asked)


def _reaches_other_namespaces(pod: JSONObject) -> bool:
    affinity = pod["spec"].get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        found = affinity.get(kind) or {}
        terms = list(found.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        weighted = found.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [each["podAffinityTerm"] for each in weighted]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False


BY_NAME: dict[str, Callable[[JSONObject], bool]] = {
    "Terminating": _is_terminating,
    "NotTerminating": lambda pod: not _is_terminating(pod),
    "BestEffort": _is_best_effort,
    "NotBestEffort": lambda pod: not _is_best_effort(pod),
    "CrossNamespacePodAffinity": _reaches_other_namespaces,
}
