"""A sandbox whose packages are missing says what to install, before it starts anything."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from kmagic.__main__ import main
from kmagic.errors import KubeError
from kmagic.sandbox.host import needs, process


@pytest.fixture
def lean(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without two of the extra's packages, as `pip install kmagic` leaves it."""
    for module in [name for name in sys.modules if name.split(".")[0] in ("re2", "starlette")]:
        monkeypatch.delitem(sys.modules, module)
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("re2", "starlette") else found(name))


def test_where_all_is_installed_nothing_is_said() -> None:
    needs.check()


@pytest.mark.usefixtures("lean")
def test_a_start_names_what_is_missing_and_the_line_that_installs_it() -> None:
    with pytest.raises(KubeError, match="needs google-re2, starlette, which are not installed") as caught:
        process.start()
    assert caught.value.hint == "pip install 'kmagic[sandbox]'"


@pytest.mark.usefixtures("lean")
def test_so_does_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox"]) == 1
    assert "pip install 'kmagic[sandbox]'" in capsys.readouterr().err
