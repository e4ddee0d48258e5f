"""%kdrain on running servers; text and objects are compared with kubectl's in tests/parity."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.magics.results.drained import KDrain
from tests.magics.conftest import Notebook
from tests.magics.verbs.conftest import plan_and_apply

POD = """apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  nodeName: {node}
  terminationGracePeriodSeconds: 0
  containers: [{{name: c, image: nginx}}]
"""
BUDGET = """apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
"""
DAEMONS = """apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  updateStrategy: {type: OnDelete}
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {nodeSelector: {own: "yes"}, containers: [{name: c, image: nginx}]}
"""


@pytest.fixture
def full(online: Notebook, node: str) -> Notebook:
    """A node with two Pods, of which a budget keeps one."""
    online.ok(f"%%kapply\n{POD.format(name='web', node=node)}---\n{POD.format(name='free', node=node)}")
    ready = '{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}'
    online.ok(f"%kpatch pod web --subresource status -p '{ready}'")
    online.ok(f"%%kapply\n{BUDGET}")
    online.ok("%kwait pdb/web --for jsonpath={.status.currentHealthy}=1 --timeout 30s")
    return online


def pods(notebook: Notebook) -> list[str]:
    return [str(name) for name in notebook.ok("%kget pods -o name").value]


def test_the_plan_says_who_leaves_and_who_may_wait_and_sends_nothing(full: Notebook, node: str) -> None:
    full.session.headless = lambda: False
    plan = full.ok(f"%kdrain {node} --force --plan").value
    notes = {each.name: each.note for each in plan.preview if each.type == "pod"}
    assert "disruption budget web" in notes["web"]
    assert notes["web"].startswith("may wait")
    assert notes["free"] == "nothing makes it again"
    assert pods(full) == ["pod/free", "pod/web"]
    assert not full.ok(f"%kget node {node}").value["spec"].get("unschedulable")
    html = plan._html()
    assert "may wait" in html
    full.ok("_kp.discard()")


def test_what_a_budget_keeps_is_told_and_the_rest_is_gone(full: Notebook, node: str) -> None:
    ran = full.run(f"drained = %kdrain {node} --force --timeout 8s")
    assert "The disruption budget web needs 1 healthy pods" in ran.text
    drained = full.shell.user_ns["_k"]
    namespace = full.session.target.namespace
    assert isinstance(drained, KDrain)
    assert drained.evicted == [f"{namespace}/free"]
    assert drained.waiting == [f"{namespace}/web"]
    assert "global timeout reached: 8s" in str(ran.error)
    assert pods(full) == ["pod/web"]
    full.ok("%kdelete pdb web")
    again = full.ok(f"%kdrain {node} --force").value
    assert again.evicted == [f"{namespace}/web"]
    assert again[-1].action == "drained"
    assert pods(full) == []


def test_pods_that_would_be_lost_forbid_it(full: Notebook, node: str) -> None:
    text = full.fails(f"%kdrain {node}")
    assert "cannot delete Pods that declare no controller (use --force to override)" in text
    assert full.ok(f"%kget node {node}").value["spec"]["unschedulable"] is True
    assert pods(full) == ["pod/free", "pod/web"]


def test_a_daemonsets_pods_stay(online: Notebook, node: str, server: Any) -> None:
    online.ok(f"%klabel node {node} own=yes")
    if server.kind == "real":
        # No scheduler runs there; the DaemonSet takes the Pod that is there for its own.
        online.ok(f"%%kapply\n{POD.format(name='agent', node=node)}")
    online.ok(f"%%kapply\n{DAEMONS}")
    online.ok("%kwait ds/agent --for jsonpath={.status.currentNumberScheduled}=1 --timeout 30s")
    assert "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)" in online.fails(
        f"%kdrain {node} --dry-run=server"
    )
    ran = online.ok(f"drained = %kdrain {node} --ignore-daemonsets --dry-run=server")
    assert "Warning: ignoring DaemonSet-managed Pods" in ran.text
    drained: Any = online.shell.user_ns["drained"]
    assert [each.partition("/agent")[0] for each in drained.skipped] == [online.session.target.namespace]


def test_a_protected_target_gets_a_plan_that_is_applied_where_it_was_made(full: Notebook, node: str) -> None:
    full.ok("%kdelete pdb web")
    full.protect()

    def nobody_has_left() -> None:
        assert pods(full) == ["pod/free", "pod/web"]

    plan = plan_and_apply(full, f"%kdrain {node} --force", nobody_has_left).value
    assert pods(full) == []
    assert plan.result.ok


def test_a_pod_that_forbids_it_stops_the_plan_before_anything_is_sent(full: Notebook, node: str) -> None:
    full.protect()
    assert "cannot delete Pods that declare no controller" in full.fails(f"%kdrain {node}")
    assert not full.ok(f"%kget node {node}").value["spec"].get("unschedulable")
