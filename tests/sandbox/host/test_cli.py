"""The command line of a sandbox; its process is in test_process."""

from typing import Any

import pytest

from kmagic.sandbox.host import cli


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--nothing"], ["--nodes"]])
def test_what_it_does_not_know_is_told_and_nothing_starts(arguments: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: kmagic sandbox" in capsys.readouterr().err


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    for flag in ("--port", "--kubeconfig", "--nodes", "--pods", "--churn", "--no-controllers", "--exit-with-parent"):
        assert flag in shown
