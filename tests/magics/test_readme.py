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
from kmagic.magics.language.registry import VERBS
from kmagic.sync.runtime import stop_shared_runtime
from tests.cluster.fixture import ExternalCluster
from tests.magics.conftest import Notebook

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
BLOCKS = [(found["language"], found["text"]) for found in _BLOCK.finditer(README)]
CODE = [text for language, text in BLOCKS if language in ("python", "yaml")]
START, APPLY, LOOK, OWN, LIBRARY = CODE
TABLES = [[cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines() if line.startswith("|")]
RESULTS = Path(__file__).parents[1].joinpath("bench", "RESULTS.md").read_text(encoding="utf-8")
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


def test_five_minutes_with_a_cluster_of_ones_own(at: Any, server: Any) -> None:
    with kmagic.Client(server.kubeconfig) as client:
        pod = {"metadata": {"generateName": "readme-"}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
        made = client.core_v1.pods("default").create(pod).metadata.name
        notebook: Notebook = at(Path(server.kubeconfig))
        for line in OWN.splitlines()[1:]:
            notebook.ok(line)
        assert ("default", made) in notebook.ok(line.replace('"Running"', '"any"')).value
        client.core_v1.pods("default").delete(made, grace_seconds=0)
    assert not [magic for magic in re.findall(r"`%+(k[a-z-]+)", README) if magic[1:] not in {*VERBS, "ubectl"}]


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


def test_the_calls_for_those_who_come_from_another_client_run(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", server.kubeconfig)
    name = f"readme-{uuid.uuid4().hex[:8]}"
    lines = [
        row[-1].strip("`").replace('"shop"', repr(name)) for row in TABLES if len(row) == 5 and row[4].startswith("`")
    ]
    body = {**yaml.safe_load(APPLY.partition("\n")[2]), "metadata": {"name": "web"}}
    scope: dict[str, Any] = {"kmagic": kmagic, "body": body}
    exec(lines[0], scope)
    client: kmagic.Client = scope["client"]
    client.core_v1.namespaces.create({"metadata": {"name": name}})
    scope |= {"pods": client.core_v1.pods(name), "deployments": client.apps_v1.deployments(name)}
    for line in lines[1:]:
        if "(name" in line:
            scope["deployments"].wait("web", jsonpath="{.status.replicas}=1", timeout=60)
            there = [pod for pod in scope["pods"].list() if not pod.metadata.deletion_timestamp]
            scope["name"] = scope["pods"].wait(there[0].metadata.name, condition="Ready", timeout=60).metadata.name
        if server.kind == "real" or ".exec(" not in line:  # the sandbox runs no commands
            exec(line, scope)
    client.core_v1.namespaces.delete(name)
    client.close()
    stop_shared_runtime()
    assert len(lines) == 15


def test_each_row_beside_the_others_leads_to_what_shows_it() -> None:
    start = next(at for at, row in enumerate(TABLES) if row[-1] == "controller-runtime")
    rows = [row for row in TABLES[start + 2 :] if len(row) == 7]
    assert len(rows) > 10
    assert [row[0] for row in rows if not re.fullmatch(r"● \[[\w ]+\]\([\w/.-]+\)", row[1])] == []
    assert {cell[:1] for row in rows for cell in row[2:]} <= {"●", "◐", ""}


def test_the_figures_are_those_of_the_bench() -> None:
    measured = [
        [cell.strip().partition(" (")[0] for cell in line.strip("|").split("|")] for line in RESULTS.splitlines()
    ]
    figures = {row[0]: [row[1], row[3], row[4]] for row in measured if len(row) == 6 and re.match(r"[\d.]+$", row[1])}
    shown = {row[0]: row[1:] for row in TABLES if row[0] in figures}
    assert shown == figures


def test_the_commands_are_there() -> None:
    makefile = Path(__file__).parents[2].joinpath("Makefile").read_text(encoding="utf-8")
    commands = [line.split("#")[0].split() for language, text in BLOCKS if not language for line in text.splitlines()]
    assert [command for command in commands if command[0] == "make" and f"\n{command[1]}:" not in makefile] == []
    assert [
        command[1]
        for command in commands
        if command[0] == "kmagic" and f"kmagic {command[1]} " not in str(__main__.__doc__)
    ] == []
