"""What changing verbs are about: one that is missing does not keep the others from being changed."""

from __future__ import annotations

import pytest

from kmagic.errors import KubeError, NotFoundError
from kmagic.magics.results.cards import result_of
from tests.magics.conftest import Notebook

MAPS = "\n---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}" for name in "ab")


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    online.ok(f"%%kapply\n{MAPS}")
    return online


def test_what_exists_is_changed_and_what_is_missing_fails_behind_it(filled: Notebook) -> None:
    ran = filled.run("%klabel cm nope a b x=1")
    assert isinstance(ran.error, NotFoundError)
    assert [(each.name, each.action) for each in result_of(ran.error)] == [
        ("a", "labeled"),
        ("b", "labeled"),
        ("nope", "failed"),
    ]
    assert filled.ok("%kget cm b").value["metadata"]["labels"] == {"x": "1"}


def test_several_that_are_missing_are_counted(filled: Notebook) -> None:
    ran = filled.run("%kdelete cm nope a neither")
    assert isinstance(ran.error, KubeError)
    assert str(ran.error).startswith("2 of 3 objects were not deleted")
    assert filled.ok("%kget cm a --ignore-not-found").text.strip() == ""


def test_nothing_is_changed_in_a_protected_context_while_one_is_missing(filled: Notebook) -> None:
    filled.protect()
    assert isinstance(filled.run("%klabel cm a nope x=1").error, NotFoundError)
    assert "labels" not in filled.ok("%kget cm a").value["metadata"]
