"""%klogs on running servers: of one Pod, of a workload, read and followed."""

from __future__ import annotations

import pytest

from kmagic.errors import NotFoundError, UsageError
from kmagic.magics.work.log_lines import KLogs
from tests.magics.conftest import Notebook
from tests.magics.workload import deploy


def test_logs_of_a_pod_and_of_a_workload(online: Notebook) -> None:
    one, other = deploy(online)
    logs = online.ok(f"%klogs {one}").value
    assert isinstance(logs, KLogs)
    assert len(logs) > 0
    assert len(online.ok(f"%klogs {one} --tail 1").value) == 1
    assert len(online.ok(f"%klogs pod/{one} -c main --tail 1").value) == 1
    for line in ("%klogs deploy/web", "%klogs -l app=web"):
        both = online.ok(line).value
        assert {text.partition("] ")[0] for text in both} == {f"[pod/{one}", f"[pod/{other}"}


def test_a_followed_log_is_a_handle(online: Notebook) -> None:
    (one,) = deploy(online, replicas=1)
    first = online.ok(f"%klogs {one} --tail 1").value.lines
    online.ok(f"live = %klogs {one} -f --tail 100")
    assert online.ok("live.until('.', timeout=60)").value.running
    logs = online.shell.user_ns["live"]
    assert first
    online.ok("live.stop()")
    online.session.runtime.run(logs._wait("never written", 10))
    assert not logs.running


@pytest.mark.parametrize(
    ("line", "kind", "says"),
    [
        pytest.param("%klogs", UsageError, "say which Pod", id="nothing"),
        pytest.param("%klogs nope", NotFoundError, "not found", id="missing"),
        pytest.param("%klogs -l app=nope", NotFoundError, "no Pods match app=nope", id="no match"),
        pytest.param("%klogs x -l app=web", UsageError, "only a selector (-l) or a Pod", id="name and selector"),
        pytest.param("%klogs x -f -p", UsageError, "cannot be followed", id="followed and previous"),
        pytest.param("%klogs x --since 1x", UsageError, "takes a time such as", id="no duration"),
    ],
)
def test_a_mistake_is_one_card(online: Notebook, line: str, kind: type[Exception], says: str) -> None:
    ran = online.run(line)
    assert isinstance(ran.error, kind)
    assert says in ran.text
    assert "Traceback" not in ran.text


def test_what_selects_no_pods_is_refused(online: Notebook) -> None:
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}")
    ran = online.run("%klogs cm/a")
    assert isinstance(ran.error, UsageError)
    assert "selects no Pods" in ran.text


_TWO = """%%kapply
apiVersion: v1
kind: Service
metadata: {name: two}
spec: {selector: {app: two}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: good, labels: {app: two}}
spec: {containers: [{name: main, image: "nginx:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bad, labels: {app: two}}
spec: {containers: [{name: other, image: "nginx:1"}]}
"""


def test_what_can_be_read_is_shown_beside_what_cannot(online: Notebook) -> None:
    online.ok(_TWO)
    online.ok("%kwait pods good bad --for condition=Ready")
    for line in ("%klogs svc/two -c main", "%klogs -l app=two -c main"):
        ran = online.ok(line)
        assert {text.partition("] ")[0] for text in ran.value} == {"[pod/good"}
        assert list(ran.value.unread) == ["bad"]
        assert sum("pod/bad was not read: " in text for text in ran.text.split("\n")) == 1
    chosen = online.ok("%klogs svc/two --all-pods=false").value
    assert chosen.lines
    assert not any(line.startswith("[pod/") for line in chosen.lines)
    assert all(line.startswith("[pod/") for line in online.ok("%klogs svc/two -c main --all-pods").value)
    assert not chosen.unread
    assert "nope is not valid for pod" in online.fails("%klogs svc/two -c nope")
    assert sorted(online.ok("%klogs svc/two -c nope --ignore-errors").value.unread) == ["bad", "good"]


def test_too_many_followed_logs_are_refused_in_kubectls_words(online: Notebook) -> None:
    deploy(online)
    says = "you are attempting to follow 2 log streams, but maximum allowed concurrency is 1"
    assert says in online.fails("%klogs deploy/web -f --max-log-requests 1")
    assert len(online.ok("%klogs deploy/web --max-log-requests 1").value) > 0
