"""JSON and merge patches, and the way back from two objects to a patch."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.patch import PatchError, diff_json, diff_merge, json_patch, merge_patch

keys = st.sampled_from(["a", "b", "c", "x/y", "t~z"])
scalars = st.booleans() | st.integers(0, 3) | st.sampled_from(["", "s", "1"])
values = st.recursive(
    scalars | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=4)
# A merge patch cannot say null.
full_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
full_objects = st.dictionaries(keys, full_values, max_size=4)


def same(a: Any, b: Any) -> bool:
    # In Python 1 == True; in JSON it is not.
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


@given(objects, objects)
def test_a_json_patch_leads_from_a_to_b(a: dict[str, Any], b: dict[str, Any]) -> None:
    before = copy.deepcopy(a)
    steps = diff_json(a, b)
    assert same(json_patch(a, steps), b)
    assert a == before
    assert bool(steps) != same(a, b)


@given(full_objects, full_objects)
def test_a_merge_patch_leads_from_a_to_b(a: dict[str, Any], b: dict[str, Any]) -> None:
    before = copy.deepcopy(a)
    patch = diff_merge(a, b)
    assert same(merge_patch(a, patch), b)
    assert a == before
    assert bool(patch) != same(a, b)


@given(objects, values)
def test_a_merge_patch_applied_twice_changes_nothing_more(obj: dict[str, Any], patch: Any) -> None:
    once = merge_patch(obj, patch)
    assert same(merge_patch(once, patch), once)


@pytest.mark.parametrize(
    ("obj", "patch", "result"),
    [
        # RFC 7386, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_of_the_rfc(obj: Any, patch: Any, result: Any) -> None:
    assert merge_patch(obj, patch) == result


@pytest.mark.parametrize(
    ("obj", "operations", "result"),
    [
        # RFC 6902, appendix A
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"foo": "bar", "baz": "qux"}),
        ({"foo": ["a", "c"]}, [{"op": "add", "path": "/foo/1", "value": "b"}], {"foo": ["a", "b", "c"]}),
        ({"a": 1, "b": 2}, [{"op": "remove", "path": "/a"}], {"b": 2}),
        ({"foo": ["a", "b", "c"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["a", "c"]}),
        ({"a": 1}, [{"op": "replace", "path": "/a", "value": 2}], {"a": 2}),
        ({"a": {"x": 1}, "b": {}}, [{"op": "move", "from": "/a/x", "path": "/b/y"}], {"a": {}, "b": {"y": 1}}),
        ({"f": [1, 2, 3]}, [{"op": "move", "from": "/f/0", "path": "/f/2"}], {"f": [2, 3, 1]}),
        ({"a": {"x": 1}}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": {"x": 1}, "b": {"x": 1}}),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": 1}, {"op": "add", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
        ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": [2]}], {"a": [1, [2]]}),
        ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}, {"op": "remove", "path": "/~1"}], {"~1": 10}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
        ({"a": None}, [{"op": "test", "path": "/a", "value": None}], {"a": None}),
    ],
)  # fmt: skip
def test_json_patches_of_the_rfc(obj: Any, operations: list[dict[str, Any]], result: Any) -> None:
    before = copy.deepcopy(obj)
    assert json_patch(obj, operations) == result
    assert obj == before


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"op": "add", "path": "/x/y", "value": 1}, "does not exist"),
        ({"op": "remove", "path": "/x"}, "does not exist"),
        ({"op": "replace", "path": "/x", "value": 1}, "does not exist"),
        ({"op": "test", "path": "/a", "value": True}, "test failed"),
        ({"op": "test", "path": "/a", "value": "1"}, "test failed"),
        ({"op": "add", "path": "/l/5", "value": 1}, "past the end"),
        ({"op": "add", "path": "/l/01", "value": 1}, "not a list index"),
        ({"op": "remove", "path": "/l/-"}, "not a list index"),
        ({"op": "add", "path": "a", "value": 1}, "does not begin with /"),
        ({"op": "move", "from": "/o", "path": "/o/x"}, "into itself"),
        ({"op": "turn", "path": "/a"}, "unknown operation"),
        ({"op": "add", "path": "/a/b", "value": 1}, "neither an object nor a list"),
        ({"op": "add", "path": "/z"}, "does not exist"),
    ],
)
def test_an_operation_that_does_not_fit_is_named(operation: dict[str, Any], reason: str) -> None:
    with pytest.raises(PatchError, match=rf"operation 1 .*{reason}"):
        json_patch({"a": 1, "l": [0], "o": {}}, [{"op": "test", "path": "/a", "value": 1}, operation])
