"""The verbs that open a connection into a Pod: the guard judges them as changes."""

from __future__ import annotations

import pytest

from kmagic.magics.language.table.reaching import REACHING
from kmagic.magics.language.verb import Effect, Verb


@pytest.mark.parametrize("verb", REACHING, ids=lambda verb: verb.name)
def test_a_way_into_a_pod_counts_as_a_change(verb: Verb) -> None:
    assert verb.effect is Effect.WRITE
    assert verb.flag("pod-running-timeout") or verb.arguments[0] == "pod"
