"""Which objects a command means."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.grammar import Command, parse
from kmagic.magics.registry import VERBS
from kmagic.magics.selection import Selected, seconds_of, selected


def command(line: str, verb: str = "get") -> Command:
    return parse(VERBS[verb], line, None, lambda name: {}[name])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("pods", [Selected("pods")], id="a type"),
        pytest.param("po,svc", [Selected("po"), Selected("svc")], id="two types"),
        pytest.param("pods a b", [Selected("pods", ("a", "b"))], id="names"),
        pytest.param("po,svc web", [Selected("po", ("web",)), Selected("svc", ("web",))], id="a name of two types"),
        pytest.param("pod/a svc/w pod/b", [Selected("pod", ("a", "b")), Selected("svc", ("w",))], id="type/name"),
        pytest.param("deploy.v1.apps/web", [Selected("deploy.v1.apps", ("web",))], id="with version and group"),
    ],
)
def test_arguments_are_read_as_kubectl_reads_them(line: str, expected: list[Selected]) -> None:
    assert list(selected(command(line))) == expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("", "which type", id="nothing"),
        pytest.param(",", "which type", id="only a comma"),
        pytest.param("pod pod/a", "no need to name the type", id="mixed"),
        pytest.param("pod/", "is not TYPE/NAME", id="no name"),
        pytest.param("pod/a/b", "is not TYPE/NAME", id="two slashes"),
        pytest.param("pod a --field-selector x=y", "--field-selector", id="name and field selector"),
        pytest.param("pod/a -A", "across all namespaces", id="name everywhere"),
    ],
)
def test_what_means_nothing_is_refused(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        selected(command(line))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("5s", 5), ("1m30s", 90), ("2h", 7200), ("0.5s", 0.5), ("1h1m1s", 3661)],
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert seconds_of(command(f"pods --request-timeout {text}"), "request-timeout") == seconds


def test_a_duration_that_was_not_given_is_the_default() -> None:
    assert seconds_of(command("pods"), "request-timeout", 7) == 7


@pytest.mark.parametrize("text", ["soon", "5x", "s", "1s1m", "-5s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as 30s"):
        seconds_of(command(f"pods --request-timeout={text}"), "request-timeout")
