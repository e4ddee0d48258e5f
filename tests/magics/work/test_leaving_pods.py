"""Who leaves a drained node, as kubectl's filters decide it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kmagic.magics.work.leaving_pods import DrainOptions, budgets_words, refusals, verdict, warnings

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
ALL = DrainOptions(force=True, ignore_daemonsets=True, delete_emptydir=True)
OF_SET = {"kind": "ReplicaSet", "apiVersion": "apps/v1", "name": "web", "uid": "1", "controller": True}
OF_DAEMON = {"kind": "DaemonSet", "apiVersion": "apps/v1", "name": "agent", "uid": "2", "controller": True}
EMPTY_DIR = [{"name": "v", "emptyDir": {}}]


def pod(
    name: str = "p", owner: Any = None, volumes: Any = None, phase: str = "Running", **metadata: Any
) -> dict[str, Any]:
    owners = {"ownerReferences": [owner]} if owner else {}
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": name, **owners, **metadata},
        "spec": {"volumes": volumes or []},
        "status": {"phase": phase},
    }


@pytest.mark.parametrize(
    ("found", "options", "goes", "error", "warning"),
    [
        pytest.param(pod(owner=OF_SET), DrainOptions(), True, "", "", id="a ReplicaSet's"),
        pytest.param(pod(), DrainOptions(), False, "use --force", "", id="nobody's"),
        pytest.param(pod(), ALL, True, "", "deleting Pods that declare no controller", id="nobody's, forced"),
        pytest.param(pod(phase="Succeeded"), DrainOptions(), True, "", "", id="nobody's, ended"),
        pytest.param(pod(owner=OF_DAEMON), DrainOptions(), False, "use --ignore-daemonsets", "", id="a DaemonSet's"),
        pytest.param(pod(owner=OF_DAEMON), ALL, False, "", "ignoring DaemonSet", id="a DaemonSet's, ignored"),
        pytest.param(pod(owner=OF_DAEMON, phase="Failed"), DrainOptions(), True, "", "", id="a DaemonSet's, ended"),
        pytest.param(pod(owner=OF_SET, volumes=EMPTY_DIR), DrainOptions(), False, "local storage", "", id="emptyDir"),
        pytest.param(pod(owner=OF_SET, volumes=EMPTY_DIR), ALL, True, "", "", id="emptyDir, given up"),
        pytest.param(
            pod(annotations={"kubernetes.io/config.mirror": "x"}), DrainOptions(), False, "", "", id="a static Pod"
        ),
        pytest.param(
            pod(deletionTimestamp="2026-01-01T11:00:00Z"), DrainOptions(overdue=60), False, "", "", id="overdue"
        ),
    ],
)
def test_a_pod_leaves_or_stays(found: Any, options: DrainOptions, goes: bool, error: str, warning: str) -> None:
    judged = verdict(found, options, {}, NOW)
    assert judged.goes is goes
    assert error in judged.error
    assert bool(error) is bool(judged.error)
    assert warning in judged.warning
    assert bool(warning) is bool(judged.warning)
    assert judged.goes or judged.why


def test_a_pod_whose_daemonset_is_gone_leaves_only_by_force() -> None:
    missing = {"shop/agent": 'daemonsets.apps "agent" not found'}
    assert verdict(pod(owner=OF_DAEMON), ALL, missing, NOW).goes
    assert verdict(pod(owner=OF_DAEMON), DrainOptions(), missing, NOW).error == 'daemonsets.apps "agent" not found'
    # What may not be read is not gone.
    assert not verdict(pod(owner=OF_DAEMON), ALL, {"shop/agent": "daemonsets.apps is forbidden"}, NOW).goes


def test_refusals_and_warnings_name_the_pods_of_each_kind() -> None:
    judged = [verdict(each, DrainOptions(), {}, NOW) for each in (pod("a"), pod("b"), pod("c", OF_DAEMON))]
    assert refusals(judged) == [
        "cannot delete Pods that declare no controller (use --force to override): shop/a, shop/b",
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): shop/c",
    ]
    assert warnings([verdict(pod("c", OF_DAEMON), ALL, {}, NOW)]) == "ignoring DaemonSet-managed Pods: shop/c"


def test_pods_wait_once_a_budget_allows_no_more() -> None:
    budget = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
        "status": {"disruptionsAllowed": 1, "desiredHealthy": 2, "currentHealthy": 3},
    }
    web = [pod(name, labels={"app": "web"}) for name in ("a", "b", "c")]
    found = budgets_words([*web, pod("other")], [budget])
    assert sorted(found) == ["b", "c"]
    assert found["b"] == "may wait: disruption budget web allows 1 at a time (needs 2 healthy, has 3)"
