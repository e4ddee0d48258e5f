"""The magic of each action on rows, as a cell would have it."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import verb_named
from kmagic.magics.language.row_lines import line_for, takes
from kmagic.rest.resource import APIResource

PODS = APIResource("", "v1", "pods", "Pod", True, verbs=("get", "list", "delete"))
DEPLOYMENTS = APIResource("apps", "v1", "deployments", "Deployment", True, verbs=("delete",), subresources=("scale",))
NODES = APIResource("", "v1", "nodes", "Node", False, verbs=("get", "list"))


@pytest.mark.parametrize(
    ("action", "resource", "names", "argument", "line"),
    [
        ("describe", PODS, ["a", "b"], "", "%kdescribe pods/a pods/b -n shop"),
        ("yaml", PODS, ["a"], "", "%kget pods/a -o yaml -n shop"),
        ("events", PODS, ["a"], "", "%kevents --for pods/a -n shop"),
        ("logs", PODS, ["a"], "", "%klogs pods/a -f -n shop"),
        ("exec", PODS, ["a"], "sh -c 'ls /'", "%kexec pods/a -n shop -- sh -c 'ls /'"),
        ("forward", PODS, ["a"], "8080:80", "%kforward pods/a 8080:80 -n shop"),
        ("restart", DEPLOYMENTS, ["a", "b"], "", "%krollout restart deployments.apps/a deployments.apps/b -n shop"),
        ("scale", DEPLOYMENTS, ["a"], "3", "%kscale deployments.apps/a --replicas 3 -n shop"),
        ("delete", PODS, ["system:a b"], "", "%kdelete 'pods/system:a b' --wait=false -n shop"),
    ],
)
def test_a_line_is_one_that_the_grammar_reads(
    action: str, resource: APIResource, names: list[str], argument: str, line: str
) -> None:
    assert line_for(action, resource, names, namespace="shop", argument=argument) == line
    name, _, rest = line.removeprefix("%k").partition(" ")
    command = parse(verb_named(name), rest, None, lambda expression: "")
    assert command.text("namespace") == "shop"
    assert any(names[0] in word for word in (*command.arguments, command.text("for")))


def test_a_context_is_named_where_it_is_not_the_notebooks() -> None:
    assert (
        line_for("yaml", NODES, ["n"], elsewhere=["--context kind-dev"]) == "%kget nodes/n -o yaml --context kind-dev"
    )


@pytest.mark.parametrize(
    ("action", "names", "argument", "words"),
    [
        ("logs", ["a", "b"], "", "takes one object, 2 are selected"),
        ("exec", ["a"], " ", "which command"),
        ("scale", ["a"], "", "how many"),
    ],
)
def test_what_is_missing_or_too_much_is_said(action: str, names: list[str], argument: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        line_for(action, PODS, names, argument=argument)


def test_a_flag_in_an_argument_stays_an_argument() -> None:
    line = line_for("scale", DEPLOYMENTS, ["a"], argument="1 --all")
    assert line == "%kscale deployments.apps/a --replicas '1 --all'"


def test_a_type_is_offered_what_it_takes() -> None:
    wanted = ("logs", "exec", "restart", "scale", "delete", "yaml")
    assert [each for each in wanted if takes(each, PODS)] == ["logs", "exec", "delete", "yaml"]
    assert [each for each in wanted if takes(each, DEPLOYMENTS)] == list(wanted)
    assert [each for each in wanted if takes(each, NODES)] == ["yaml"]
