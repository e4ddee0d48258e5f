"""The verbs that make objects: kubectl's names for every generator, and what is refused before any request."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.registry import help_text, kubectl_command
from kmagic.magics.language.table.creating import CREATING
from kmagic.magics.language.verb import Effect, Verb


@pytest.mark.parametrize("verb", CREATING, ids=lambda verb: verb.name)
def test_they_change(verb: Verb) -> None:
    assert all(each.effect is Effect.WRITE for each in (verb, *verb.actions))


@pytest.mark.parametrize(
    ("line", "action"),
    [
        pytest.param("create deploy web --image a", "deployment", id="an alias"),
        pytest.param("create secret generic s", "secret generic", id="two words"),
        pytest.param("create svc nodeport s", "service nodeport", id="an alias of two words"),
        pytest.param("create -o yaml cm a", "configmap", id="a flag before it"),
        pytest.param("create -f x.yaml", "", id="no action"),
    ],
)
def test_kubectls_names_are_known(line: str, action: str) -> None:
    assert kubectl_command(line, None, {}.__getitem__).row.name == action


def test_a_flag_means_what_it_means_to_its_generator() -> None:
    read = kubectl_command("create deployment web --image a --image b -r 2", None, {}.__getitem__)
    assert (read.values("image"), read.number("replicas")) == (("a", "b"), 2)
    assert kubectl_command("create job j --image a", None, {}.__getitem__).text("image") == "a"


def test_words_behind_the_dashes_are_the_command() -> None:
    read = kubectl_command("create job j --image a -- date -u", None, {}.__getitem__)
    assert (read.objects, read.rest) == (("j",), ("date", "-u"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("create", "", id="nothing"),
        pytest.param("create nope", "say what: deployment", id="no generator"),
        pytest.param("create cm a --image b", "--image goes with create deployment", id="another one's flag"),
        pytest.param("create -f x --image b", "--image goes with create deployment", id="a flag without a generator"),
        pytest.param("run web --image a --rm", "--rm: nothing is attached here", id="rm"),
        pytest.param("run web --image a -it", "--stdin: the Pod's terminal is not opened here", id="a terminal"),
        pytest.param("replace -f x --force", "--force: an object is not deleted", id="force"),
        pytest.param("create token a --bound-object-name b", "can only be set if", id="bound to nothing"),
    ],
)
def test_what_is_not_taken_is_refused(line: str, says: str) -> None:
    if not says:
        kubectl_command(line, None, {}.__getitem__)
        return
    with pytest.raises(UsageError, match=says):
        kubectl_command(line, None, {}.__getitem__)


def test_every_generator_has_its_help() -> None:
    for each in CREATING[0].actions[1:]:
        text = help_text(each)
        assert text.startswith(each.summary)
        assert f"%kcreate {each.name}" in text
