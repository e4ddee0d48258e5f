"""Every public name has one door: what a package's `__all__` says is there, typed, and imported only when touched."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shape.contracts import ROOT

_DOORS = ("api", "cache", "client", "config", "controller", "rest", "sync", "testing", "transport")


def _typed_imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names}


@pytest.mark.parametrize("name", _DOORS)
def test_a_door_offers_what_it_says(name: str) -> None:
    package = importlib.import_module(f"kmagic.{name}")
    assert package.__all__
    for each in package.__all__:
        assert getattr(package, each) is not None
        assert each in dir(package)
        # A module of that name would take the name's place as soon as something imports it.
        assert not (ROOT / "kmagic" / name / f"{each}.py").exists()
    assert _typed_imports(ROOT / "kmagic" / name / "__init__.py") == set(package.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = package.Nothing


@pytest.mark.parametrize("name", [name for name in _DOORS if name != "testing"])
def test_opening_a_door_imports_nothing_behind_it(name: str) -> None:
    code = f"import sys, kmagic.{name}; print([m for m in sys.modules if m.startswith('kmagic.{name}.')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout == "[]\n"
