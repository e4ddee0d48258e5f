"""Owner references."""

from typing import Any

import pytest

from kmagic.sandbox.validation.rules.owners import causes

GOOD = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "a", "uid": "u"}


@pytest.mark.parametrize(
    ("references", "count"),
    [
        ([], 0),
        ([GOOD], 0),
        ([GOOD | {"controller": True}, GOOD | {"name": "b"}], 0),
        ([GOOD | {"controller": True}, GOOD | {"name": "b", "controller": True}], 1),
        ([GOOD | {"uid": ""}], 1),
        ([GOOD | {"name": "", "kind": ""}], 2),
    ],
)
def test_an_object_has_one_controller_and_whole_references(references: Any, count: int) -> None:
    assert len([*causes({"name": "x", "ownerReferences": references})]) == count
