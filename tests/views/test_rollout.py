"""Rollouts in kubectl's words."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import ArgumentError
from kmagic.views.rollout import progress, rolling_kind


def workload(kind: str, spec: dict[str, Any], status: dict[str, Any], generation: int = 1) -> dict[str, Any]:
    status = {"observedGeneration": 1, **status}
    return {"kind": kind, "metadata": {"name": "web", "generation": generation}, "spec": spec, "status": status}


DEADLINE = [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]
HEAD = 'Waiting for deployment "web" rollout to finish:'
DAEMON = 'Waiting for daemon set "web" rollout to finish:'
PARTITION = {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}}


@pytest.mark.parametrize(
    ("kind", "spec", "status", "text", "done"),
    [
        pytest.param(
            "Deployment", {"replicas": 2}, {}, f"{HEAD} 0 out of 2 new replicas have been updated...", False, id="none"
        ),
        pytest.param(
            "Deployment",
            {"replicas": 1},
            {"updatedReplicas": 1, "replicas": 3},
            f"{HEAD} 2 old replicas are pending termination...",
            False,
            id="old ones",
        ),
        pytest.param(
            "Deployment",
            {},
            {"updatedReplicas": 1, "replicas": 1},
            f"{HEAD} 0 of 1 updated replicas are available...",
            False,
            id="not available",
        ),
        pytest.param(
            "Deployment",
            {"replicas": 0},
            {},
            'deployment "web" successfully rolled out',
            True,
            id="none wanted",
        ),
        pytest.param(
            "DaemonSet",
            {},
            {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1},
            f"{DAEMON} 1 of 2 updated pods are available...",
            False,
            id="daemon set",
        ),
        pytest.param("StatefulSet", {"replicas": 2}, {}, "Waiting for 2 pods to be ready...", False, id="stateful set"),
        pytest.param(
            "StatefulSet",
            PARTITION,
            {"readyReplicas": 3},
            "Waiting for partitioned roll out to finish: 0 out of 1 new pods have been updated...",
            False,
            id="partition",
        ),
        pytest.param(
            "StatefulSet",
            {},
            {"readyReplicas": 1, "updatedReplicas": 1, "updateRevision": "b", "currentRevision": "a"},
            "waiting for statefulset rolling update to complete 1 pods at revision b...",
            False,
            id="revisions",
        ),
    ],
)
def test_progress_is_told_as_kubectl_does(
    kind: str, spec: dict[str, Any], status: dict[str, Any], text: str, done: bool
) -> None:
    found = progress(workload(kind, spec, status))
    assert (found.text, found.done, found.failed) == (text, done, False)


def test_a_spec_nobody_saw_is_not_done() -> None:
    assert not progress(workload("Deployment", {"replicas": 0}, {}, generation=2)).done


def test_a_deadline_that_passed_is_a_failure() -> None:
    assert progress(workload("Deployment", {"replicas": 0}, {"conditions": DEADLINE})).failed


@pytest.mark.parametrize("kind", ["Pod", "StatefulSet"])
def test_what_has_no_rollout_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="rollout"):
        progress(workload(kind, {"updateStrategy": {"type": "OnDelete"}}, {}))


def test_what_rolls_out_is_of_the_known_groups() -> None:
    for version in ("apps/v1", "extensions/v1beta1", ""):
        assert rolling_kind({"kind": "Deployment", "apiVersion": version}) == "Deployment"
    for version, kind in (("argoproj.io/v1", "Deployment"), ("apps/v1", "ReplicaSet"), ("", "")):
        with pytest.raises(ArgumentError, match="has no rollout; Deployments, DaemonSets and StatefulSets have"):
            rolling_kind({"kind": kind, "apiVersion": version})
