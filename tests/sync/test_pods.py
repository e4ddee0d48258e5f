"""What only Pods can do, blocking, through a real kube-apiserver to a kubelet."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any

import pytest

from kmagic.client import wait
from kmagic.models.core_v1 import Pod
from kmagic.sync.client import Client

pytestmark = pytest.mark.parametrize("server", ["real"], indirect=True)

WEB = {
    "metadata": {"name": "web"},
    "spec": {"containers": [{"name": "c", "image": "nginx"}], "terminationGracePeriodSeconds": 0},
}


@pytest.fixture
def pod(client: Client, namespace: str) -> Any:
    pods = client.core_v1.pods(namespace)
    pods.create(Pod.from_dict(WEB))
    client.runtime.run(wait.until(pods.unblocked, "web", wait.condition("Ready"), timeout=60))
    return pods


def test_logs_exec_forward_and_copy(pod: Any, tmp_path: Path) -> None:
    assert "line 1" in pod.logs("web")
    assert pod.default_container("web") == "c"
    assert pod.logs("web", tail_lines=1).strip() == "line 20"
    first = next(iter(pod.logs("web", follow=True)))
    assert first == "line 1"
    result = pod.exec("web", ["sh", "-c", "cat; exit 3"], stdin="hello")
    assert (result.code, result.stdout) == (3, "hello")
    with pod.port_forward("web", ":80") as forward:
        with urllib.request.urlopen(forward.url, timeout=10) as answer:
            assert answer.status == 200
    source = tmp_path / "in.txt"
    source.write_text("copied", encoding="utf-8")
    target = tmp_path / "far.txt"
    pod.copy_to("web", source, str(target))
    pod.copy_from("web", str(target), tmp_path / "back.txt")
    assert (tmp_path / "back.txt").read_text(encoding="utf-8") == "copied"


def test_evict_deletes_a_pod_that_no_budget_protects(pod: Any) -> None:
    pod.evict("web", grace_seconds=0)
