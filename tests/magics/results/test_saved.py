"""What a saved notebook keeps of long results."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.lib.pretty import pretty

from kmagic.api.table import Column
from kmagic.magics.results.saved import capped, is_notebook
from kmagic.magics.results.table_text import Looks
from kmagic.magics.results.values import KExec, KGroup, KMapping, KText, KValues
from kmagic.views.table import Row, Table

LONG = "\n".join(map(str, range(50_000)))


@pytest.fixture
def notebook(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell whose output is a notebook's."""
    monkeypatch.setattr(type(shell), "kernel", object(), raising=False)


def table() -> Looks:
    rows = tuple(Row(f"web-{number}", (f"web-{number}", "Running")) for number in range(50_000))
    return Looks(Table((Column("Name"), Column("Status")), rows))


@pytest.mark.usefixtures("notebook")
def test_fifty_thousand_rows_are_fifty_and_their_count() -> None:
    assert is_notebook()
    bundle = table().bundle()
    lines = bundle["text/plain"].split("\n")
    assert (lines[0].split(), lines[50].split()[0], len(lines)) == (["NAME", "STATUS"], "web-49", 52)
    assert lines[-1] == "… 49,950 more lines; the value has them all"
    assert len(str(bundle)) < 30_000


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize("made", [KText(LONG), KValues([], LONG), KGroup([], LONG), KExec(0, LONG, LONG)])
def test_a_long_text_is_its_beginning_and_its_count(made: Any) -> None:
    bundle = made._repr_mimebundle_() if hasattr(made, "_repr_mimebundle_") else {"text/plain": repr(made)}
    assert "… 49,000 more lines" in bundle["text/plain"]
    assert len(str(bundle)) < 30_000


@pytest.mark.usefixtures("shell")
def test_a_terminal_shows_all() -> None:
    assert not is_notebook()
    assert capped(LONG) == LONG
    assert table().bundle()["text/plain"].count("\n") == 50_000


@pytest.mark.parametrize("made", [KText(LONG), KValues([], LONG), KMapping({}, LONG), KGroup([], LONG)])
def test_a_terminal_gets_the_text_as_it_is(made: Any) -> None:
    assert pretty(made) == LONG
