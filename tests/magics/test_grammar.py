"""The grammar: splitting, expansion and flags as kubectl's users write them, and errors that point."""

from __future__ import annotations

import contextlib
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.errors import UsageError
from kmagic.magics.grammar import Command, expand, nearest_example, parse, split
from kmagic.magics.registry import VERBS

NAMESPACE = {"ns": "shop", "names": ["a", "b"], "n": 3, "yes": True, "nothing": None, "d": {"k": {"x": 1}}}


def evaluate(expression: str) -> object:
    return eval(expression, {"len": len}, NAMESPACE)


def command(line: str, verb: str = "get", cell: str | None = None) -> Command:
    return parse(VERBS[verb], line, cell, evaluate)


def texts(line: str) -> list[str]:
    return [token.text for token in split(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("pods -n shop", ["pods", "-n", "shop"], id="blanks"),
        pytest.param("-l 'app in (a, b)'", ["-l", "app in (a, b)"], id="single quotes are taken off"),
        pytest.param('-l "a=\\"b\\""', ["-l", 'a="b"'], id="escaped quote inside double quotes"),
        pytest.param('"a\\n"', ["a\\n"], id="a backslash before another letter stays in double quotes"),
        pytest.param("a\\ b", ["a b"], id="escaped blank"),
        pytest.param("pods # all of them", ["pods"], id="comment at the end"),
        pytest.param("a#b '#c'", ["a#b", "#c"], id="a hash inside a word or quotes is no comment"),
        pytest.param("''", [""], id="an empty word"),
        pytest.param("a'b'\"c\"d", ["abcd"], id="pieces join"),
        pytest.param(
            "-o jsonpath={.items[*].metadata.name}", ["-o", "jsonpath={.items[*].metadata.name}"], id="jsonpath"
        ),
        pytest.param("cost=$5 {x} ${y}", ["cost=$5", "{x}", "${y}"], id="dollars and braces stay"),
        pytest.param("-n {{ ns }} x", ["-n", "{{ ns }}", "x"], id="an expression with blanks is one word"),
        pytest.param("{{ 'a b' }}", ["{{ 'a b' }}"], id="quotes inside an expression stay"),
        pytest.param("{{ {'a': {'b': 1}}['a'] }}", ["{{ {'a': {'b': 1}}['a'] }}"], id="braces inside an expression"),
        pytest.param("{{ open", ["{{", "open"], id="never closed: plain text"),
        pytest.param("a \\\n b", ["a", "b"], id="a joined line"),
    ],
)
def test_a_line_is_split_as_a_shell_splits_it(line: str, expected: list[str]) -> None:
    assert texts(line) == expected


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r{}"), max_size=8), max_size=6))
def test_whatever_the_shell_quotes_comes_back(words: list[str]) -> None:
    assert texts(" ".join(shlex.quote(word) for word in words)) == words


@given(st.text(max_size=40))
def test_any_line_is_split_or_refused_by_name(line: str) -> None:
    with contextlib.suppress(UsageError):
        command(line)


def test_tokens_know_where_they_stand() -> None:
    line = "  pods  'a b'"
    assert [line[token.start : token.end] for token in split(line)] == ["pods", "'a b'"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("-n {{ns}}", "shop", id="a name"),
        pytest.param("-n {{ ns.upper() }}-x", "SHOP-x", id="an expression inside a word"),
        pytest.param("-n '{{ns}}'", "shop", id="inside quotes"),
        pytest.param("-n {{names}}", "a,b", id="a list is joined by commas"),
        pytest.param("-n {{n}}", "3", id="a number"),
        pytest.param("-n {{yes}}", "true", id="a truth value, spelled as kubectl does"),
        pytest.param("-n {{len(names)}}", "2", id="a call that has a Go template word's name"),
        pytest.param("-n {{d['k']['x']}}", "1", id="a lookup"),
        pytest.param("-n {{.metadata.name}}", "{{.metadata.name}}", id="go-template field"),
        pytest.param("-n '{{range .items}}{{end}}'", "{{range .items}}{{end}}", id="go-template range"),
        pytest.param("-n '{{\"\\n\"}}'", '{{"\\n"}}', id="go-template literal"),
        pytest.param("-n '{{- $x := 1 -}}'", "{{- $x := 1 -}}", id="go-template trim marks"),
        pytest.param("-n '{{len .items}}'", "{{len .items}}", id="go-template function"),
        pytest.param("-n '{ns} $ns'", "{ns} $ns", id="one brace and dollars are not ours"),
    ],
)
def test_the_line_expands_python_and_leaves_go_templates(line: str, expected: str) -> None:
    assert command(line).text("namespace") == expected


def test_an_expanded_value_is_never_split_or_read_as_a_flag() -> None:
    token = split("{{x}}")[0]
    expanded = expand(token, lambda _: "a --force 'b")
    assert expanded.text == "a --force 'b"
    assert parse(VERBS["get"], "pods {{x}}", None, lambda _: "web 0").arguments == ("pods", "web 0")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("-n {{missing}}", "{{missing}} is not defined", id="undefined"),
        pytest.param("-n {{1/0}}", "ZeroDivisionError", id="raises"),
        pytest.param("-n {{nothing}}", "is None", id="none is never the word None"),
        pytest.param("-n {{d}}", "of type dict", id="a value that is no text"),
        pytest.param("-n {{ }}", "is empty", id="empty"),
        pytest.param("-n $ns", "did you mean {{ns}}?", id="a shell variable that exists here"),
        pytest.param("pods 'web", "is never closed", id="open quote"),
        pytest.param("pods \\", "cannot go on after a backslash", id="trailing backslash"),
        pytest.param("pods -n", "--namespace needs a value", id="value missing"),
        pytest.param("pods --namspace x", "unknown flag --namspace; did you mean --namespace?", id="misspelt flag"),
        pytest.param("pods -z", "unknown flag -z; %kget -h lists its flags", id="unknown letter"),
        pytest.param("pods --watch=maybe", "true or false, not 'maybe'", id="bad truth value"),
        pytest.param("pods --limit=many", "a whole number, not 'many'", id="bad number"),
        pytest.param("pods --subresource=logs", "one of status, scale, not 'logs'", id="bad choice"),
        pytest.param("pods --to my.pods", "'my.pods' is not a variable's name", id="dotted target"),
        pytest.param("pods --to class", "'class' is not a variable's name", id="keyword target"),
        pytest.param("1x << pods", "'1x' is not a variable's name", id="bad target before the arrows"),
    ],
)
def test_a_mistake_is_one_sentence_with_a_caret_and_an_example(line: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        command(line)
    message, shown, caret, example = [caught.value.message, *caught.value.hint.splitlines()]
    assert says in message
    assert "\n" not in message
    assert shown == f"%kget {line}"
    assert caret.strip().startswith("^")
    assert example.startswith("example: %kget")


def test_the_caret_stands_under_the_culprit() -> None:
    with pytest.raises(UsageError) as caught:
        command("pods --namspace x")
    shown, caret = caught.value.hint.splitlines()[:2]
    start = caret.index("^")
    assert shown[start : start + len("--namspace")] == "--namspace"
    assert caret.count("~") == len("--namspace") - 1


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        pytest.param("-nprod", {"namespace": "prod"}, id="value joined to the letter"),
        pytest.param("-n=prod", {"namespace": "prod"}, id="value after a letter's equals sign"),
        pytest.param("-Aowide", {"all-namespaces": True, "output": "wide"}, id="letters in a row"),
        pytest.param("--namespace=prod", {"namespace": "prod"}, id="long with equals sign"),
        pytest.param("--namespace prod", {"namespace": "prod"}, id="long with a blank"),
        pytest.param("--all_namespaces", {"all-namespaces": True}, id="underscores count as dashes"),
        pytest.param("--watch=false", {"watch": False}, id="switched off"),
        pytest.param("-n a -n b", {"namespace": "b"}, id="the last scalar wins"),
        pytest.param("-L app -L tier", {"label-columns": ("app", "tier")}, id="a list adds up"),
        pytest.param("-n -x", {"namespace": "-x"}, id="the word after a flag is its value, whatever it looks like"),
        pytest.param("--limit 5", {"limit": 5}, id="a number"),
        pytest.param("-o=", {"output": ""}, id="an empty value"),
    ],
)
def test_flags_are_read_as_pflag_reads_them(line: str, flags: dict[str, object]) -> None:
    assert dict(command(line).flags) == flags


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("--dry-run", "server", id="alone it means server"),
        pytest.param("--dry-run=client", "client", id="with a value"),
    ],
)
def test_a_switch_never_takes_the_next_word(line: str, value: str) -> None:
    read = command(f"{line} deploy web", "delete")
    assert read.text("dry-run") == value
    assert read.arguments == ("deploy", "web")


def test_flags_and_arguments_mix_and_dashes_end_them() -> None:
    read = command("pods -A web - -- -n x")
    assert read.arguments == ("pods", "web", "-")
    assert read.rest == ("-n", "x")
    assert read.on("all-namespaces")


def test_a_cell_keeps_its_body_and_takes_options_from_its_first_lines() -> None:
    body = "#| -n shop --dry-run=server\n#| --to plan\nkind: Pod\nname: {{ns}} $ns\n#| -n other\n"
    read = command("", "apply", body)
    assert read.body == body
    assert read.text("namespace") == "shop"
    assert read.text("dry-run") == "server"
    assert read.to == "plan"


def test_a_mistake_in_an_option_line_is_shown_on_that_line() -> None:
    with pytest.raises(UsageError) as caught:
        command("", "apply", "#| --forced\nkind: Pod\n")
    shown, caret = caught.value.hint.splitlines()[:2]
    assert shown == "#| --forced"
    assert caret.index("^") == 3


@pytest.mark.parametrize("line", ["result << -n shop", "--to result -n shop", "--to=result -n shop"])
def test_the_result_goes_to_a_variable(line: str) -> None:
    read = command(line, "apply", "kind: Pod")
    assert (read.to, read.text("namespace")) == ("result", "shop")
    assert not read.has("to")


@pytest.mark.parametrize("line", ["-h", "pods --help"])
def test_help_is_not_an_unknown_flag(line: str) -> None:
    assert command(line).help


def test_the_example_is_the_one_most_like_the_line() -> None:
    assert nearest_example(VERBS["get"], "pods --sort-by") == "%kget pods --sort-by=.metadata.creationTimestamp"


def test_a_command_points_at_its_own_arguments() -> None:
    error = command("pdos -n shop").usage_error("no such type", at="pdos")
    assert error.hint.splitlines()[:2] == ["%kget pdos -n shop", "      ^~~~"]
