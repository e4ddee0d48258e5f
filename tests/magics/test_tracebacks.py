"""Library errors in cells: a card with the user's own line, never a traceback through our code."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from kmagic.errors import ConnectError, KubeError, NotFoundError
from kmagic.magics.tracebacks import is_coloured
from tests.magics.conftest import Notebook

HELPER = """client = here.client
def helper(name):
    return client.core_v1.pods.get(name)
"""


@pytest.fixture
def helped(offline: Notebook) -> Notebook:
    offline.ok("here = %kctx")
    offline.ok(HELPER)
    return offline


def test_an_error_of_the_library_is_a_card(helped: Notebook) -> None:
    ran = helped.run("1\nhelper('web')")
    assert isinstance(ran.error, ConnectError)
    assert "✕" in ran.text
    assert "  at     line 3, in helper: return client.core_v1.pods.get(name)" in ran.text
    assert "\x1b" not in ran.text  # this shell wants no colours
    assert "Traceback" not in ran.text
    assert "kmagic/" not in ran.text
    assert len(ran.text.strip().splitlines()) <= 5
    assert sys.last_value is ran.error


def test_a_missing_object_is_a_card_without_magics(online: Notebook) -> None:
    online.ok("here = %kctx")
    ran = online.run("here.client.core_v1.pods.get('nope')")
    assert isinstance(ran.error, NotFoundError)
    assert 'pods "nope" not found' in ran.text
    assert "HTTP 404" in ran.text
    assert len(ran.text.strip().splitlines()) <= 5


def test_an_error_with_a_group_in_its_past_is_a_card(offline: Notebook) -> None:
    ran = offline.run(
        "import kmagic\ntry:\n    raise ExceptionGroup('g', [ValueError('x')])\n"
        "except ExceptionGroup:\n    raise kmagic.KubeError('went wrong')"
    )
    assert isinstance(ran.error, KubeError)
    assert "went wrong" in ran.text
    assert "Traceback" not in ran.text


def test_other_errors_keep_their_traceback(offline: Notebook) -> None:
    assert "Traceback" in offline.run("1/0").text


def test_a_handler_that_was_there_stays(shell: Any, tmp_path: Any) -> None:
    seen: list[BaseException] = []

    def mine(shell: Any, kind: Any, error: Any, trace: Any, tb_offset: Any = None) -> list[str]:
        seen.append(error)
        return []

    shell.set_custom_exc((ValueError,), mine)
    notebook = Notebook(shell)
    notebook.run("%load_ext kmagic")
    notebook.run("raise ValueError('x')")
    assert "✕" in notebook.run("import kmagic; raise kmagic.KubeError('y')").text
    notebook.run("%unload_ext kmagic")
    notebook.run("raise ValueError('z')")
    assert [str(each) for each in seen] == ["x", "z"]
    shell.set_custom_exc((), None)


class Looks:
    """What of a shell decides on colours."""

    def __init__(self, colors: str, kernel: object = None) -> None:
        self.colors, self.kernel = colors, kernel


def test_colours_are_left_out_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    page: Any = Looks("linux", kernel=object())
    assert is_coloured(page)
    assert not is_coloured(Looks("NoColor", kernel=object()))  # type: ignore[arg-type]
    assert not is_coloured(Looks("linux"))  # type: ignore[arg-type]  # standard output is no terminal here
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert is_coloured(Looks("linux"))  # type: ignore[arg-type]
    monkeypatch.setenv("TERM", "dumb")
    assert not is_coloured(Looks("linux"))  # type: ignore[arg-type]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_coloured(page)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        pytest.param("%kgett pods", "Did you mean %kget?", id="line"),
        pytest.param("%get pods", "Did you mean %kget?", id="without the k"),
        pytest.param("%%kaply\nkind: Pod", "Did you mean %%kapply?", id="cell"),
        pytest.param("%kubctl get pods", "Did you mean %kubectl?", id="kubectl"),
    ],
)
def test_a_misspelt_magic_is_answered_with_the_one_meant(offline: Notebook, cell: str, meant: str) -> None:
    ran = offline.run(cell)
    assert ran.error is not None
    assert f"not found. {meant}" in ran.text


def test_other_magics_that_do_not_exist_are_left_to_ipython(offline: Notebook) -> None:
    assert "Did you mean" not in offline.run("%matplotlb inline").text
