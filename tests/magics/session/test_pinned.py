"""A session whose place was decided once."""

from __future__ import annotations

from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import verb_named
from kmagic.magics.session.pinned import Pinned
from tests.magics.conftest import Notebook


def test_it_stays_where_it_was_made_and_plans_every_change(offline: Notebook) -> None:
    session = offline.session
    pinned = Pinned(session, session.place)
    session.use_namespace("other")
    command = parse(verb_named("get"), "pods", None, str)
    assert pinned.place_for(command).target.namespace == "shop"
    assert session.place_for(command).target.namespace == "other"
    assert pinned.needs_plan(pinned.place)
    assert not session.needs_plan(session.place)


def test_a_click_is_made_after_what_was_shown_also_while_a_cell_runs(offline: Notebook) -> None:
    session = offline.session
    session.cells.begin()
    shown = session.cells.now()
    assert session.cells.sent < shown
    assert Pinned(session, session.place).cells.sent >= shown
    session.cells.end()
