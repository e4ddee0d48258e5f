"""What people do with the views, from the first cell to the last, in a kernel that a page is open on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.harness import Kernel, kernel

pytestmark = pytest.mark.timeout(240)

WEB = """%%kapply
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  REPLICAS: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "nginx:1"}]}
"""
STEPS = "\n".join(f"""          echo '{{"step":{at},"loss":{1 / at:.2f}}}'\n          sleep 1""" for at in range(1, 4))
TRAIN = f"""%%kapply
apiVersion: batch/v1
kind: Job
metadata: {{name: train}}
spec:
  template:
    spec:
      restartPolicy: Never
      nodeSelector: {{gpu: "yes"}}
      containers:
      - name: main
        image: trainer:1
        command:
        - sh
        - -c
        - |
{STEPS}
          exit 0
"""
WIDGETS = """%%kapply
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Phase, type: string, jsonPath: .status.phase}]
    schema:
      openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""
THREE = "%%kapply\n" + "---\n".join(
    f"apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: {name}}}\n" for name in "abc"
)
RECONCILE = """
import kmagic
client = kmagic.Client(kubeconfig=process.kubeconfig)
widgets = client.resource("widgets", namespace="default")
failed = []
def reconcile(key):
    if key.name == "b" and len(failed) < 2:
        failed.append(key.name)
        raise ValueError("not yet")
    widgets.patch(key.name, {"status": {"phase": "Made"}}, type="merge", subresource="status")
"""


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel without a cluster, which starts its own."""
    with kernel(tmp_path) as running:
        running.ok("%ksandbox start")
        running.ok("import kmagic")
        yield running


def test_a_learner_sees_a_rollout_mend_itself_and_why_one_does_not(learner: Kernel) -> None:
    typo = learner.run(WEB.replace("REPLICAS", "replcas"))
    assert typo.error is not None
    assert "replicas" in typo.text
    learner.ok(WEB.replace("REPLICAS", "replicas"))
    shown = learner.ok("rollout = %krollout status deploy/web --timeout 90s")
    assert shown.comms  # a live view was on the page while it waited
    assert learner.evaluate("(rollout.done, rollout.state.new.ready, rollout.reasons)") == (True, 3, {})
    learner.ok("view = kmagic.watch('pods', label_selector='app=web')\nbefore = set(view.names)")
    learner.ok("get_ipython().run_line_magic('kdelete', f'pod {min(before)} --wait=false') and None")
    learner.ok("view.until(lambda rows: len(rows) == 3 and min(before) not in {row.name for row in rows}, timeout=60)")
    learner.ok("%kset image deploy/web main=registry.example/no-such:1")
    learner.ok("stuck = kmagic.rollout('deploy/web')\nstuck")
    learner.wait("any('ImagePull' in why for why in stuck.reasons.values())")
    assert learner.evaluate("(stuck.done, stuck.failed)") == (False, False)
    learner.ok("%krollout undo deploy/web")
    learner.wait("stuck.done")
    assert learner.evaluate("stuck.reasons") == {}


def test_a_data_scientist_plots_what_a_job_logs_as_soon_as_it_runs(learner: Kernel) -> None:
    learner.ok(TRAIN)
    learner.ok("view = kmagic.watch('pods', label_selector='job-name=train')")
    learner.ok("view.until(lambda rows: len(rows) == 1, timeout=60)")
    learner.wait("any('Unschedulable' in why for why in view.why.values())")
    learner.ok("logs = kmagic.logs('job/train')\nlogs")  # before there is anything to read
    assert learner.evaluate("logs.lines") == []
    learner.ok("%klabel node node-1 gpu=yes")
    learner.ok("%kwait job/train --for condition=Complete --timeout 60s")
    learner.wait("sum('loss' in line for line in logs.lines) == 3")
    losses = learner.evaluate("[each['loss'] for each in logs.df.json if each]")
    assert losses == [1.0, 0.5, 0.33]
    assert learner.evaluate("logs.df.ts.is_monotonic_increasing")


def test_an_operator_developer_watches_what_a_controller_makes_of_its_objects(learner: Kernel) -> None:
    learner.ok(WIDGETS)
    learner.ok("%kwait crd/widgets.example.com --for condition=Established --timeout 30s")
    learner.ok(THREE)
    learner.ok("view = kmagic.watch('widgets')\nview")
    assert learner.evaluate("view.names") == ["a", "b", "c"]
    learner.ok("from kmagic.magics.extension import session_of\nprocess = session_of(get_ipython()).sandbox")
    learner.ok(RECONCILE)
    learner.ok("controller = client.controller(reconcile, ['widgets'], name='widgets', namespace='default')")
    learner.ok("view.until(lambda rows: all(row.phase == 'Made' for row in rows), timeout=60)")
    assert learner.evaluate("failed") == ["b", "b"]
    learner.ok("controller.stop()")
