"""What is released installs into an empty environment, works there without the extras, and holds what it should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from kmagic import __version__

ROOT = Path(__file__).parents[1]
LOOK = """
import importlib.metadata, json, sys
import IPython, kmagic
shell = IPython.InteractiveShell.instance()
shell.run_line_magic("load_ext", "kmagic")
home = importlib.metadata.files("kmagic")
def said(line):
    try:
        shell.run_line_magic(*line)
    except kmagic.KubeError as error:
        return str(error)
print(json.dumps({
    "sandbox": said(("ksandbox", "start")),
    "version": kmagic.__version__,
    "from": kmagic.__file__,
    "modules": sorted(each for each in ("re2", "starlette", "uvicorn", "pandas", "mkdocs") if importlib.util.find_spec(each)),
}))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True)
    return folder


def test_the_wheel_holds_the_package_and_the_notebooks_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name == f"kmagic-{__version__}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    tracked = subprocess.run(
        ["git", "ls-files", "kmagic", "notebooks"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    inside = {name for name in names if not name.startswith(f"kmagic-{__version__}.dist-info/")}
    new = {str(path.relative_to(ROOT)) for path in (ROOT / "kmagic").rglob("*.py")}
    assert inside == {
        name.replace("notebooks/", "kmagic/notebooks/", 1) if name[0] == "n" else name for name in {*tracked, *new}
    }
    assert "kmagic/py.typed" in inside
    licences = {name.rpartition("/")[2] for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_the_sdist_holds_what_builds_the_wheel_and_no_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    expected = {"kmagic", "notebooks", "README.md", "CHANGELOG.md", "LICENSE", "NOTICE", "pyproject.toml", "PKG-INFO"}
    assert tops - {".gitignore"} == expected


def test_a_lean_install_works_and_says_what_the_sandbox_needs(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    home = tmp_path / "env"
    venv.create(home, with_pip=True, symlinks=True)
    python = home / "bin" / "python"
    environment = {"PATH": os.defpath, "HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "none")}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "XDG_", "SSL_"))}
    subprocess.run(
        [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-c",
            ROOT / "constraints.txt",
            wheel,
        ],
        check=True,
        env={**os.environ, "PYTHONPATH": ""},
        cwd=tmp_path,
    )

    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    script = home / "bin" / "kmagic"
    assert run(script, "--version").stdout == f"{__version__}\n"
    assert "kmagic demo" in run(python, "-m", "kmagic").stdout
    refused = run(script, "sandbox")
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (1, "pip install 'kmagic[sandbox]'")
    demo = run(script, "demo")
    assert "In [1]: import os" in demo.stdout, demo.stderr
    assert "kmagic[sandbox]" in demo.stdout + demo.stderr
    looked = run(python, "-c", LOOK)
    seen = json.loads(looked.stdout.splitlines()[-1])
    assert "the sandbox needs google-re2, starlette, uvicorn" in seen["sandbox"], looked.stderr
    assert (seen["version"], seen["modules"]) == (__version__, [])
    assert Path(seen["from"]).is_relative_to(home)
