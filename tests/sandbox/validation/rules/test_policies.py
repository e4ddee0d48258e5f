"""Roles, bindings, autoscalers, budgets, leases, classes and definitions."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules import policies
from tests.conformance.objects import crd

RULE = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
USER = {"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"}
TO_ROLE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
SCALER = {"scaleTargetRef": TARGET, "minReplicas": 1, "maxReplicas": 3}


def named(**fields: Any) -> Any:
    return {"metadata": {"name": "x"}, **fields}


@pytest.mark.parametrize(
    ("check", "obj", "field"),
    [
        (policies.role, named(rules=[RULE]), None),
        (policies.role, named(rules=[{**RULE, "verbs": []}]), "rules[0].verbs"),
        (policies.role, named(rules=[{"nonResourceURLs": ["/x"], "verbs": ["get"]}]), "rules[0].nonResourceURLs"),
        (policies.cluster_role, named(rules=[{"nonResourceURLs": ["/x"], "verbs": ["get"]}]), None),
        (policies.cluster_role, named(aggregationRule={}), "aggregationRule.clusterRoleSelectors"),
        (policies.role_binding, named(roleRef=TO_ROLE, subjects=[USER]), None),
        (policies.cluster_role_binding, named(roleRef=TO_ROLE, subjects=[USER]), "roleRef.kind"),
        (policies.role_binding, named(roleRef=TO_ROLE, subjects=[{**USER, "name": ""}]), "subjects[0].name"),
        (policies.autoscaler, named(spec=SCALER), None),
        (policies.autoscaler, named(spec={**SCALER, "minReplicas": 5}), "spec.maxReplicas"),
        (policies.autoscaler, named(spec={**SCALER, "scaleTargetRef": {**TARGET, "name": ""}}), "spec.scaleTargetRef.name"),
        (policies.disruption_budget, named(spec={"minAvailable": "50%"}), None),
        (policies.disruption_budget, named(spec={"minAvailable": 1, "maxUnavailable": 1}), "spec"),
        (policies.lease, named(spec={"leaseDurationSeconds": 0}), "spec.leaseDurationSeconds"),
        (policies.priority_class, named(value=1_000_000_001), "value"),
        (policies.storage_class, named(), "provisioner"),
        (policies.definition, crd("x.example.com"), None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_policy(check: Any, obj: Any, field: Any) -> None:
    assert [cause.field for cause in check(obj)][:1] == ([field] if field else [])


def test_a_binding_keeps_its_role() -> None:
    old, new = named(roleRef=TO_ROLE), named(roleRef={**TO_ROLE, "name": "other"})
    assert [str(cause) for cause in policies.binding_change(old, new)] == [
        'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: field is immutable'
    ]
    assert not [*policies.binding_change(old, old)]
