from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.patch import merge_patch
from kmagic.client.codec import DictCodec, ModelCodec
from kmagic.client.edit import edit, merge_patch_for, overlap
from kmagic.errors import ConflictError
from kmagic.models.apps_v1 import Deployment

BASE = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "resourceVersion": "7", "unknownMeta": 1},
    "spec": {
        "replicas": 1,
        "unknown": {"x": 1},
        "template": {"spec": {"containers": [{"name": "main", "image": "a", "futureField": True}, {"name": "side"}]}},
    },
}


class Server:
    """Keeps one object; `conflicts` writes meet a change of somebody else."""

    def __init__(self, obj: dict[str, Any], *, conflicts: int = 0, change: dict[str, Any] | None = None) -> None:
        self.obj, self.conflicts, self.change = obj, conflicts, change or {}
        self.sent = []
        self.reads = 0

    async def read(self) -> dict[str, Any]:
        self.reads += 1
        return merge_patch(self.obj, {})

    async def send(self, patch: dict[str, Any]) -> None:
        if self.conflicts:
            self.conflicts -= 1
            version = str(int(self.obj["metadata"]["resourceVersion"]) + 1)
            self.obj = merge_patch(self.obj, {**self.change, "metadata": {"resourceVersion": version}})
        if patch["metadata"]["resourceVersion"] != self.obj["metadata"]["resourceVersion"]:
            raise ConflictError("changed")
        self.sent.append(patch)
        self.obj = merge_patch(self.obj, patch)


async def test_only_the_change_is_sent_with_its_version() -> None:
    server = Server(BASE)
    async with edit(ModelCodec(Deployment), server.read, server.send) as deployment:
        deployment.spec.replicas = 3
    assert server.sent == [{"spec": {"replicas": 3}, "metadata": {"resourceVersion": "7"}}]


async def test_fields_a_model_does_not_know_survive_even_in_lists() -> None:
    server = Server(BASE)
    async with edit(ModelCodec(Deployment), server.read, server.send) as deployment:
        deployment.spec.template.spec.containers[0].image = "b"
    containers = server.obj["spec"]["template"]["spec"]["containers"]
    assert containers == [{"name": "main", "image": "b", "futureField": True}, {"name": "side"}]
    assert server.obj["spec"]["unknown"] == {"x": 1}


async def test_no_change_sends_nothing() -> None:
    server = Server(BASE)
    async with edit(ModelCodec(Deployment), server.read, server.send):
        pass
    assert server.sent == []


async def test_an_exception_sends_nothing() -> None:
    server = Server(BASE)
    with pytest.raises(RuntimeError):
        async with edit(DictCodec(), server.read, server.send) as obj:
            obj["spec"]["replicas"] = 3
            raise RuntimeError
    assert server.sent == []


async def test_a_conflict_elsewhere_is_retried_and_both_changes_stay() -> None:
    server = Server(BASE, conflicts=2, change={"spec": {"paused": True}})
    async with edit(DictCodec(), server.read, server.send) as obj:
        obj["spec"]["replicas"] = 3
    assert server.obj["spec"]["replicas"] == 3
    assert server.obj["spec"]["paused"] is True
    assert server.reads == 3


async def test_a_conflict_on_the_same_field_is_told() -> None:
    server = Server(BASE, conflicts=1, change={"spec": {"replicas": 9}})
    with pytest.raises(ConflictError, match=r"somebody changed the same fields meanwhile: \.spec\.replicas"):
        async with edit(DictCodec(), server.read, server.send) as obj:
            obj["spec"]["replicas"] = 3
    assert server.obj["spec"]["replicas"] == 9


async def test_MI_02_endless_conflicts_end() -> None:
    server = Server(BASE, conflicts=99, change={"spec": {"paused": True}})
    with pytest.raises(ConflictError, match="changed"):
        async with edit(DictCodec(), server.read, server.send) as obj:
            obj["spec"]["replicas"] = 3


def test_overlap_names_the_fields() -> None:
    change = {"a": {"b": 1, "c": None}, "d": 2}
    assert overlap(change, {"a": {"b": 0}}, {"a": {"b": 0}}) == []
    assert overlap(change, {"a": {"b": 0}}, {"a": {"b": 5, "c": 1}}) == [".a.b", ".a.c"]
    assert overlap(change, {}, {"d": 1}) == [".d"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=2), values, max_size=4)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


@given(objects, objects)
def test_the_patch_does_to_the_object_what_the_edit_did(before: Any, after: Any) -> None:
    # A merge patch cannot write null, and an object of the API holds none.
    before, after = without_nulls(before), without_nulls(after)
    assert merge_patch(before, merge_patch_for(before, before, after)) == after
