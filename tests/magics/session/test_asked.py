"""What a line asks for: which cluster, as whom; and the way back into a line."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from kmagic.config.client_config import Impersonation
from kmagic.errors import UsageError
from kmagic.magics.language.grammar import Command, parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.session.asked import NOTHING_ASKED, Asked


def command(line: str, verb: str = "get") -> Command:
    return parse(VERBS[verb], line, None, lambda name: {}[name])


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        pytest.param("pods", NOTHING_ASKED, id="nothing"),
        pytest.param("pods --context a", Asked(context="a"), id="context"),
        pytest.param(
            "pods --kubeconfig /k --cluster c --user u", Asked(kubeconfig="/k", cluster="c", user="u"), id="file"
        ),
        pytest.param("pods -v=7", Asked(verbosity=7), id="verbosity"),
        pytest.param("pods -v7", Asked(verbosity=7), id="verbosity, joined"),
        pytest.param("pods --v 7", Asked(verbosity=7), id="verbosity, long"),
        pytest.param(
            "pods --as jane --as-group a,b --as-group c --as-uid 5 --as-user-extra k=v=w --as-user-extra k=x",
            Asked(who=Impersonation(user="jane", uid="5", groups=("a,b", "c"), extra={"k": ("v=w", "x")})),
            id="as, with a comma that is no separator",
        ),
    ],
)
def test_a_line_is_read_and_written_again(line: str, asked: Asked) -> None:
    assert Asked.of(command(line)) == asked
    again = Asked.of(command(" ".join(("pods", *asked.words))))
    assert again.of_clients.who == asked.who
    assert (again.kubeconfig, again.context, again.cluster, again.user) == (
        asked.kubeconfig,
        asked.context,
        asked.cluster,
        asked.user,
    )


@pytest.mark.parametrize("verb", ["get", "ctx"])
def test_a_file_is_the_same_one_in_every_folder(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    line = "pods" if verb == "get" else "there"
    for written in ("k", "./a/../k", "~/k", str(tmp_path / "k")):
        assert Asked.of(command(f"{line} --kubeconfig {written}", verb)).kubeconfig == str(tmp_path / "k")


def test_words_are_quoted() -> None:
    assert shlex.split(" ".join(Asked(context="a b").words)) == ["--context", "a b"]


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        pytest.param("create", "rolebinding r --clusterrole view --user jane", id="create rolebinding"),
        pytest.param("create", "clusterrolebinding r --clusterrole view --user jane", id="create clusterrolebinding"),
        pytest.param("set", "subject rolebinding/r --user jane --user joe", id="set subject"),
    ],
)
def test_whom_a_binding_is_for_is_not_who_asks(verb: str, line: str) -> None:
    read = command(line, verb)
    assert Asked.of(read) == NOTHING_ASKED
    assert "jane" in read.values("user")


def test_an_extra_that_is_no_pair_is_refused() -> None:
    with pytest.raises(UsageError, match="KEY=VALUE"):
        Asked.of(command("pods --as jane --as-user-extra k"))
