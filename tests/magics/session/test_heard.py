"""What servers say beside their answers: warnings, shown by the command that met them, and requests with -v."""

from __future__ import annotations

import logging

import pytest

from kmagic.errors import KubeError
from kmagic.magics.language.grammar import Command, parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.results.cards import result_of
from kmagic.magics.session.heard import Heard
from tests.magics.conftest import Notebook


def command(line: str) -> Command:
    return parse(VERBS["get"], line, None, lambda name: {}[name])


def test_a_warning_is_shown_once_by_the_command_that_met_it(capsys: pytest.CaptureFixture[str]) -> None:
    heard = Heard()
    for _ in range(2):  # the next command meets it again
        with heard.during(command("pods")) as found:
            heard("old \x1b[31m")
            heard("old \x1b[31m")
        assert list(found) == ["old \x1b[31m"]
        shown = capsys.readouterr().err
        assert shown.startswith("Warning: old ")
        assert shown.count("\n") == 1
        assert "\x1b" not in shown


def test_a_warning_outside_of_commands_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    Heard()("old")
    assert [record.name for record in caplog.records] == ["kmagic.warnings"]


def test_requests_are_told_from_six_on_and_only_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("kmagic.wire")
    before = (log.level, log.propagate, list(log.handlers))
    for verbosity in (5, 6):
        with Heard().during(command(f"pods -v={verbosity}")):
            log.debug("GET %s", verbosity)
    assert capsys.readouterr().err == "GET 6\n"
    assert (log.level, log.propagate, list(log.handlers)) == before


def test_requests_of_a_line_are_told_without_credentials(online: Notebook) -> None:
    shown = online.ok("%kget configmaps -v=9").text
    assert '"Response" verb="GET"' in shown
    assert "/configmaps?" in shown
    assert "Authorization: Bearer <masked>" in shown or "Authorization" not in shown
    assert '"Response" verb="GET"' not in online.ok("%kget configmaps").text


def test_a_value_that_was_warned_of_is_kept_with_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    heard = Heard()

    def work() -> int:
        heard("old")
        return 3

    assert heard.while_doing(command("pods"), work) == 3
    with pytest.raises(KubeError, match="1 warning received") as raised:
        heard.while_doing(command("pods --warnings-as-errors"), work)
    assert result_of(raised.value) == 3
    assert capsys.readouterr().err.count("Warning: old") == 2


def test_R8_bodies_of_a_line_are_told_without_secret_values(online: Notebook) -> None:
    online.ok(
        "%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: holder}\ndata: {password: hunter2, mode: hunter3}"
    )
    for line in ("%kget cm -v=10", "%kget cm holder -v=10", "%kget cm -o yaml -v=10"):
        shown = online.ok(line).text
        assert '"Response Body"' in shown
        assert "hunter3" in shown, line
        assert "hunter2" not in shown, line


def test_a_warning_is_an_error_where_it_is_asked_for(online: Notebook) -> None:
    online.ok("%kget componentstatuses")
    ran = online.run("%kget componentstatuses --warnings-as-errors")
    if "Warning: v1 ComponentStatus" in ran.text:  # the sandbox has none
        assert "1 warning received" in str(ran.error)
    online.ok("%kget configmaps --warnings-as-errors")
