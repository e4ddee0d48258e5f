"""Paths of managedFields: their wire form, their text, and objects without some of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.field_paths import decode_fields, encode_fields, path_text, prefixes, without

elements = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', "v:1", "i:0"])
MAIN = 'k:{"name":"main"}'


@given(st.sets(st.lists(elements, min_size=1, max_size=4).map(tuple)))
def test_fields_survive_the_wire_form(paths: set[tuple[str, ...]]) -> None:
    assert decode_fields(encode_fields(paths)) == paths


def test_a_leaf_beside_its_children_is_marked_with_a_dot() -> None:
    fields = encode_fields({("f:labels",), ("f:labels", "f:app")})
    assert fields == {"f:labels": {".": {}, "f:app": {}}}


def test_paths_as_messages_write_them() -> None:
    assert path_text(("f:spec", "f:containers", MAIN, "f:image")) == '.spec.containers[name="main"].image'
    assert path_text(("f:finalizers", 'v:"x"')) == '.finalizers[="x"]'
    assert path_text(("f:args", "i:2")) == ".args[2]"


def test_prefixes_are_every_path_above() -> None:
    assert prefixes({("f:a", "f:b")}) == {("f:a",), ("f:a", "f:b")}


@pytest.mark.parametrize(
    ("value", "gone", "left"),
    [
        pytest.param({"a": 1, "b": 2}, {("f:a",)}, {"b": 2}, id="a field"),
        pytest.param({"m": {"a": 1}}, {("f:m", "f:a")}, {"m": {}}, id="a map stays when it is not named itself"),
        pytest.param({"m": {"a": 1}}, {("f:m",), ("f:m", "f:a")}, {}, id="a map that is named"),
        pytest.param(
            {"c": [{"name": "main", "image": "x"}, {"name": "side"}]},
            {("f:c", MAIN, "f:image")},
            {"c": [{"name": "main"}, {"name": "side"}]},
            id="a field of an item",
        ),
        pytest.param({"c": [{"name": "main"}]}, {("f:c", MAIN)}, {"c": []}, id="an item by its key"),
        pytest.param({"s": ["x", "y"]}, {("f:s", 'v:"x"')}, {"s": ["y"]}, id="an item of a set"),
        pytest.param({"s": ["x", "y"]}, {("f:s", "i:1")}, {"s": ["x"]}, id="an item by its place"),
        pytest.param({"a": 1}, {("f:z",), ("f:a", "f:b")}, {"a": 1}, id="what is not there"),
        pytest.param({"a": 1}, set(), {"a": 1}, id="nothing"),
    ],
)
def test_an_object_without_paths(value: Any, gone: Any, left: Any) -> None:
    assert without(value, gone) == left
