"""Pairs read from a command's words."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.work.metadata import split_pairs
from tests.magics.conftest import Notebook


def nothing(expression: str) -> object:
    raise NameError(expression)


@pytest.mark.parametrize(
    ("line", "objects", "pairs"),
    [
        pytest.param("pod a x=1", ("pod", "a"), {"x": "1"}, id="set"),
        pytest.param("pod/a x-", ("pod/a",), {"x": None}, id="removed"),
        pytest.param("pod a x= y=a=b e.com/z-", ("pod", "a"), {"x": "", "y": "a=b", "e.com/z": None}, id="several"),
        pytest.param("pods x=1 -l app=web", ("pods",), {"x": "1"}, id="with a selector"),
    ],
)
def test_objects_come_first_then_pairs(line: str, objects: tuple[str, ...], pairs: dict[str, str | None]) -> None:
    command, found = split_pairs(parse(VERBS["label"], line, None, nothing))
    assert (command.arguments, found) == (objects, pairs)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("pod a", "say what to set", id="nothing"),
        pytest.param("pod a x=1 b", "objects come first", id="object last"),
        pytest.param("pod a x=1 x-", "given twice", id="twice"),
        pytest.param("pod a =1", "has no key", id="no key"),
    ],
)
def test_what_is_no_pair_is_refused(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        split_pairs(parse(VERBS["label"], line, None, nothing))


def test_what_is_set_is_listed_and_nothing_changed(online: Notebook) -> None:
    online.ok("%kcreate cm settings --from-literal a=1")
    online.ok("%klabel cm settings b=2 a=1")
    assert online.ok("%klabel cm settings --list").text.strip() == "a=1\nb=2"
    assert "leave KEY=VALUE out" in online.fails("%klabel cm settings --list c=3")
    assert online.ok("%kget cm settings").value["metadata"]["labels"] == {"a": "1", "b": "2"}
    online.protect("--readonly")
    assert online.ok("%klabel cm settings --list").text.strip() == "a=1\nb=2"
