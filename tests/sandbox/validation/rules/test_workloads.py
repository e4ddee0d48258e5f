"""Deployments, ReplicaSets, StatefulSets, DaemonSets."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules import workloads
from tests.sandbox.validation.rules.specs import SELECTOR, TEMPLATE

ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
DAEMONS = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
STATEFUL = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
DEPLOYMENT = {"replicas": 1, "strategy": ROLLING, "progressDeadlineSeconds": 600, "revisionHistoryLimit": 10}
SET = {"replicas": 1, "podManagementPolicy": "OrderedReady", "updateStrategy": STATEFUL, "serviceName": "s"}

KINDS = {
    workloads.deployment: "Deployment",
    workloads.replica_set: "ReplicaSet",
    workloads.stateful_set: "StatefulSet",
    workloads.daemon_set: "DaemonSet",
}


def causes(check: Any, base: Any, **change: Any) -> Any:
    spec = {"selector": SELECTOR, "template": TEMPLATE, **base, **change}
    return {cause.field for cause in check({"kind": KINDS[check], "metadata": {"name": "a"}, "spec": spec})}


@pytest.mark.parametrize(
    ("check", "base", "change", "field"),
    [
        (workloads.deployment, DEPLOYMENT, {}, None),
        (workloads.deployment, DEPLOYMENT, {"replicas": -1}, "spec.replicas"),
        (workloads.deployment, DEPLOYMENT, {"selector": {"matchLabels": {"app": "b"}}}, "spec.template.metadata.labels"),
        (workloads.deployment, DEPLOYMENT, {"minReadySeconds": 600}, "spec.progressDeadlineSeconds"),
        (workloads.deployment, DEPLOYMENT, {"strategy": {"type": "Recreate", "rollingUpdate": {}}}, "spec.strategy.rollingUpdate"),
        (workloads.replica_set, {"replicas": 1}, {}, None),
        (workloads.replica_set, {}, {"minReadySeconds": -1}, "spec.minReadySeconds"),
        (workloads.stateful_set, SET, {}, None),
        (workloads.stateful_set, SET, {"podManagementPolicy": "Random"}, "spec.podManagementPolicy"),
        (workloads.stateful_set, SET, {"serviceName": "Not a name"}, "spec.serviceName"),
        (workloads.daemon_set, {"updateStrategy": DAEMONS}, {}, None),
        (workloads.daemon_set, {"updateStrategy": {"type": "Never"}}, {}, "spec.updateStrategy"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_workload(check: Any, base: Any, change: Any, field: Any) -> None:
    assert causes(check, base, **change) == ({field} if field else set())
