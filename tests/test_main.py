"""The command line says what it can do and what it did not understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmagic import __version__
from kmagic.__main__ import main


def test_no_command_prints_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("demo", "lab", "sandbox"))


def test_an_unknown_command_is_named_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmeo"]) == 2
    assert "unknown command 'dmeo'" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_demo_outside_a_clone_says_where_to_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 2
    assert "clone of the repository" in capsys.readouterr().err
