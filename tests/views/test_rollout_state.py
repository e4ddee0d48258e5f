"""A rollout in numbers, from its workload, ReplicaSets and Pods."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import ArgumentError
from kmagic.views.rollout_state import Side, rollout_state


def deployment(*, generation: int = 2, **status: Any) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "uid": "d", "generation": generation, "annotations": {"deployment.kubernetes.io/revision": "2"}},
        "spec": {"replicas": 2, "progressDeadlineSeconds": 600},
        "status": {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1, "availableReplicas": 2, **status},
    }  # fmt: skip


def owned(kind: str, name: str, owner: str, **labels: str) -> dict[str, Any]:
    references = [{"kind": kind, "uid": owner, "name": owner, "controller": True}]
    return {"metadata": {"name": name, "uid": name, "ownerReferences": references, "labels": labels}}


def replica_set(revision: int, owner: str = "d") -> dict[str, Any]:
    found = owned("Deployment", f"rs{revision}", owner, **{"pod-template-hash": f"h{revision}"})
    found["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(revision)}
    return found


def pod(name: str, revision: int, *, ready: bool = True, reason: str = "", node: str = "node-1") -> dict[str, Any]:
    found = owned("ReplicaSet", name, f"rs{revision}", **{"pod-template-hash": f"h{revision}"})
    state = {"waiting": {"reason": reason, "message": "no such image"}} if reason else {"running": {}}
    return {
        **found,
        "spec": {"nodeName": node},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True" if ready and not reason else "False"}],
            "containerStatuses": [{"name": "main", "state": state}],
        },
    }


SETS = [replica_set(1), replica_set(2), replica_set(2, owner="another")]


def test_new_pods_are_those_of_the_present_template_and_all_others_are_old() -> None:
    pods = [pod("a", 1), pod("b", 1), pod("c", 2, reason="ImagePullBackOff"), pod("strange", 7)]
    state = rollout_state(deployment(), SETS, pods)
    assert (state.new, state.old.current, state.old.ready) == (Side("rs2", 1, 1, 0, 0), 2, 2)
    assert state.troubles == (("pod/c", "ImagePullBackOff: container main: no such image"),)
    assert state.steps == (
        ("created", 1, 2),
        ("scheduled", 1, 2),
        ("started", 0, 2),
        ("ready", 0, 2),
        ("old gone", 0, 1),
    )
    assert (state.done, state.failed, state.wanted) == (False, False, 2)


def test_before_the_change_is_observed_nothing_is_new() -> None:
    state = rollout_state(deployment(generation=3), SETS, [pod("a", 1), pod("b", 2)])
    assert (state.new, state.old.current) == (Side(), 2)
    assert "spec update to be observed" in state.text


def test_without_its_pods_the_status_counts_and_says_what_is_wrong() -> None:
    quota = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
    state = rollout_state(deployment(conditions=[quota]), (), None)
    assert (state.new.current, state.old.current, state.old.ready) == (1, 2, 2)
    assert state.troubles == (("web", "FailedCreate: exceeded quota"),)


def test_one_that_is_complete_has_no_troubles_and_no_deadline() -> None:
    moved = {"type": "Progressing", "status": "True", "lastUpdateTime": "2026-01-01T00:00:00Z"}
    done = deployment(replicas=2, updatedReplicas=2, availableReplicas=2, conditions=[moved])
    state = rollout_state(
        done, SETS, [pod("a", 2), pod("b", 2), pod("old", 1, reason="Error") | {"status": {"phase": "Failed"}}]
    )
    assert (state.done, state.troubles, state.deadline) == (True, (), 0.0)
    assert state.steps[-1] == ("old gone", 1, 1)
    assert rollout_state(deployment(conditions=[moved]), SETS, []).deadline == 1767225600 + 600


def test_stateful_sets_and_daemon_sets_are_counted_by_their_revisions() -> None:
    sts = {
        "kind": "StatefulSet", "metadata": {"name": "db", "uid": "s", "generation": 1}, "spec": {"replicas": 2},
        "status": {"observedGeneration": 1, "updateRevision": "db-2", "currentRevision": "db-1", "readyReplicas": 1},
    }  # fmt: skip
    pods = [owned("StatefulSet", f"db-{at}", "s", **{"controller-revision-hash": f"db-{at + 1}"}) for at in range(2)]
    assert (rollout_state(sts, (), pods).new.name, rollout_state(sts, (), pods).new.current) == ("db-2", 1)
    daemons = {
        "kind": "DaemonSet", "metadata": {"name": "net", "uid": "s", "generation": 1}, "spec": {},
        "status": {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 1},
    }  # fmt: skip
    for at, each in enumerate(pods):
        each["metadata"]["creationTimestamp"] = f"2026-01-0{at + 1}T00:00:00Z"
    state = rollout_state(daemons, (), pods)
    assert (state.new.name, state.new.current, state.old.current, state.wanted) == ("db-2", 1, 1, 2)


def test_what_has_no_rollout_is_refused() -> None:
    with pytest.raises(ArgumentError, match="has no rollout"):
        rollout_state({"kind": "Job"}, (), None)
