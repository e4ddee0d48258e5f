"""mypy and pyright see what the design promises: the right types, and the mistakes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def errors_of_mypy(file: Path) -> dict[int, str]:
    """Line -> message, for the lines of `file` only."""
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--show-absolute-path", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode in (0, 1), result.stdout + result.stderr
    found = re.findall(rf"^{re.escape(str(file))}:(\d+): error: (.*)$", result.stdout, re.MULTILINE)
    return {int(line): message for line, message in found}


def errors_of_pyright(file: Path) -> dict[int, str]:
    """Line -> message, for the lines of `file` only."""
    result = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode not in (0, 1):
        pytest.skip(f"pyright does not run here: {result.stderr.strip().splitlines()[-1:]}")
    found = json.loads(result.stdout)["generalDiagnostics"]
    return {
        item["range"]["start"]["line"] + 1: item["message"]
        for item in found
        if item["severity"] == "error" and Path(item["file"]) == file
    }


CHECKERS = pytest.mark.parametrize("errors_of", [errors_of_mypy, errors_of_pyright], ids=["mypy", "pyright"])


@CHECKERS
@pytest.mark.timeout(300)
def test_the_types_are_the_promised_ones(errors_of: Callable[..., Any]) -> None:  # type: ignore[no-untyped-def]
    assert errors_of(HERE / "cases.py") == {}


@CHECKERS
@pytest.mark.timeout(300)
def test_the_mistakes_are_found(errors_of: Callable[..., Any]) -> None:  # type: ignore[no-untyped-def]
    file = HERE / "mistakes.py"
    marked = {number for number, line in enumerate(file.read_text().splitlines(), 1) if "# mistake:" in line}
    assert set(errors_of(file)) == marked


PROGRAMS = HERE / "programs"


@pytest.mark.timeout(300)
def test_mypy_has_no_complaint_about_a_users_programs(tmp_path: Path) -> None:
    """From a folder of their own: no settings of ours."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache" / "programs")]
    result = subprocess.run(
        [*command, "--config-file=", *map(str, sorted(PROGRAMS.glob("*.py")))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    count = len([*PROGRAMS.glob("*.py")])
    assert (result.returncode, result.stdout) == (0, f"Success: no issues found in {count} source files\n")


@pytest.mark.timeout(300)
def test_pyright_strict_has_no_complaint_about_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson"]
    files = sorted(PROGRAMS.glob("*.py"))
    assert [file.name for file in files if "# pyright: strict" not in file.read_text().splitlines()[0]] == []
    result = subprocess.run([*command, *map(str, files)], cwd=tmp_path, capture_output=True, text=True)
    if result.returncode not in (0, 1):
        pytest.skip(f"pyright does not run here: {result.stderr.strip().splitlines()[-1:]}")
    found = [
        f"{item['file']}:{item['range']['start']['line'] + 1} {item['message']}"
        for item in json.loads(result.stdout)["generalDiagnostics"]
    ]
    assert found == []
