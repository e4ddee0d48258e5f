"""A cell's value in a terminal, as the shell's own hook shows it but for an empty prompt."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from kmagic.magics.results.values import KText
from kmagic.magics.value_hook import ValueHook


class _Terminal(InteractiveShell):
    displayhook_class = DisplayHook


@pytest.fixture
def terminal(tmp_path: Any) -> Iterator[InteractiveShell]:
    """A shell that prints its values, as a terminal does."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    InteractiveShell.clear_instance()
    shell = _Terminal.instance(config=config, ipython_dir=str(tmp_path / "ipython"))
    shell.display_trap.hook = ValueHook(shell)
    shell.user_ns["KText"] = KText
    yield shell
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    _Terminal.clear_instance()


def shown(shell: InteractiveShell, source: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert shell.run_cell(source, store_history=True).success
    return capsys.readouterr().out


def test_a_table_begins_at_once_and_is_remembered(
    terminal: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    number = terminal.execution_count
    assert shown(terminal, "KText('NAME  AGE\\nweb   5s')", capsys).strip("\n") == "NAME  AGE\nweb   5s"
    assert terminal.user_ns["_"] is terminal.user_ns["Out"][number] is terminal.user_ns[f"_{number}"]


def test_one_line_and_other_values_have_their_prompt(
    terminal: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    number = terminal.execution_count
    assert shown(terminal, "KText('one line')", capsys).strip("\n") == f"Out[{number}]: one line"
    assert shown(terminal, "6 * 7", capsys).strip("\n") == f"Out[{number + 1}]: 42"


@pytest.mark.parametrize("source", ["KText('a\\nb');", "None"])
def test_a_silenced_value_is_not_shown(
    terminal: InteractiveShell, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    assert shown(terminal, source, capsys) == ""


def test_a_value_that_shows_itself_gets_no_prompt(
    terminal: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.run_cell(
        "class Own:\n    def _ipython_display_(self): print('itself')\nOwn.__module__ = 'kmagic.magics.own'"
    )
    assert shown(terminal, "Own()", capsys) == "itself\n"
