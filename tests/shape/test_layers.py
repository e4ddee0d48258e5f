"""The import contracts hold, and each of them catches the violation it is there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "PYTHONPATH": str(folder), "COLUMNS": "200"},
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to plant violations in."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "kmagic", folder / "kmagic", ignore=shutil.ignore_patterns("__pycache__", "models"))
    (folder / "kmagic" / "models").mkdir()
    (folder / "kmagic" / "models" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        pytest.param(
            "api/planted.py", "import kmagic.client.rest", "A package imports only packages below it", id="layers"
        ),
        pytest.param("attic/__init__.py", "", "A package imports only packages below it", id="exhaustive"),
        pytest.param("views/planted.py", "import time", "Pure packages do no I/O", id="pure"),
        pytest.param("client/planted.py", "import httpx", "Only transport knows httpx", id="one-door"),
        pytest.param("cache/planted.py", "import threading", "Threads live in sync", id="threads"),
        pytest.param("sync/planted.py", "import IPython", "Only magics and widgets know the notebook", id="notebook"),
        pytest.param("magics/verbs/get.py", "import kmagic.magics.verbs.apply", "No verb knows another", id="verbs"),
        pytest.param(
            "sandbox/validation/rules/causes.py",
            "import kmagic.sandbox.validation.structural",
            "No two siblings import each other",
            id="acyclic",
        ),
        pytest.param(
            "sandbox/storage/planted.py",
            "import kmagic.sandbox.registry.objects",
            "A request goes through the sandbox's rooms in order",
            id="rooms",
        ),
    ],
)
def test_a_planted_violation_breaks_its_contract(house: Path, module: str, planted: str, contract: str) -> None:
    path = house / "kmagic" / module
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text((before or "") + f"\n{planted}\n", encoding="utf-8")
    try:
        result = lint(house)
    finally:
        if before is None:
            path.unlink()
            if path.name == "__init__.py":
                shutil.rmtree(path.parent)
        else:
            path.write_text(before, encoding="utf-8")
    assert result.returncode != 0
    broken = [
        line for line in result.stdout.splitlines() if "BROKEN" in line or "not listed" in line or "Missing" in line
    ]
    assert any(contract in line for line in broken) or "exhaustive" in result.stdout.lower(), result.stdout
