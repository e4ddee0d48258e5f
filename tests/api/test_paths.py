"""Reading a field by its path."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.paths import get_path

OBJ = {"spec": {"replicas": 0, "list": [{"a": 1}]}, "metadata": {"annotations": {"example.com/a": "b"}}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("spec.replicas", 0, id="a value that is false"),
        pytest.param(".spec.replicas", 0, id="with the dot in front"),
        pytest.param("spec.nope.deeper", None, id="nothing there"),
        pytest.param("spec.replicas.deeper", None, id="below a value"),
        pytest.param("spec.list.a", None, id="below a list"),
        pytest.param(("metadata", "annotations", "example.com/a"), "b", id="a key with dots"),
    ],
)
def test_values_by_path(path: Any, value: Any) -> None:
    assert get_path(OBJ, path) == value
