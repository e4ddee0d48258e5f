"""What a row of the table of verbs says of itself."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.language.verb import Cell, Effect, Flag, FlagKind, Rule, Verb, action

FLAGS = (Flag("all", kind=FlagKind.BOOL), Flag("name", "n"), Flag("count", kind=FlagKind.INT, default=3))


def verb(*rules: Rule, **fields: object) -> Verb:
    given: dict[str, object] = {"flags": FLAGS, "rules": rules, **fields}
    return Verb("try", "", "", ("%ktry",), **given)  # type: ignore[arg-type]


def refused(row: Verb, line: str, cell: str | None = None) -> str:
    try:
        parse(row, line, cell, lambda name: {}[name])
    except UsageError as error:
        return error.message
    return ""


@pytest.mark.parametrize(
    ("rule", "line", "says"),
    [
        pytest.param(Rule(("all", "name"), "no"), "--all -n x", "no", id="two flags"),
        pytest.param(Rule(("all", "name"), "no"), "--all=false -n x", "", id="switched off"),
        pytest.param(Rule(("all", "name"), "no"), "--all -n ''", "", id="empty"),
        pytest.param(Rule(("count",), "no"), "--count=3", "", id="as by default"),
        pytest.param(Rule(("count>3",), "no"), "--count=4", "no", id="more than"),
        pytest.param(Rule(("count>3",), "no"), "", "", id="not more than, by default"),
        pytest.param(Rule(("name=a|b",), "no"), "-n b", "no", id="one of the values"),
        pytest.param(Rule(("name=a|b",), "no"), "-n c", "", id="none of the values"),
        pytest.param(Rule(("name=a",), "no"), "-n a=x", "no", id="a value with a template"),
        pytest.param(Rule(("all",), "no", without=("ARGUMENT",)), "--all", "no", id="something is missing"),
        pytest.param(Rule(("all",), "no", without=("ARGUMENT",)), "--all x", "", id="nothing is missing"),
        pytest.param(Rule(("COMMAND",), "no"), "-- x", "no", id="a command"),
    ],
)
def test_a_rule_refuses_what_it_names(rule: Rule, line: str, says: str) -> None:
    assert refused(verb(rule, takes_command=True), line) == says


def test_a_cells_body_counts() -> None:
    row = verb(Rule(("BODY", "ARGUMENT"), "no"), cell=Cell.BOTH)
    assert refused(row, "x", "kind: Pod") == "no"
    assert refused(row, "", "kind: Pod") == ""


def test_arguments_are_counted() -> None:
    assert refused(verb(most=1), "a b") == "'b' is left over: %ktry takes at most 1 argument"
    assert refused(verb(most=0), "a") == "'a' is left over: %ktry takes flags only"
    assert refused(verb(most=1), "a -- b").startswith("'b' is left over")


def test_an_action_takes_its_own_flags_and_arguments_only() -> None:
    row = verb(
        actions=(
            action("start", "%ktry start NAME", FLAGS, Effect.WRITE, most=1),
            action("stop", "%ktry stop", FLAGS[:1], Effect.SESSION, most=0),
        )
    )
    assert refused(row, "start x --count 4") == ""
    assert refused(row, "stop --count 4") == "--count goes with try start, not with try stop"
    assert refused(row, "stop x") == "'x' is left over: %ktry stop"
    assert refused(row, "strat x") == "say what: start, stop; did you mean start?"
    assert refused(row, "") == "say what: start, stop"
    assert parse(row, "start x", None, lambda name: {}[name]).effect is Effect.WRITE


def test_a_value_is_refused_with_its_reason() -> None:
    assert "the server merges every apply" in refused(VERBS["apply"], "-f x --server-side=false")


def test_names_are_found_by_either_spelling() -> None:
    row = verb(actions=(action("stop", "", (), Effect.READ),))
    assert row.flag("n") is row.flag("name") is FLAGS[1]
    assert (row.magic, row.prompt, row.action("stop") is not None, row.action("x")) == ("ktry", "%ktry", True, None)
