"""%kwait on running servers."""

from __future__ import annotations

import pytest

from kmagic.errors import NotFoundError, UsageError, WaitError
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


def test_conditions_values_and_several_objects(online: Notebook) -> None:
    deploy(online)
    assert "deployment.apps/web condition met" in online.ok("%kwait deploy/web --for condition=Available").text
    text = online.ok("%kwait pods -l app=web --for condition=Ready --for jsonpath={.status.phase}=Running").text
    assert text.count("condition met") == 4
    assert isinstance(online.run("%kwait deploy/web --for condition=Nope --timeout 0.3s").error, WaitError)


def test_creation_and_deletion(online: Notebook) -> None:
    assert isinstance(online.run("%kwait cm/a --for create --timeout 0.3s").error, WaitError)
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")
    assert "configmap/a condition met" in online.ok("%kwait cm a --for create").text
    assert isinstance(online.run("%kwait cm a --for delete --timeout 0.3s").error, WaitError)
    online.ok("%kdelete cm a")
    assert "configmap/a condition met" in online.ok("%kwait cm a --for delete").text


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%kwait pod/a", UsageError, "say what to wait for", id="nothing"),
        pytest.param("%kwait pod/a --for Ready", UsageError, "unrecognized condition", id="no condition"),
        pytest.param("%kwait pods --for delete", UsageError, "say which", id="only a type"),
        pytest.param("%kwait pod/a --for condition=Ready", NotFoundError, "not found", id="missing"),
        pytest.param("%kwait pods -l a=b --for condition=Ready", NotFoundError, "no matching resources", id="no match"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text


_JOB = """%%kapply
apiVersion: batch/v1
kind: Job
metadata: {name: broken}
spec:
  activeDeadlineSeconds: 1
  template:
    spec:
      nodeSelector: {there: nowhere}
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1"}]
"""


def test_what_cannot_come_true_fails_at_once_and_says_why(online: Notebook) -> None:
    online.ok(_JOB)
    ran = online.run("%kwait job/broken --for condition=Complete --timeout 60s")
    assert isinstance(ran.error, WaitError)
    assert "will not be met on job.batch/broken: the Job is Fail" in ran.text
    assert "DeadlineExceeded" in ran.text


def test_a_wait_speaks_while_it_waits(online: Notebook) -> None:
    deploy(online, replicas=1)
    online.ok("%kpatch deploy/web --type merge -p '{spec: {template: {spec: {nodeSelector: {no: where}}}}}'")
    text = online.fails("%krollout status deploy/web --timeout 3s")
    assert "rollout to finish" in text
    assert "Unschedulable: " in text
    assert "nodes are available" in text
    name = online.ok("%kget pods --field-selector status.phase=Pending -o name").text.strip().split("/")[-1]
    text = online.fails(f"%kwait pod/{name} --for condition=Ready --timeout 2s")
    assert f"pod/{name}: Unschedulable: " in text
    assert "is not met on" in online.fails(f"%kwait pod/{name} --for condition=Ready --timeout 0")


def test_nothing_left_to_be_deleted_is_no_error(online: Notebook) -> None:
    assert "no matching resources found" in online.ok("%kwait pods -l a=b --for delete").text


def test_one_that_cannot_come_true_ends_the_wait_for_the_others(online: Notebook) -> None:
    online.ok(_JOB)
    online.ok(_JOB.replace("broken", "slow").replace("  activeDeadlineSeconds: 1\n", ""))
    ran = online.run("%kwait jobs broken slow --for condition=Complete --timeout 10m")
    assert isinstance(ran.error, WaitError)
    assert "will not be met on job.batch/broken" in ran.text


def test_creation_is_awaited_first_and_by_a_selector(online: Notebook) -> None:
    text = online.fails("%kwait cm -l app=late --for create --timeout 2s")
    assert "configmaps with app=late: there are none yet" in text
    assert "timed out waiting for an object with app=late to be created after " in text
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {app: late}}\ndata: {a: one}")
    text = online.ok("%kwait cm -l app=late --for jsonpath={.data.a}=one --for Create").text
    assert text.count("configmap/a condition met") == 2


def test_waits_for_creation_and_deletion_speak_too(online: Notebook) -> None:
    assert "configmap/a: is not there yet" in online.fails("%kwait cm/a --for create --timeout 2s")
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, finalizers: [example.com/keep]}")
    assert "configmap/a: is there, and nothing deletes it" in online.fails("%kwait cm/a --for delete --timeout 2s")
    assert "waiting: until configmap/a is gone" in online.fails("%kdelete cm a --timeout 2s")
    text = online.fails("%kwait cm/a --for delete --timeout 2s")
    assert "configmap/a: is being deleted; finalizers hold it: example.com/keep" in text
    online.ok("%kpatch cm/a --type merge -p '{metadata: {finalizers: null}}'")
    assert "configmap/a condition met" in online.ok("%kwait cm/a --for delete").text


def test_several_values_are_refused_with_the_way_to_choose_one(online: Notebook) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: one, b: one}")
    text = online.fails("%kwait cm/a --for jsonpath={.data.*}=one --timeout 60s")
    assert "matches more than one value" in text
    assert "choose one" in text
