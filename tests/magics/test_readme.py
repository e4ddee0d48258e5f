"""Every block of the README does what it says."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

import kmagic
from kmagic import __main__
from kmagic.sync.runtime import stop_shared_runtime
from tests.cluster.fixture import ExternalCluster
from tests.magics.conftest import Notebook

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
BLOCKS = [(found["language"], found["text"]) for found in _BLOCK.finditer(README)]
CODE = [text for language, text in BLOCKS if language in ("python", "yaml")]
START, APPLY, LOOK, LIBRARY = CODE
FORWARD = next(line for line in LOOK.splitlines() if line.startswith("%kforward"))


def test_the_notebooks_cells_run_in_their_order(at: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    notebook: Notebook = at(tmp_path / "none")
    for line in START.splitlines()[1:]:
        notebook.ok(line)
    assert "deployment.apps/web created" in notebook.ok(APPLY).text
    notebook.ok("%kwait pods -l app=web --for condition=Ready")
    for line in LOOK.splitlines():
        if line != FORWARD:
            ran = notebook.ok(line)
            if line.startswith("["):
                assert len(ran.value) == 3
    assert "The name of the container" not in notebook.ok("%kexplain pods.spec").text


def test_a_port_of_a_real_pod_is_forwarded(at: Any, cluster: ExternalCluster) -> None:
    notebook: Notebook = at(cluster.kubeconfig)
    name = f"readme-{uuid.uuid4().hex[:8]}"
    notebook.ok(f"%%kapply\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}")
    notebook.ok(f"%kns {name}")
    notebook.ok(APPLY.replace("namespace: default", f"namespace: {name}"))
    notebook.ok("%kwait deploy/web --for condition=Available --timeout=90s")
    notebook.ok(f"forward = {FORWARD.partition('#')[0]}")
    assert notebook.ok("forward.url").value.startswith("http://127.0.0.1:")
    notebook.ok("forward.stop()")
    notebook.ok(f"%kdelete ns {name} --wait=false")


def test_the_library_block_runs(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", server.kubeconfig)
    name = f"readme-{uuid.uuid4().hex[:8]}"
    manifest = {**yaml.safe_load(APPLY.partition("\n")[2]), "metadata": {"name": "web", "labels": {"app": "web"}}}
    manifest["spec"]["replicas"] = 1
    with kmagic.Client() as setup:
        setup.resource("namespaces", None).create({"metadata": {"name": name}})
        setup.resource("deploy", name).create(manifest)
    scope: dict[str, Any] = {}
    exec(LIBRARY.replace('"shop"', repr(name)), scope)
    assert [(each.metadata.name, each.spec.replicas) for each in scope["found"]] == [("web", 3)]
    scope["client"].core_v1.namespaces.delete(name)
    scope["client"].close()
    stop_shared_runtime()


def test_the_commands_are_there() -> None:
    makefile = Path(__file__).parents[2].joinpath("Makefile").read_text(encoding="utf-8")
    commands = [line.split("#")[0].split() for language, text in BLOCKS if not language for line in text.splitlines()]
    assert [command for command in commands if command[0] == "make" and f"\n{command[1]}:" not in makefile] == []
    assert [
        command[1]
        for command in commands
        if command[0] == "kmagic" and f"kmagic {command[1]} " not in str(__main__.__doc__)
    ] == []
