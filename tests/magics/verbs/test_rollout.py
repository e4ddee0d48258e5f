"""%krollout on running servers."""

from __future__ import annotations

import pytest

from kmagic.errors import NotFoundError, UsageError, WaitError
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


def image(notebook: Notebook) -> str:
    return str(notebook.ok("%kget deploy web").value.spec.template.spec.containers[0]["image"])


def test_a_rollout_is_followed_and_undone(online: Notebook) -> None:
    deploy(online, replicas=1)
    assert "successfully rolled out" in online.ok("%krollout status deploy/web --timeout 60s").text
    name = '"name": "main"'
    online.ok(
        f"""%kpatch deploy/web -p '{{"spec": {{"template": {{"spec": {{"containers": [{{{name}, "image": "nginx:2"}}]}}}}}}}}'"""
    )
    assert image(online) == "nginx:2"
    assert "successfully rolled out" in online.ok("%krollout status deploy web --timeout 60s").text
    history = online.ok("%krollout history deploy/web").text
    assert history.split()[-4:] == ["1", "<none>", "2", "<none>"]
    assert "rolled back" in online.ok("%krollout undo deploy/web").text
    assert image(online) == "nginx:1"
    ran = online.run("%krollout undo deploy/web --to-revision 9")
    assert isinstance(ran.error, UsageError)
    assert "no revision 9" in ran.text


def test_restart_pause_and_resume(online: Notebook) -> None:
    deploy(online, replicas=1)
    assert "restarted" in online.ok("%krollout restart deploy/web").text
    notes = online.ok("%kget deploy web").value.spec.template.metadata.annotations
    assert "kubectl.kubernetes.io/restartedAt" in notes
    assert "paused" in online.ok("%krollout pause deploy/web").text
    assert online.ok("%kget deploy web").value.spec.paused is True
    assert isinstance(online.run("%krollout restart deploy/web").error, UsageError)
    assert "resumed" in online.ok("%krollout resume deploy/web").text


def test_a_rollout_that_does_not_come_is_told(online: Notebook) -> None:
    deploy(online, replicas=1)
    online.ok("%kpatch deploy/web --type merge -p '{spec: {template: {spec: {nodeSelector: {no: where}}}}}'")
    ran = online.run("%krollout status deploy/web --timeout 1s")
    assert isinstance(ran.error, WaitError)
    assert "rollout to finish" in ran.text


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%krollout", UsageError, "say what", id="nothing"),
        pytest.param("%krollout statsu deploy/web", UsageError, "say what", id="misspelt"),
        pytest.param("%krollout undo deploy", UsageError, "say which", id="no name"),
        pytest.param("%krollout status deploy/nope", NotFoundError, "not found", id="missing"),
        pytest.param("%krollout restart cm/a", UsageError, "has no rollout", id="no workload"),
        pytest.param("%krollout status cm/a", UsageError, "has no rollout", id="no status"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
