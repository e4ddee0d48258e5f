"""A magic's text, result and error, as they meet the notebook."""

from __future__ import annotations

import pytest

from kmagic.errors import ConnectError, UsageError
from kmagic.magics.language.registry import VERBS
from tests.magics.conftest import Notebook


def test_a_mistake_is_a_card_and_still_an_error(offline: Notebook) -> None:
    ran = offline.run("%kget pods --namspace x")
    assert isinstance(ran.error, UsageError)
    assert "did you mean --namespace?" in ran.text
    assert "Traceback" not in ran.text
    caret = next(line for line in ran.text.splitlines() if "^~" in line)
    shown = next(line for line in ran.text.splitlines() if "%kget pods --namspace" in line)
    assert shown[caret.index("^") :].startswith("--namspace")


def test_an_unreachable_server_is_one_card_that_says_where(offline: Notebook) -> None:
    ran = offline.run("%kget pods")
    assert isinstance(ran.error, ConnectError)
    assert "127.0.0.1:1" in ran.text
    assert "kind-dev ▸ shop · free" in ran.text
    assert "t0ken" not in ran.text


def test_a_result_goes_to_the_variable_the_line_names(offline: Notebook) -> None:
    offline.ok("%khelp get --to text")
    assert "Lists objects" in str(offline.shell.user_ns["text"])


def test_the_last_result_is_kept(offline: Notebook) -> None:
    offline.ok("%khelp")
    assert "%kget" in str(offline.shell.user_ns["_k"])


@pytest.mark.parametrize("source", ["%kget -h", "%kget --help", "%kubectl get -h", "%khelp get"])
def test_help_is_the_tables(offline: Notebook, source: str) -> None:
    assert VERBS["get"].summary in offline.ok(source).text


def test_an_expression_sees_the_notebook_and_the_function_it_is_in(offline: Notebook) -> None:
    offline.ok("verb = 'get'")
    assert "Lists objects" in offline.ok("%khelp {{verb}}").text
    ran = offline.ok("def f(inner):\n    x = %khelp {{inner}}\n    return x\nf('delete')")
    assert "Deletes objects" in str(ran.value)
