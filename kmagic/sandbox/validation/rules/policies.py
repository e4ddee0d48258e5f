"""The rules of RBAC, autoscalers, disruption budgets and Leases; and of definitions.

Source: pkg/apis/{rbac,autoscaling,policy,coordination}/validation/validation.go, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api.types import JSONObject
from kmagic.sandbox.status import Cause
from kmagic.sandbox.validation import patterns
from kmagic.sandbox.validation.rules import schema_rules
from kmagic.sandbox.validation.rules.causes import (
    forbidden,
    not_negative,
    required,
    share,
    share_of_all,
    unsupported,
    wrong,
)
from kmagic.sandbox.validation.rules.labels import dns_subdomain, path_segment, selector

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = (
    "autoscaler",
    "binding_change",
    "cluster_role",
    "cluster_role_binding",
    "definition",
    "disruption_budget",
    "lease",
    "priority_class",
    "role",
    "role_binding",
    "storage_class",
)

RBAC = "rbac.authorization.k8s.io"
SUBJECTS = ("ServiceAccount", "User", "Group")
METRICS = ("ContainerResource", "External", "Object", "Pods", "Resource")
RECLAIM_POLICIES = ("Delete", "Retain")
HIGHEST_PRIORITY = 1_000_000_000
EVICTION_POLICIES = ("AlwaysAllow", "IfHealthyBudget")


def role(obj: JSONObject) -> Iterator[Cause]:
    """A Role."""
    for index, rule in enumerate(obj.get("rules") or ()):
        yield from _policy_rule(rule, f"rules[{index}]", namespaced=True)


def cluster_role(obj: JSONObject) -> Iterator[Cause]:
    """A ClusterRole."""
    for index, rule in enumerate(obj.get("rules") or ()):
        yield from _policy_rule(rule, f"rules[{index}]", namespaced=False)
    gathered = obj.get("aggregationRule")
    if gathered is not None:
        place, selectors = "aggregationRule.clusterRoleSelectors", gathered.get("clusterRoleSelectors") or ()
        if not selectors:
            yield required(place, "at least one clusterRoleSelector required if aggregationRule is non-nil")
        for index, chosen in enumerate(selectors):
            yield from selector(f"{place}[{index}]", chosen)


def _policy_rule(rule: JSONObject, field: str, *, namespaced: bool) -> Iterator[Cause]:
    paths = rule.get("nonResourceURLs")
    if paths:
        if namespaced:
            yield wrong(f"{field}.nonResourceURLs", paths, "namespaced rules cannot apply to non-resource URLs")
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            why = "rules cannot apply to both regular resources and non-resource URLs"
            yield wrong(f"{field}.nonResourceURLs", paths, why)
    else:
        if not rule.get("apiGroups"):
            yield required(f"{field}.apiGroups", "resource rules must supply at least one api group")
        if not rule.get("resources"):
            yield required(f"{field}.resources", "resource rules must supply at least one resource")
    if not rule.get("verbs"):
        yield required(f"{field}.verbs")


def role_binding(obj: JSONObject) -> Iterator[Cause]:
    """A RoleBinding."""
    yield from _binding(obj, ("Role", "ClusterRole"), namespaced=True)


def cluster_role_binding(obj: JSONObject) -> Iterator[Cause]:
    """A ClusterRoleBinding."""
    yield from _binding(obj, ("ClusterRole",), namespaced=False)


def _binding(obj: JSONObject, kinds: tuple[str, ...], *, namespaced: bool) -> Iterator[Cause]:
    reference = obj.get("roleRef") or {}
    if reference.get("apiGroup", RBAC) != RBAC:
        yield unsupported("roleRef.apiGroup", reference["apiGroup"], (RBAC,))
    if reference.get("kind") not in kinds:
        yield unsupported("roleRef.kind", reference.get("kind", ""), kinds)
    if reference.get("name"):
        yield from path_segment("roleRef.name", reference["name"])
    for index, subject in enumerate(obj.get("subjects") or ()):
        yield from _subject(subject, f"subjects[{index}]", namespaced=namespaced)
    if not reference.get("name"):
        yield required("roleRef.name")


def binding_change(old: JSONObject, new: JSONObject) -> Iterator[Cause]:
    """A binding keeps its role for life."""
    reference = new.get("roleRef") or {}
    if old.get("roleRef") != reference:  # the server shows its internal type, whose fields have no JSON names
        shown = {name: reference.get(name[0].lower() + name[1:], "") for name in ("Kind", "Name")}
        yield wrong("roleRef", {"APIGroup": reference.get("apiGroup", "")} | shown, "field is immutable")


def _subject(subject: JSONObject, field: str, *, namespaced: bool) -> Iterator[Cause]:
    kind, name, group = subject.get("kind", ""), subject.get("name", ""), subject.get("apiGroup", "")
    if kind == "ServiceAccount":
        if name:
            yield from dns_subdomain(f"{field}.name", name)
        if group:
            yield unsupported(f"{field}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{field}.namespace")
    elif kind not in SUBJECTS:
        yield unsupported(f"{field}.kind", kind, SUBJECTS)
    elif group != RBAC:
        yield unsupported(f"{field}.apiGroup", group, (RBAC,))
    if not name:
        yield required(f"{field}.name")


def autoscaler(obj: JSONObject) -> Iterator[Cause]:
    """A HorizontalPodAutoscaler."""
    spec = obj.get("spec") or {}
    least, most, target = spec.get("minReplicas"), spec.get("maxReplicas", 0), spec.get("scaleTargetRef") or {}
    place = "spec.scaleTargetRef"
    if least is not None and most < least:
        yield wrong("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    for name in ("kind", "name"):
        if target.get(name):
            yield from path_segment(f"{place}.{name}", target[name])
        else:
            yield required(f"{place}.{name}")
    if "/" not in target.get("apiVersion", ""):
        yield wrong(f"{place}.apiVersion", target.get("apiVersion", ""), "apiVersion must specify API group")
    yield from _metrics(spec, least)
    yield from not_negative(spec, "spec", "minReplicas")
    if most == 0:
        yield required("spec.maxReplicas")
    elif most < 0:
        yield wrong("spec.maxReplicas", most, "must be greater than or equal to 1")


def _metrics(spec: JSONObject, least: int | None) -> Iterator[Cause]:
    metrics = spec.get("metrics") or ()
    for index, metric in enumerate(metrics):
        kind = metric.get("type", "")
        if not kind:
            yield required(f"spec.metrics[{index}].type", "must specify a metric source type")
        if kind not in METRICS:
            yield unsupported(f"spec.metrics[{index}].type", kind, METRICS)
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden("spec.metrics", why)


def disruption_budget(obj: JSONObject) -> Iterator[Cause]:
    """A PodDisruptionBudget."""
    spec = obj.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {  # the server shows its internal type, whose fields have no JSON names
            "MinAvailable": least,
            "Selector": spec.get("selector"),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        yield wrong("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for name, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            yield from share(f"spec.{name}", value)
            yield from share_of_all(f"spec.{name}", value)
    yield from selector("spec.selector", spec.get("selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in EVICTION_POLICIES:
        yield unsupported("spec.unhealthyPodEvictionPolicy", policy, EVICTION_POLICIES)


def lease(obj: JSONObject) -> Iterator[Cause]:
    """A Lease."""
    spec = obj.get("spec") or {}
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        yield wrong("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    yield from not_negative(spec, "spec", "leaseTransitions")


def priority_class(obj: JSONObject) -> Iterator[Cause]:
    """A PriorityClass."""
    if obj.get("value", 0) > HIGHEST_PRIORITY and not obj["metadata"]["name"].startswith("system-"):
        yield forbidden("value", f"maximum allowed value of a user defined priority is {HIGHEST_PRIORITY}")


def storage_class(obj: JSONObject) -> Iterator[Cause]:
    """A StorageClass."""
    if not obj.get("provisioner"):
        yield required("provisioner")
    policy = obj.get("reclaimPolicy")
    if policy is not None and policy not in RECLAIM_POLICIES:
        yield unsupported("reclaimPolicy", policy, RECLAIM_POLICIES)


def definition(obj: JSONObject) -> Iterator[Cause]:
    """A CustomResourceDefinition."""
    spec = obj.get("spec") or {}
    names = spec.get("names") or {}
    wanted = f"{names.get('plural', '')}.{spec.get('group', '')}"
    if obj["metadata"]["name"] != wanted:
        yield wrong("metadata.name", obj["metadata"]["name"], 'must be spec.names.plural+"."+spec.group')
    if not spec.get("versions"):
        yield required("spec.versions")
    versions = spec.get("versions") or ()
    found = [(version.get("schema") or {}).get("openAPIV3Schema") for version in versions]
    for index, schema in enumerate(found):
        if not schema:
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required")
    if found and all(schema == found[0] for schema in found):
        yield from _schema(found[0] or {}, "spec.validation.openAPIV3Schema")  # the server keeps equal ones once
    else:
        for index, schema in enumerate(found):
            yield from _schema(schema or {}, f"spec.versions[{index}].schema.openAPIV3Schema")


def _schema(schema: JSONObject, path: str, *, comparable: bool = True) -> Iterator[Cause]:
    """The patterns and the rules of a schema, at any depth; items of most lists have none before them to compare with."""
    yield from schema_rules.definition_causes(schema, path, comparable=comparable)
    pattern = schema.get("pattern") or ""
    if why := patterns.complaint(pattern):
        yield wrong(f"{path}.pattern", pattern, f"must be a valid regular expression, but isn't: {why}")
    for name, child in sorted((schema.get("properties") or {}).items()):
        yield from _schema(child, f"{path}.properties[{name}]", comparable=comparable)
    for part in ("items", "additionalProperties", "not"):
        if isinstance(child := schema.get(part), dict):
            below = comparable and (part != "items" or schema.get("x-kubernetes-list-type") == "map")
            yield from _schema(child, f"{path}.{part}", comparable=below)
    for part in ("allOf", "anyOf", "oneOf"):
        for index, child in enumerate(schema.get(part) or ()):
            yield from _schema(child, f"{path}.{part}[{index}]")
