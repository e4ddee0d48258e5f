"""What is wrong with an object, from statuses as real controllers write them."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.trouble import never_met, trouble_of


def pod(phase: str = "Pending", *containers: Any, conditions: Any = (), **more: Any) -> dict[str, Any]:
    status = {"phase": phase, "containerStatuses": list(containers), "conditions": list(conditions), **more}
    return {"kind": "Pod", "metadata": {"name": "a"}, "status": status}


def container(**state: Any) -> dict[str, Any]:
    return {"name": "c", "state": state}


def condition(name: str, status: Any, reason: str = "", message: str = "") -> dict[str, Any]:
    return {"type": name, "status": status, "reason": reason, "message": message}


PULL = container(waiting={"reason": "ImagePullBackOff", "message": 'Back-off pulling\nimage "x"'})
NO_ROOM = condition("PodScheduled", "False", "Unschedulable", "0/3 nodes are available")


@pytest.mark.parametrize(
    ("obj", "says"),
    [
        (pod("Running", container(running={})), None),
        (pod("Pending", container(waiting={"reason": "ContainerCreating"})), None),
        (pod("Pending", PULL), 'ImagePullBackOff: container c: Back-off pulling image "x"'),
        (pod("Pending", conditions=[NO_ROOM]), "Unschedulable: 0/3 nodes are available"),
        (pod("Failed", reason="Evicted", message="low on memory"), "Evicted: low on memory"),
        (
            pod("Failed", container(terminated={"exitCode": 137, "reason": "OOMKilled"})),
            "OOMKilled: container c exited with 137",
        ),
        (pod("Failed"), "Failed"),
        (pod("Succeeded", container(terminated={"exitCode": 0})), None),
        (pod("Running", container(waiting={"reason": "CrashLoopBackOff"})), "CrashLoopBackOff: container c"),
        ({"kind": "Job", "status": {"conditions": [condition("Failed", "True", "DeadlineExceeded")]}}, "DeadlineExceeded"),
        (
            {
                "kind": "Deployment",
                "status": {
                    "conditions": [
                        condition("Available", "False", "MinimumReplicasUnavailable", "few"),
                        condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"),
                    ]
                },
            },
            "FailedCreate: exceeded quota",
        ),
        ({"kind": "Node", "status": {"conditions": [condition("Ready", "Unknown", "NodeStatusUnknown")]}}, "NodeStatusUnknown"),
        ({"kind": "PersistentVolumeClaim", "status": {"phase": "Lost"}}, "Lost: its volume is gone"),
        ({"kind": "ConfigMap"}, None),
        ({"kind": "Deployment", "status": None}, None),
    ],
)  # fmt: skip
def test_what_is_wrong(obj: dict[str, Any], says: str | None) -> None:
    found = trouble_of(obj)
    assert (found and str(found)) == says


def test_who_is_being_deleted_is_in_no_trouble() -> None:
    going = pod("Pending", PULL)
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert trouble_of(going) is None


FAILED_JOB = {"kind": "Job", "status": {"conditions": [condition("Failed", "True", "BackoffLimitExceeded", "3 tries")]}}


@pytest.mark.parametrize(
    ("obj", "wanted", "why"),
    [
        (FAILED_JOB, "condition=Complete", "the Job is Failed (BackoffLimitExceeded: 3 tries)"),
        (FAILED_JOB, "condition=complete=true", "the Job is Failed (BackoffLimitExceeded: 3 tries)"),
        (FAILED_JOB, "condition=Complete=False", ""),
        (FAILED_JOB, "condition=Suspended", ""),
        (pod("Failed", reason="Evicted"), "condition=Ready", "the Pod has ended, its phase is Failed (Evicted)"),
        (pod("Succeeded"), "jsonpath={.status.phase}=Running", "the Pod has ended, its phase is Succeeded"),
        (pod("Failed"), "condition=DisruptionTarget", ""),
        (pod("Failed"), "condition=Ready=False", ""),
        (pod("Pending", PULL), "condition=Ready", ""),
        ({"kind": "CertificateSigningRequest", "status": {"conditions": [condition("Denied", "True")]}}, "condition=Approved", "the CertificateSigningRequest is Denied (Denied)"),
    ],
)  # fmt: skip
def test_what_can_no_longer_come_true(obj: dict[str, Any], wanted: str, why: str) -> None:
    assert never_met(obj, wanted) == why
