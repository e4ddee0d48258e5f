"""%ksandbox: a server of the notebook's own, and nothing left of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.magics.conftest import Notebook


def test_start_use_status_stop(offline: Notebook) -> None:
    started = offline.ok("here = %ksandbox start\nhere")
    assert "sandbox ▸ default · free" in started.text
    process = offline.session.sandbox
    assert process is not None
    assert "running at https://127.0.0.1:" in offline.ok("%ksandbox").text
    assert len(offline.ok("%kget nodes").value) == 3
    assert offline.ok("%ksandbox start").error is None
    assert offline.session.sandbox is process
    assert "stopped · kind-dev ▸ shop" in offline.ok("%ksandbox stop").text
    assert not process.running
    assert not Path(process.kubeconfig).exists()
    assert "no sandbox is running" in offline.ok("%ksandbox status").text
    assert "no sandbox is running" in offline.ok("%ksandbox stop").text


def test_reloading_stops_it(offline: Notebook) -> None:
    offline.ok("%ksandbox start --nodes 1")
    process: Any = offline.session.sandbox
    offline.ok("%reload_ext kmagic")
    assert not process.running


def test_mistakes(offline: Notebook) -> None:
    assert "say what: start, stop, status, break, reset" in offline.fails("%ksandbox begin")
    assert "'now' is left over" in offline.fails("%ksandbox start now")


WEB = """%%kapply
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx}]}
"""


def test_a_fault_is_played_until_it_is_reset(offline: Notebook) -> None:
    offline.ok("%ksandbox start --nodes 1")
    offline.ok(WEB)
    assert "nothing is played" in offline.ok("%ksandbox status").text
    assert "plays imagepull" in offline.ok("%ksandbox break imagepull deploy/web").text
    assert "deployment/web in default: image-pull" in offline.ok("%ksandbox status").text
    offline.ok("%kwait deploy/web --for=jsonpath={.status.unavailableReplicas}=1 --timeout 60s")
    assert "unchanged" in offline.ok("%ksandbox break imagepull deploy/web").text
    assert "reset" in offline.ok("%ksandbox reset").text
    assert "nothing is played" in offline.ok("%ksandbox status").text
    offline.ok("%krollout status deploy/web --timeout 60s")


def test_what_cannot_be_broken_is_said(offline: Notebook) -> None:
    assert "no sandbox is running" in offline.fails("%ksandbox break oom deploy/web")
    offline.ok("%ksandbox start --nodes 1")
    assert "say what to play: crashloop, imagepull, oom" in offline.fails("%ksandbox break everything deploy/web")
    assert "say which" in offline.fails("%ksandbox break oom deploy")
    assert "node/node-1 has no Pod template that may change" in offline.fails("%ksandbox break oom node/node-1")
    offline.ok("%kctx -")
    assert "faults are played in the sandbox only" in offline.fails("%ksandbox break oom deploy/web")
