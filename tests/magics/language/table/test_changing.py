"""The verbs that change objects: what the guard and kubectl's users count on."""

from __future__ import annotations

import pytest

from kmagic.magics.language.table.changing import CHANGING_VERBS
from kmagic.magics.language.verb import Effect, Verb


@pytest.mark.parametrize("verb", CHANGING_VERBS, ids=lambda verb: verb.name)
def test_a_verb_that_changes_says_so_and_can_be_tried_without_a_change(verb: Verb) -> None:
    writing = [each for each in (verb, *verb.actions) if each.effect is Effect.WRITE]
    assert writing
    assert all(verb.flag("dry-run") or each.flag("dry-run") for each in writing)
