"""Which objects a command means."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import Command, parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.language.selection import Selected, chosen, one_object, selected


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
        pytest.param("pod pod/a", "no need to specify a resource type", id="mixed"),
        pytest.param("pod/", "must have a single resource and name", id="no name"),
        pytest.param("/a", "must have a single resource and name", id="no type"),
        pytest.param("pod,svc/a", "must have a single resource and name", id="two types before a slash"),
        pytest.param("pod/a/b", "may not have more than one slash", id="two slashes"),
        pytest.param("pod/a b", "no need to specify a resource type", id="a name beside TYPE/NAME"),
        pytest.param("pod a --field-selector x=y", "name cannot be provided", id="name and field selector"),
        pytest.param("pod/a -l x=y", "name cannot be provided", id="TYPE/NAME and a selector"),
        pytest.param("pod/a -A", "across all namespaces", id="name everywhere"),
    ],
)
def test_what_means_nothing_is_refused(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        selected(command(line))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("web-0", Selected("pods", ("web-0",)), id="a bare name is a Pod's"),
        pytest.param("deploy/web", Selected("deploy", ("web",)), id="type/name"),
        pytest.param("foos.example.com/x", Selected("foos.example.com", ("x",)), id="with a group"),
    ],
)
def test_one_object_is_a_name_or_type_and_name(word: str, expected: Selected) -> None:
    assert one_object(command(word, "logs"), word, "pods") == expected


@pytest.mark.parametrize("verb", ["logs", "exec -- id", "forward 80", "get", "describe", "delete", "rollout status"])
@pytest.mark.parametrize(
    ("word", "says"),
    [
        pytest.param("a/b/c", "may not have more than one slash", id="two slashes"),
        pytest.param("pod/", "must have a single resource and name", id="no name"),
        pytest.param("/web", "must have a single resource and name", id="no type"),
    ],
)
def test_every_verb_reads_type_and_name_alike(verb: str, word: str, says: str, offline: Any) -> None:
    name, _, rest = verb.partition(" ")
    line = f"%k{name} {rest} {word}" if name == "rollout" else f"%k{name} {word} {rest}"
    assert says in offline.fails(line)


@pytest.mark.parametrize(
    ("verb", "line", "says"),
    [
        pytest.param("delete", "pods", "say which: TYPE NAME or TYPE/NAME, a selector", id="delete"),
        pytest.param("wait", "pods --for delete", "--all for every one of the type", id="wait"),
        pytest.param("patch", "pods -p {}", "say which: TYPE NAME or TYPE/NAME", id="patch, which takes names only"),
    ],
)
def test_a_type_alone_chooses_nothing(verb: str, line: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(command(line, verb))
    assert says in caught.value.message
