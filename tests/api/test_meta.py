"""Reading metadata of dicts, models and cache entries."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api import meta
from kmagic.models.core_v1 import Pod

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-0",
        "namespace": "shop",
        "uid": "u1",
        "resourceVersion": "7",
        "generation": 3,
        "labels": {"app": "web"},
        "annotations": {"a": "b"},
        "finalizers": ["x/y"],
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "deletionTimestamp": "2026-01-02T00:00:00Z",
        "ownerReferences": [
            {"apiVersion": "v1", "kind": "A", "name": "a", "uid": "ua"},
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "ur", "controller": True},
        ],
    },
}


class Entry:
    """A cache entry has its metadata itself."""

    name = "web-0"
    namespace = "shop"
    uid = "u1"
    labels = {"app": "web"}


@pytest.mark.parametrize("obj", [POD, Pod.from_dict(POD)], ids=["dict", "model"])
def test_every_field_is_read(obj: object) -> None:
    assert (meta.name(obj), meta.namespace(obj), meta.uid(obj), meta.resource_version(obj)) == (
        "web-0",
        "shop",
        "u1",
        "7",
    )
    assert (meta.generation(obj), meta.labels(obj), meta.annotations(obj)) == (3, {"app": "web"}, {"a": "b"})
    assert list(meta.finalizers(obj)) == ["x/y"]
    assert meta.creation_timestamp(obj) == "2026-01-01T00:00:00Z"
    assert meta.deletion_timestamp(obj) == "2026-01-02T00:00:00Z"
    assert len(meta.owner_references(obj)) == 2


@pytest.mark.parametrize("obj", [{}, {"metadata": None}, Pod()], ids=["dict", "null", "model"])
def test_what_is_missing_is_empty(obj: object) -> None:
    assert (meta.name(obj), meta.namespace(obj), meta.generation(obj), meta.deletion_timestamp(obj)) == ("", "", 0, "")
    assert not meta.labels(obj)
    assert not meta.owner_references(obj)
    assert meta.controller_of(obj) is None


def test_a_cache_entry_is_read() -> None:
    assert (meta.name(Entry()), meta.uid(Entry()), meta.labels(Entry())) == ("web-0", "u1", {"app": "web"})


def test_the_controller_is_the_owner_that_says_so() -> None:
    assert meta.controller_of(POD)["name"] == "web"  # type: ignore[index]  # not None here
    owner = meta.controller_of(Pod.from_dict(POD))
    assert owner is not None
    assert owner.uid == "ur"


def test_resource_versions_are_compared_as_numbers() -> None:
    assert meta.compare_resource_versions("9", "10") == -1
    assert meta.compare_resource_versions("99999999999999999999", "99999999999999999998") == 1
    assert meta.compare_resource_versions("5", "5") == 0
    with pytest.raises(ValueError):
        meta.compare_resource_versions("a", "1")
