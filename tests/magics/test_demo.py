"""The terminal runner: prose, cells and their text in order, and where it stops."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kmagic.magics.demo import run_notebook


def notebook(path: Path, *cells: tuple[str, str]) -> Path:
    path.write_text(json.dumps({"cells": [{"cell_type": kind, "source": text} for kind, text in cells]}))
    return path


def test_every_cell_is_shown_with_its_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "a.ipynb", ("markdown", "# Hello"), ("code", "x = 1\nx + 1"), ("code", "print(x)"))
    assert run_notebook(path) == 0
    assert capsys.readouterr().out == ("\n# Hello\n\nIn [1]: x = 1\n   ...: x + 1\n2\n\nIn [2]: print(x)\n1\n")


def test_it_stops_at_the_first_cell_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    path = notebook(tmp_path / "b.ipynb", ("code", "1/0"), ("code", "print('never')"))
    assert run_notebook(path, out) == 1
    assert "Stopped: cell 1 of b.ipynb failed." in out.getvalue()
    assert "never" not in capsys.readouterr().out


def test_the_extension_is_unloaded_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebook(tmp_path / "c.ipynb", ("code", "%load_ext kmagic"), ("code", "%khelp get"))
    assert run_notebook(path) == 0
    assert "Lists objects" in capsys.readouterr().out
    assert run_notebook(path) == 0
