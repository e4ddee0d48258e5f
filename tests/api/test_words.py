"""Did you mean: one threshold, case apart, and nothing where nothing comes close."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kmagic
from kmagic.api.words import did_you_mean, likeness, nearest


@pytest.mark.parametrize(
    ("word", "found"),
    [
        pytest.param("deploymnets", ["deployments"], id="letters swapped"),
        pytest.param("PODS", ["pods"], id="case"),
        pytest.param("servicis", ["services"], id="another letter"),
        pytest.param("zzz", [], id="nothing like it"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_what_looks_like_a_word(word: str, found: list[str]) -> None:
    assert nearest(word, ["pods", "deployments", "services"]) == found


def test_known_words_keep_their_spelling_and_the_nearest_comes_first() -> None:
    assert nearest("nodename", ["nodeSelector", "nodeName"]) == ["nodeName"]
    assert did_you_mean("web-2", ["web-0", "web-20"]) == "did you mean web-20 or web-0?"
    assert did_you_mean("web-2", ["web-0", "web-20"], 1) == "did you mean web-20?"
    assert did_you_mean("x", []) == ""


def test_signs_that_all_words_begin_with_make_none_alike() -> None:
    assert nearest("--nme", ["--filename", "--namespace"]) == []
    assert nearest("--namespce", ["--filename", "--namespace"]) == ["--namespace"]
    assert nearest("%kgett", ["%kget", "%kset"], 1) == ["%kget"]


def test_likeness_is_whole_for_equal_texts() -> None:
    assert likeness("abc", "abc") == 1
    assert likeness("abc", "xyz") == 0


def test_nobody_else_has_a_measure_of_their_own() -> None:
    package = Path(kmagic.__file__).parent
    measure = re.compile(r"get_close_matches|\.(?:quick_|real_quick_)?ratio\(")
    using = [path for path in package.rglob("*.py") if measure.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(package).as_posix() for path in using] == ["api/words.py"]
