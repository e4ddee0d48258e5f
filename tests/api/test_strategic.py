"""Strategic merge patches, directive by directive; tests/conformance/test_strategic.py asks the real server."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kmagic.api.patch import PatchError
from kmagic.api.strategic import strategic_merge


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
