"""The grammar: splitting, expansion and flags as kubectl's users write them, and errors that point."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import Command, nearest_example, parse, tokens_of
from kmagic.magics.language.registry import VERBS
from kmagic.magics.language.tokens import expand, split

NAMESPACE = {
    "path": Path("charts/web"),
    "ns": "shop",
    "names": ["a", "b"],
    "n": 3,
    "yes": True,
    "nothing": None,
    "d": {"k": {"x": 1}},
}


def evaluate(expression: str) -> object:
    return eval(expression, {"len": len}, NAMESPACE)


def command(line: str, verb: str = "get", cell: str | None = None) -> Command:
    return parse(VERBS[verb], line, cell, evaluate)


@given(st.text(max_size=40))
def test_any_line_is_split_or_refused_by_name(line: str) -> None:
    with contextlib.suppress(UsageError):
        command(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("-n {{ns}}", "shop", id="a name"),
        pytest.param("-n {{ ns.upper() }}-x", "SHOP-x", id="an expression inside a word"),
        pytest.param("-n '{{ns}}'", "shop", id="inside quotes"),
        pytest.param("-n {{names}}", "a,b", id="a list is joined by commas"),
        pytest.param("-n {{n}}", "3", id="a number"),
        pytest.param("-n {{path}}", "charts/web", id="a path"),
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
        pytest.param("-n ${ns}", "${ns} is not replaced in a magic; did you mean {{ns}}?", id="in a shell's braces"),
        pytest.param("-n {ns}", "{ns} is not replaced in a magic; did you mean {{ns}}?", id="IPython's braces"),
        pytest.param("pods web-{ns}", "did you mean {{ns}}?", id="inside a word"),
        pytest.param("pods {ns[0]}", "did you mean {{ns[0]}}?", id="an expression"),
        pytest.param("pods -l=app={ns}", "did you mean {{ns}}?", id="in a flag's value"),
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
    assert read.arguments == ("pods", "web", "-", "-n", "x")
    assert read.rest == ()
    assert read.on("all-namespaces")


def test_a_command_of_its_own_stands_after_two_dashes() -> None:
    read = command("web-0 -c main -- sh -c 'ls | wc'", "exec")
    assert read.arguments == ("web-0",)
    assert read.rest == ("sh", "-c", "ls | wc")


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


@pytest.mark.parametrize(
    ("verb", "line", "flag", "seconds"),
    [
        pytest.param("get", "pods --request-timeout=0", "request-timeout", 0.0, id="no limit"),
        pytest.param(
            "get", "pods --request-timeout 5", "request-timeout", 5.0, id="a plain number where kubectl says so"
        ),
        pytest.param("get", "pods --request-timeout 500ms", "request-timeout", 0.5, id="milliseconds"),
        pytest.param("wait", "pod/a --for delete --timeout 1h30m", "timeout", 5400.0, id="hours and minutes"),
        pytest.param("wait", "pod/a --for delete --timeout=-1s", "timeout", -1.0, id="negative"),
        pytest.param("wait", "pod/a --for delete --timeout=0", "timeout", 0.0, id="zero needs no unit"),
        pytest.param("wait", "pod/a --for delete", "timeout", 30.0, id="the verb's default"),
        pytest.param("logs", "a --since=1500ms", "since", 1.5, id="a second and a half"),
        pytest.param("logs", "a", "since", None, id="not given"),
    ],
)
def test_durations_are_seconds(verb: str, line: str, flag: str, seconds: float | None) -> None:
    assert command(line, verb).seconds(flag) == seconds


@pytest.mark.parametrize(
    ("verb", "line", "says"),
    [
        pytest.param("wait", "pod/a --for delete --timeout=60", "did you mean 60s?", id="a number without a unit"),
        pytest.param("get", "pods --request-timeout=soon", "a number of seconds or 0, not 'soon'", id="a word"),
        pytest.param("logs", "a --since=5x", "takes a time such as 500ms, 30s or 1h30m", id="no unit of time"),
        pytest.param("rollout", "status deploy/a --timeout=''", "not ''", id="nothing"),
    ],
)
def test_what_is_no_duration_is_refused(verb: str, line: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        command(line, verb)
    assert says in caught.value.message
    assert "^" in caught.value.hint


def test_flags_remember_which_of_them_were_read() -> None:
    read = command("pods -l app=web -o wide")
    assert read.flags.read == set()
    assert read.text("selector") == "app=web"
    assert set(read.flags) - read.flags.read == {"output"}
    assert read.flags.changed("selector", "x").get("output") == "wide"
    assert set(read.flags) == read.flags.read


def test_a_quote_never_closed_is_a_usage_error_for_who_reads_tokens() -> None:
    with pytest.raises(UsageError, match="is never closed"):
        tokens_of(VERBS["get"], "'pods")
