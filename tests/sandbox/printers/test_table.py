"""Whole tables, encoded."""

import json
from typing import Any

import pytest

from kmagic.sandbox.printers.table import builtin_format, metadata_only


@pytest.fixture
def stored(still: Any) -> Any:
    metadata = {"name": "a", "namespace": "default", "labels": {"x": "y"}}
    return still.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"k": "v"}})


@pytest.mark.parametrize(("include", "keys"), [("None", None), ("Metadata", "metadata"), ("Object", "data")])
def test_rows_hold_what_was_asked_for(stored: Any, include: Any, keys: Any) -> None:
    row = json.loads(builtin_format("configmaps").row(stored, include, 0.0))
    assert row["cells"][:2] == ["a", 1]
    assert (row["object"] is None) if keys is None else (keys in row["object"])


def test_a_table_has_its_columns_once(stored: Any) -> None:
    made = builtin_format("configmaps")
    row = made.row(stored, "None", 0.0)
    first, later = (json.loads(made.table([row], {"resourceVersion": "7"}, headers=each)) for each in (True, False))
    assert [column["name"] for column in first["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert later["columnDefinitions"] is None
    assert first["metadata"] == {"resourceVersion": "7"}


def test_a_resource_without_columns_of_its_own_shows_name_and_creation(stored: Any) -> None:
    made = builtin_format("things.example.com")
    assert [column["name"] for column in json.loads(made.definitions)] == ["Name", "Created At"]


def test_metadata_only_has_nothing_else(stored: Any) -> None:
    assert set(metadata_only(stored.decode())) == {"kind", "apiVersion", "metadata"}
