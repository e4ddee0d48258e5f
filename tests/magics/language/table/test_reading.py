"""The verbs that read: the guard lets them through."""

from __future__ import annotations

import pytest

from kmagic.magics.language.table.reading import READING
from kmagic.magics.language.verb import Effect, Verb


@pytest.mark.parametrize("verb", READING, ids=lambda verb: verb.name)
def test_a_verb_that_reads_takes_no_flag_of_a_change(verb: Verb) -> None:
    assert verb.effect is Effect.READ
    assert not verb.flag("dry-run")
