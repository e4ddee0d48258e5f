"""The verbs on stored objects."""

from typing import Any

import pytest

from kmagic.sandbox.registry.objects import Options
from kmagic.sandbox.status import APIError


@pytest.fixture
def maps(still: Any) -> Any:
    return still.catalog.by_kind("v1", "ConfigMap")


def create(still: Any, maps: Any, **metadata: Any) -> Any:
    return still.objects.create(maps, "default", {"metadata": metadata, "data": {"a": "1"}}, Options(manager="t"))


def test_a_new_object_has_what_the_server_gives(still: Any, maps: Any) -> None:
    made = create(still, maps, generateName="x-").stored.decode()
    assert made["metadata"]["name"].startswith("x-")
    assert {"uid", "resourceVersion", "creationTimestamp", "managedFields"} <= set(made["metadata"])
    assert (made["kind"], made["metadata"]["namespace"]) == ("ConfigMap", "default")


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"name": "a"}, 409),
        ({}, 422),
        ({"name": "b", "namespace": "other"}, 400),
        ({"name": "b", "resourceVersion": "5"}, 500),
    ],
)
def test_what_cannot_be_created(still: Any, maps: Any, metadata: Any, code: int) -> None:
    create(still, maps, name="a")
    with pytest.raises(APIError) as caught:
        create(still, maps, **metadata)
    assert caught.value.code == code


def test_an_update_of_another_version_is_a_conflict_and_of_nothing_writes_nothing(still: Any, maps: Any) -> None:
    stored = create(still, maps, name="a").stored
    body = stored.decode()
    same = still.objects.update(maps, "default", "a", stored.decode(), Options(manager="t")).stored
    assert same.revision == stored.revision
    body["data"] = {"a": "2"}
    still.objects.update(maps, "default", "a", body, Options(manager="t"))
    with pytest.raises(APIError, match="the object has been modified"):
        still.objects.update(maps, "default", "a", body, Options(manager="t"))


def test_a_dry_run_stores_nothing(still: Any, maps: Any) -> None:
    body = {"metadata": {"name": "dry"}}
    outcome = still.objects.create(maps, "default", body, Options(manager="t", dry_run=True))
    assert outcome.stored.name == "dry"
    assert still.store.get("configmaps", "default", "dry") is None


def test_unknown_fields_are_warned_of_refused_or_dropped(still: Any, maps: Any) -> None:
    body = {"metadata": {"name": "u"}, "nonsense": 1}
    warned = still.objects.read_body(maps, body, Options(manager="t", field_validation="Warn"))
    assert warned[1] == ['unknown field "nonsense"']
    assert still.objects.read_body(maps, body, Options(manager="t", field_validation="Ignore"))[1] == []
    with pytest.raises(APIError, match="strict decoding error"):
        still.objects.read_body(maps, body, Options(manager="t", field_validation="Strict"))
