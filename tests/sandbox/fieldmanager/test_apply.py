"""Merging a configuration into what is there; conflicts are in registry/test_applying."""

from typing import Any

import pytest

from kmagic.sandbox.fieldmanager.apply import merge
from kmagic.sandbox.schema import schemas

POD = schemas.find_definition("", "v1", "Pod")


@pytest.mark.parametrize(
    ("live", "applied", "merged"),
    [
        ({"metadata": {"labels": {"a": "1"}}}, {"metadata": {"labels": {"b": "2"}}}, {"metadata": {"labels": {"a": "1", "b": "2"}}}),
        ({"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b"}]}}, {"spec": {"containers": [{"name": "a", "image": "2"}]}}, {"spec": {"containers": [{"name": "a", "image": "2"}, {"name": "b"}]}}),
        ({"spec": {"tolerations": [{"key": "a"}]}}, {"spec": {"tolerations": [{"key": "b"}]}}, {"spec": {"tolerations": [{"key": "b"}]}}),
        ({"spec": {"nodeName": "a"}}, {"spec": {"nodeName": "b"}}, {"spec": {"nodeName": "b"}}),
    ],
    ids=["maps", "lists by key", "atomic lists", "scalars"],
)  # fmt: skip
def test_parts_merge_as_their_schema_says(live: Any, applied: Any, merged: Any) -> None:
    assert merge(live, applied, POD) == merged
