"""The verbs that ask: they change nothing, and what has no meaning is refused."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.registry import kubectl_command
from kmagic.magics.language.table.asking import ASKING
from kmagic.magics.language.verb import Effect, Verb


@pytest.mark.parametrize("verb", ASKING, ids=lambda verb: verb.name)
def test_asking_changes_nothing_on_the_server(verb: Verb) -> None:
    assert all(each.effect is not Effect.WRITE for each in (verb, *verb.actions))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("auth can-i --list get pods", "list option must be specified with no arguments", id="list"),
        pytest.param("auth can-i get pods --no-headers", "--no-headers cannot be set without --list", id="headers"),
        pytest.param("auth whoami --list", "--list goes with auth can-i", id="another action's flag"),
        pytest.param("api-resources --sort-by=age", "--sort-by is one of name, kind", id="sort"),
        pytest.param("cluster-info dump", "there is no cluster-info dump", id="dump"),
        pytest.param("config view --raw", "--raw is not taken: it would show credentials", id="raw"),
        pytest.param("auth reconcile", "kubectl auth reconcile is not a magic", id="reconcile"),
    ],
)
def test_what_is_not_taken_is_refused(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        kubectl_command(line, None, {}.__getitem__)
