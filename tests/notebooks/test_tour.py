"""The tour, top to bottom, in a real kernel: against its own sandbox and against a real cluster; and in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from tests.cluster.fixture import ExternalCluster
from tests.notebooks.notebook import ROOT, run, shown

TOUR = ROOT / "notebooks" / "01-tour.ipynb"


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
    notebook = run(TOUR, tmp_path, environment)
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
