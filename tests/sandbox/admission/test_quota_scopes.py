"""Which Pods a quota counts; the conformance suite asks the real server for most scopes."""

from typing import Any

import pytest

from kmagic.sandbox.admission.quota_scopes import counts


def selector(operator: Any, *values: Any) -> Any:
    term = {"scopeName": "PriorityClass", "operator": operator, "values": list(values)}
    return {"scopeSelector": {"matchExpressions": [term]}}


@pytest.mark.parametrize(
    ("spec", "counted"),
    [
        (selector("In", "high"), True),
        (selector("In", "low"), False),
        (selector("NotIn", "low"), True),
        (selector("Exists"), True),
        (selector("DoesNotExist"), False),
        ({"scopes": ["CrossNamespacePodAffinity"]}, True),
        ({"scopes": ["CrossNamespacePodAffinity", "Terminating"]}, False),
        ({}, True),
    ],
)
def test_a_pod_is_counted_when_every_scope_holds(spec: Any, counted: Any) -> None:
    terms = [{"topologyKey": "zone", "namespaceSelector": {}}]
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    assert counts(spec, "pods", {"spec": {"priorityClassName": "high", "affinity": affinity}}) is counted


def test_a_quota_with_scopes_counts_nothing_but_pods() -> None:
    assert not counts({"scopes": ["NotTerminating"]}, "services", {"spec": {}})
