from __future__ import annotations

from typing import Any

import pytest

from kmagic.sandbox.controllers.scheduler import refusal, requests_of


def node(**spec: Any) -> dict[str, Any]:
    labels = {"zone": "a", "kubernetes.io/os": "linux"}
    sizes = {"cpu": "2", "memory": "1Gi", "pods": "3"}
    return {"metadata": {"name": "n", "labels": labels}, "spec": spec, "status": {"allocatable": sizes}}


def pod(cpu: Any = None, **spec: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": cpu}} if cpu else {}
    return {"metadata": {}, "spec": {"containers": [{"name": "c", "resources": resources}], **spec}}


TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


def affinity(operator: Any, values: Any) -> dict[str, Any]:
    term = {"matchExpressions": [{"key": "zone", "operator": operator, "values": values}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    return {"affinity": {"nodeAffinity": required}}


@pytest.mark.parametrize(
    ("wanted", "where", "used", "why"),
    [
        (pod(), node(), {}, ""),
        (pod(), node(unschedulable=True), {}, "node(s) were unschedulable"),
        (pod(nodeSelector={"zone": "b"}), node(), {}, "node(s) didn't match Pod's node affinity/selector"),
        (pod(nodeSelector={"zone": "a"}), node(), {}, ""),
        (pod(**affinity("In", ["b"])), node(), {}, "node(s) didn't match Pod's node affinity/selector"),
        (pod(**affinity("NotIn", ["b"])), node(), {}, ""),
        (pod(), node(taints=[TAINT]), {}, "node(s) had untolerated taint(s) {gpu: yes}"),
        (pod(tolerations=[{"key": "gpu", "operator": "Exists"}]), node(taints=[TAINT]), {}, ""),
        (pod(tolerations=[{"key": "gpu", "value": "no"}]), node(taints=[TAINT]), {}, "node(s) had untolerated taint(s) {gpu: yes}"),
        (pod(), node(taints=[{**TAINT, "effect": "PreferNoSchedule"}]), {}, ""),
        (pod("2"), node(), {"cpu": 0}, ""),
        (pod("1500m"), node(), {"cpu": 1}, "Insufficient cpu"),
        (pod(), node(), {"pods": 3}, "Too many pods"),
    ],
)  # fmt: skip
def test_why_a_pod_cannot_run_on_a_node(
    wanted: dict[str, Any], where: dict[str, Any], used: dict[str, Any], why: str
) -> None:
    assert refusal(wanted, where, used) == why


def test_requests_add_up() -> None:
    body = {"spec": {"containers": [{"resources": {"requests": {"cpu": "500m", "memory": "1Ki"}}}] * 2}}
    assert requests_of(body) == {"cpu": 1.0, "memory": 2048.0}
