"""The verbs about the notebook itself: they change nothing in a cluster."""

from __future__ import annotations

import pytest

from kmagic.magics.language.table.notebook import NOTEBOOK
from kmagic.magics.language.verb import Effect, Verb


@pytest.mark.parametrize("verb", NOTEBOOK, ids=lambda verb: verb.name)
def test_a_verb_about_the_notebook_is_a_matter_of_the_session(verb: Verb) -> None:
    assert verb.effect is not Effect.WRITE
    assert not verb.flag("selector")
