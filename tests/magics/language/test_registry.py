"""The table of verbs: complete, consistent, and its examples are valid commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kmagic
from kmagic.errors import UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import KUBECTL, VERBS, help_text, kubectl_command, verb_named
from kmagic.magics.language.verb import Cell, FlagKind, Verb

verbs = pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)


def nothing(expression: str) -> object:
    raise NameError(expression)


@verbs
def test_every_example_is_a_command_of_its_verb(verb: Verb) -> None:
    assert len(verb.examples) >= 2
    for example in verb.examples:
        magic, _, line = example[example.index("%") :].partition(" ")
        assert magic.lstrip("%") == verb.magic
        is_cell = magic.startswith("%%")
        assert verb.cell in ((Cell.BOTH, Cell.CELL) if is_cell else (Cell.BOTH, Cell.LINE))
        parse(verb, line, "kind: Pod" if is_cell else None, nothing)


@verbs
def test_no_flag_is_named_twice_and_each_says_what_it_does(verb: Verb) -> None:
    names = [name for flag in verb.flags for name in {flag.name, flag.short} if name]  # -v is --v
    assert len(names) == len(set(names))
    assert all(flag.help for flag in verb.flags)
    assert all(flag.implied for flag in verb.flags if flag.kind is FlagKind.SWITCH)


@verbs
def test_help_names_every_flag_and_example(verb: Verb) -> None:
    text = help_text(verb)
    assert verb.summary in text
    assert all(f"--{flag.name}" in text for flag in verb.flags)
    assert all(example in text for example in verb.examples)


def test_an_unknown_verb_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean delete"):
        verb_named("delet")


@pytest.mark.parametrize(
    ("line", "verb", "arguments", "namespace"),
    [
        pytest.param("get po -n x", "get", ("po",), "x", id="as pasted"),
        pytest.param("-n x get po web", "get", ("po", "web"), "x", id="flags before the verb"),
        pytest.param("--namespace=x get po", "get", ("po",), "x", id="with an equals sign"),
        pytest.param("config use-context dev", "config", ("use-context", "dev"), "", id="config use-context"),
        pytest.param("config get-contexts", "config", ("get-contexts",), "", id="config get-contexts"),
    ],
)
def test_a_pasted_kubectl_line_is_the_magic_of_its_verb(
    line: str, verb: str, arguments: tuple[str, ...], namespace: str
) -> None:
    read = kubectl_command(line, None, nothing)
    assert (read.verb.name, read.arguments, read.text("namespace")) == (verb, arguments, namespace)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("", "begins with its verb", id="nothing"),
        pytest.param("-n x", "begins with its verb", id="only flags"),
        pytest.param("gett po", "did you mean get", id="misspelt"),
        pytest.param("config set-credentials x", "never written", id="config that writes"),
    ],
)
def test_what_is_no_kubectl_command_is_refused(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        kubectl_command(line, None, nothing)


def test_the_alias_is_called_kubectl() -> None:
    assert KUBECTL.magic == "kubectl"


def test_every_magic_that_a_text_of_ours_names_exists() -> None:
    package = Path(kmagic.__file__).parent
    known = {verb.magic for verb in (*VERBS.values(), KUBECTL)}
    for path in package.rglob("*.py"):
        named = set(re.findall(r"(?<![\w%])%{1,2}(k[a-z][\w-]*\w)", path.read_text(encoding="utf-8")))
        assert named <= known, path
