"""%khelp lists every magic and explains one."""

from __future__ import annotations

from kmagic.magics.language.registry import VERBS
from tests.magics.conftest import Notebook


def test_every_magic_is_listed(offline: Notebook) -> None:
    text = offline.ok("%khelp").text
    assert all(verb.magic in text and verb.summary in text for verb in VERBS.values())


def test_one_is_explained_by_any_spelling(offline: Notebook) -> None:
    for word in ("apply", "kapply", "%kapply", "%%kapply"):
        assert VERBS["apply"].summary in offline.ok(f"%khelp {word}").text


def test_an_unknown_verb_is_answered_with_the_nearest(offline: Notebook) -> None:
    assert "did you mean delete" in offline.fails("%khelp delte")
