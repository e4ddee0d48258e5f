"""From changed objects to the keys of a controller's own."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kmagic.api.key import ObjectKey
from kmagic.cache.entry import Entry
from kmagic.controller.watches import (
    Changed,
    Watch,
    annotations_changed,
    generation_changed,
    labels_changed,
    own_keys,
    owned,
    owner_keys,
)
from kmagic.models.apps_v1 import ReplicaSet


def replica_set(*owners: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web-1", "namespace": "shop", "uid": "u", "ownerReferences": list(owners)},
    }


FOO = {"apiVersion": "example.com/v1", "kind": "Foo", "name": "my-foo", "uid": "f", "controller": True}


def forms(obj: dict[str, Any]) -> list[Any]:
    raw = msgspec.json.encode(obj)
    return [obj, ReplicaSet.from_dict(obj), Entry.parse(raw)]


@pytest.mark.parametrize("obj", forms(replica_set(FOO)), ids=["dict", "model", "entry"])
def test_SC_2_the_owner_that_controls_is_meant_whatever_the_form(obj: Any) -> None:
    assert owner_keys("Foo")(obj) == (ObjectKey("shop", "my-foo"),)
    assert owner_keys("Foo", "example.com/v1")(obj) == (ObjectKey("shop", "my-foo"),)
    assert own_keys(obj) == (ObjectKey("shop", "web-1"),)


@pytest.mark.parametrize(
    "obj",
    [
        pytest.param(replica_set(), id="no owner"),
        pytest.param(replica_set({**FOO, "controller": False}), id="owner that does not control"),
        pytest.param(replica_set({**FOO, "kind": "Bar"}), id="another kind"),
        pytest.param(replica_set({**FOO, "apiVersion": "other.com/v1"}), id="another group"),
    ],
)
def test_other_owners_are_not_meant(obj: dict[str, Any]) -> None:
    assert owner_keys("Foo", "example.com/v1")(obj) == ()


def test_owned_objects_do_not_count_when_nothing_changed() -> None:
    watch = owned("replicasets", "Foo")
    assert not watch.resyncs
    assert Watch("foos").resyncs


@pytest.mark.parametrize(
    ("when", "changed"),
    [
        pytest.param(generation_changed, {"generation": 2}, id="generation"),
        pytest.param(labels_changed, {"labels": {"a": "b"}}, id="labels"),
        pytest.param(annotations_changed, {"annotations": {"a": "b"}}, id="annotations"),
    ],
)
@pytest.mark.parametrize("form", [0, 1, 2], ids=["dict", "model", "entry"])
def test_a_predicate_sees_its_own_change_only(when: Changed, changed: dict[str, Any], form: int) -> None:
    def made(**more: Any) -> Any:
        obj = replica_set()
        obj["metadata"] |= {"generation": 1, **more}
        return forms(obj)[form]

    assert when(made(), made(**changed))
    assert not when(made(), made(resourceVersion="2", finalizers=["x"]))
