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
    assert "say what: start, stop, status" in offline.fails("%ksandbox begin")
    assert "'now' is left over" in offline.fails("%ksandbox start now")
