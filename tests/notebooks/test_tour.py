"""The tour, top to bottom, in a real kernel: against its own sandbox and against a real cluster; and in a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.cluster.fixture import ExternalCluster

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOUR = ROOT / "notebooks" / "01-tour.ipynb"


def run(path: Path, environment: dict[str, str], folder: Path) -> Any:
    """Executes a notebook in a kernel of its own and returns it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    home = {"IPYTHONDIR": str(folder / "ipython"), "KUBECONFIG": str(folder / "none"), "HOME": str(folder)}
    client = NotebookClient(notebook, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    asyncio.run(client.async_execute(env={**os.environ, **home, **environment}))
    return notebook


def shown(notebook: Any) -> list[str]:
    """What each code cell shows as text."""
    texts = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            parts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
            texts.append("\n".join(parts))
    return texts


@pytest.fixture(params=["sandbox", "real"])
def environment(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Where the tour goes: to the sandbox it starts, or to the kubeconfig in its parameter."""
    if request.param == "sandbox":
        yield {}
        return
    cluster: ExternalCluster = request.getfixturevalue("cluster")
    yield {"KMAGIC_TOUR_KUBECONFIG": cluster.kubeconfig}
    cluster.kubectl("delete", "deploy/web", "svc/web", "cm/web-config", "-n", "default", check=False)


def test_the_tour_runs_top_to_bottom(environment: dict[str, str], tmp_path: Path) -> None:
    notebook = run(TOUR, environment, tmp_path)
    texts = shown(notebook)
    whole = "\n".join(texts)
    assert "deployment.apps/web created" in whole
    assert "~ spec.replicas: 2 → 3" in whole
    assert "~ spec.template.spec.containers[web].image: nginx:1.27 → nginx:1.28" in whole
    assert 'deployment.apps "web" deleted' in whole
    emptied = next(text for at, text in enumerate(texts) if 'deployment.apps "web" deleted' in texts[at - 1])
    assert "No resources found" in emptied
    assert_no_credentials(nbformat.writes(notebook), environment)


def assert_no_credentials(saved: str, environment: dict[str, str]) -> None:
    """A saved notebook holds nothing of the kubeconfig but its names."""
    assert "BEGIN " not in saved
    kubeconfig = environment.get("KMAGIC_TOUR_KUBECONFIG")
    for line in Path(kubeconfig).read_text().splitlines() if kubeconfig else ():
        key, _, value = line.strip().partition(": ")
        if key in ("client-key-data", "client-certificate-data", "certificate-authority-data", "token"):
            assert value[:40] not in saved


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text())["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_terminal_shows_every_cell_and_its_text(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kmagic", "demo", str(TOUR)],
        env={**os.environ, "HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "none")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "In [1]: import os" in done.stdout
    assert "deployment.apps/web created" in done.stdout
    assert "No resources found" in done.stdout
    assert "text/plain" not in done.stdout
