"""The three kinds of patch, and the way back from two objects to a patch."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.patch import PatchError, diff_json, diff_merge, json_patch, merge_patch, strategic_merge

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


def pod_lists(path: str) -> str | None:
    return {
        "spec.containers": "name",
        "spec.containers.env": "name",
        "metadata.finalizers": "",
        "spec.volumes": "name",
    }.get(path)


def containers(*names: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": name, "image": "v1"} for name in names]}}


@pytest.mark.parametrize(
    ("obj", "patch", "result"),
    [
        pytest.param(
            containers("a", "b"),
            {"spec": {"containers": [{"name": "b", "image": "v2"}, {"name": "c"}]}},
            {"spec": {"containers": [{"name": "a", "image": "v1"}, {"name": "b", "image": "v2"}, {"name": "c"}]}},
            id="items are merged by key",
        ),
        pytest.param(
            containers("a", "b"),
            {"spec": {"containers": [{"$patch": "delete", "name": "a"}]}},
            containers("b"),
            id="an item is deleted",
        ),
        pytest.param(
            containers("a", "b"),
            {"spec": {"containers": [{"$patch": "replace"}, {"name": "z"}]}},
            {"spec": {"containers": [{"name": "z"}]}},
            id="a list is replaced",
        ),
        pytest.param(
            {"spec": {"a": 1, "b": 2}},
            {"spec": {"$patch": "replace", "c": 3}},
            {"spec": {"c": 3}},
            id="a map is replaced",
        ),
        pytest.param({"spec": {"a": 1}}, {"spec": {"$patch": "delete"}}, {"spec": {}}, id="a map is emptied"),
        pytest.param(
            {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}},
            {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
            {"spec": {"strategy": {"type": "Recreate"}}},
            id="only some keys are kept",
        ),
        pytest.param(
            {"metadata": {"finalizers": ["a", "b"]}},
            {"metadata": {"finalizers": ["b", "c"]}},
            {"metadata": {"finalizers": ["a", "b", "c"]}},
            id="scalars are a set, new ones after the known",
        ),
        pytest.param(
            {"metadata": {"finalizers": ["a", "b"]}},
            {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}},
            {"metadata": {"finalizers": ["b"]}},
            id="scalars are deleted",
        ),
        pytest.param(
            {"spec": {"args": ["a", "b"]}},
            {"spec": {"args": ["c"]}},
            {"spec": {"args": ["c"]}},
            id="other lists are replaced",
        ),
        pytest.param(
            containers("a", "b", "c"),
            {
                "spec": {
                    "$setElementOrder/containers": [{"name": "c"}, {"name": "a"}],
                    "containers": [{"name": "a", "image": "v2"}],
                }
            },
            {
                "spec": {
                    "containers": [
                        {"name": "b", "image": "v1"},
                        {"name": "c", "image": "v1"},
                        {"name": "a", "image": "v2"},
                    ]
                }
            },
            id="the order is set and others are woven in",
        ),
        pytest.param(
            containers("a", "b", "c"),
            {"spec": {"containers": [{"name": "z"}, {"name": "c", "image": "v2"}]}},
            {
                "spec": {
                    "containers": [
                        {"name": "z"},
                        {"name": "a", "image": "v1"},
                        {"name": "b", "image": "v1"},
                        {"name": "c", "image": "v2"},
                    ]
                }
            },
            id="new items stand where the patch has them",
        ),
        pytest.param(
            containers("q", "s", "p", "r"),
            {
                "spec": {
                    "$setElementOrder/containers": [{"name": "q"}, {"name": "t"}],
                    "containers": [{"name": "q"}, {"name": "t", "image": "v1"}, {"$patch": "delete", "name": "p"}],
                }
            },
            containers("q", "s", "r", "t"),
            id="a new item takes a deleted one's place",
        ),
        pytest.param(
            containers("a", "b"),
            {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}},
            containers("b", "a"),
            id="only the order is set",
        ),
        pytest.param(
            {"spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}]}]}},
            {"spec": {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}]}]}},
            {
                "spec": {
                    "containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}]}]
                }
            },
            id="lists inside items",
        ),
        pytest.param({"spec": {"a": 1, "b": 2}}, {"spec": {"a": None}}, {"spec": {"b": 2}}, id="null deletes"),
        pytest.param({}, {"spec": {"a": None, "b": {"c": None}}}, {"spec": {"b": {}}}, id="null of nothing"),
    ],
)
def test_strategic_merge(obj: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]) -> None:
    before = copy.deepcopy(obj), copy.deepcopy(patch)
    assert strategic_merge(obj, patch, pod_lists) == result
    assert (obj, patch) == before


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param({"spec": {"containers": [{"image": "v2"}]}}, id="no merge key"),
        pytest.param({"spec": {"$patch": "shuffle"}}, id="unknown directive"),
    ],
)
def test_a_strategic_patch_that_does_not_fit_is_refused(patch: dict[str, Any]) -> None:
    with pytest.raises(PatchError):
        strategic_merge(containers("a"), patch, pod_lists)
