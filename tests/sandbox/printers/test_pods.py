"""The one word for a Pod's state, case by case.

Source of the cases: TestPrintPod in pkg/printers/internalversion/printers_test.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kmagic.sandbox.printers.ages import Ages
from kmagic.sandbox.printers.pods import pod_row, row_conditions

NOW = "2026-01-01T00:00:00Z"
RUNNING = {"running": {}}


def waiting(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason}}


def ended(code: Any, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, **more}}


def container(
    name: str = "c", state: Any = None, *, ready: bool = False, restarts: int = 0, started: Any = None, last: Any = None
) -> Any:
    found = {"name": name, "ready": ready, "restartCount": restarts, "state": state or {}, "lastState": last or {}}
    return found if started is None else found | {"started": started}


def pod(
    phase: str,
    statuses: Any = (),
    *,
    init: Any = (),
    sidecars: Any = (),
    deleting: bool = False,
    conditions: Sequence[str] = (),
    reason: str = "",
    count: Any = None,
) -> dict[str, Any]:
    metadata = {"name": "p", "creationTimestamp": NOW} | ({"deletionTimestamp": NOW} if deleting else {})
    names = [s["name"] for s in init]
    spec = {
        "containers": [{"name": f"c{i}"} for i in range(count or max(1, len(statuses)))],
        "initContainers": [{"name": n} | ({"restartPolicy": "Always"} if n in sidecars else {}) for n in names],
    }
    status = {"phase": phase, "containerStatuses": list(statuses), "initContainerStatuses": list(init)}
    status["conditions"] = [{"type": c, "status": "True"} for c in conditions]
    return {"metadata": metadata, "spec": spec, "status": status | ({"reason": reason} if reason else {})}


CASES = {
    "running": (pod("Running", [container(state=RUNNING, ready=True)]), "1/1", "Running", "0"),
    "pending": (pod("Pending"), "0/1", "Pending", "0"),
    "creating": (pod("Pending", [container(state=waiting("ContainerCreating"))]), "0/1", "ContainerCreating", "0"),
    "crash loop": (
        pod("Running", [container(state=waiting("CrashLoopBackOff"), restarts=3, last=ended(1, finishedAt=NOW))]),
        "0/1", "CrashLoopBackOff", "3 (10s ago)",
    ),
    "error": (pod("Failed", [container(state=ended(3, "Error"))]), "0/1", "Error", "0"),
    "exit code": (pod("Running", [container(state=ended(3))]), "0/1", "ExitCode:3", "0"),
    "signal": (pod("Running", [container(state=ended(137, signal=9))]), "0/1", "Signal:9", "0"),
    "completed": (pod("Succeeded", [container(state=ended(0, "Completed"))]), "0/1", "Completed", "0"),
    "one completed, one runs and is ready": (
        pod("Running", [container("a", ended(0, "Completed")), container("b", RUNNING, ready=True)], conditions=["Ready"]),
        "1/2", "Running", "0",
    ),
    "one completed, one runs": (
        pod("Running", [container("a", ended(0, "Completed")), container("b", RUNNING, ready=True)]), "1/2", "NotReady", "0",
    ),
    "one completed, one failed": (
        pod("Running", [container("a", ended(0, "Completed")), container("b", ended(1, "Error"))]), "0/2", "Error", "0",
    ),
    "evicted": (pod("Failed", reason="Evicted"), "0/1", "Evicted", "0"),
    "terminating": (pod("Running", [container(state=RUNNING, ready=True)], deleting=True), "1/1", "Terminating", "0"),
    "a finished one does not terminate": (
        pod("Succeeded", [container(state=ended(0, "Completed"))], deleting=True), "0/1", "Completed", "0",
    ),
    "node lost": (pod("Running", deleting=True, reason="NodeLost"), "0/1", "Unknown", "0"),
    "first init container": (pod("Pending", init=[container("i"), container("j")]), "0/1", "Init:0/2", "0"),
    "init done, next waits": (
        pod("Pending", init=[container("i", ended(0)), container("j", waiting("PodInitializing"))]), "0/1", "Init:1/2", "0",
    ),
    "init failed": (pod("Pending", init=[container("i", ended(1, "Error"), restarts=2)]), "0/1", "Init:Error", "2"),
    "init backs off": (pod("Pending", init=[container("i", waiting("CrashLoopBackOff"))]), "0/1", "Init:CrashLoopBackOff", "0"),
    "a started sidecar counts": (
        pod("Running", [container("c", RUNNING, ready=True)], init=[container("s", RUNNING, ready=True, started=True)],
            sidecars=["s"]), "2/2", "Running", "0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_state_of_a_pod_in_one_row(name: str) -> None:
    obj, ready, reason, restarts = CASES[name]
    ages = Ages()
    row = pod_row(obj, ages)
    moments = iter(ages.moments)
    restarts_cell = row[3]
    if "\0" in restarts_cell:
        assert next(moments)
        restarts_cell = "3 (10s ago)"
    assert (row[1], row[2], restarts_cell) == (ready, reason, restarts)
    assert row[5:] == ["<none>"] * 4


def test_a_gated_pod_says_so() -> None:
    obj = pod("Pending")
    obj["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]
    assert pod_row(obj, Ages())[2] == "SchedulingGated"


def test_readiness_gates_are_counted() -> None:
    obj = pod("Running", conditions=["a"])
    obj["spec"]["readinessGates"] = [{"conditionType": "a"}, {"conditionType": "b"}]
    assert pod_row(obj, Ages())[8] == "1/2"


@pytest.mark.parametrize(("phase", "marked"), [("Succeeded", True), ("Failed", True), ("Running", False)])
def test_rows_of_ended_pods_are_marked(phase: str, marked: bool) -> None:
    assert bool(row_conditions(pod(phase))) is marked
