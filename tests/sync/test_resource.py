"""Every verb, blocking, on a real server and on the sandbox."""

from __future__ import annotations

import pytest

from kmagic.api.options import ListOptions
from kmagic.errors import AlreadyExistsError, NotFoundError
from kmagic.sync.client import Client


def config_map(name: str, **data: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"made": "here"}},
        "data": data,
    }


def test_an_object_lives_through_every_verb(client: Client, namespace: str) -> None:
    maps = client.resource("cm", namespace)
    made = maps.create(config_map("a", one="1"))
    with pytest.raises(AlreadyExistsError):
        maps.create(config_map("a"))
    made["data"]["two"] = "2"
    assert maps.update(made)["data"] == {"one": "1", "two": "2"}
    assert maps.patch("a", {"data": {"one": None}})["data"] == {"two": "2"}
    applied = maps.apply({"metadata": {"name": "a"}, "data": {"three": "3"}}, field_manager="me")
    assert applied["data"] == {"two": "2", "three": "3"}
    with maps.edit("a") as edited:
        edited["data"]["four"] = "4"
    assert maps.get("a")["data"]["four"] == "4"
    assert maps(None).namespace is None
    maps.delete("a")
    with pytest.raises(NotFoundError, match="a"):
        maps.get("a")


def test_lists_page_select_and_delete_together(client: Client, namespace: str) -> None:
    maps = client.resource("cm", namespace)
    for name in "abcde":
        maps.create(config_map(name))
    assert [item["metadata"]["name"] for item in maps.list(label_selector="made=here", limit=2)] == list("abcde")
    assert len(maps.list_page(ListOptions(limit=2, label_selector="made=here"))) == 2
    pages = list(maps.pages(ListOptions(limit=2, label_selector="made=here")))
    assert [len(page) for page in pages] == [2, 2, 1]
    maps.delete_collection(label_selector="made=here")
    assert not maps.list(label_selector="made=here").items


def test_a_watch_tells_changes_and_ends_when_the_loop_is_left(client: Client, namespace: str) -> None:
    maps = client.resource("cm", namespace)
    version = maps.list().resource_version
    maps.create(config_map("seen"))
    maps.delete("seen")
    types = []
    for event in maps.watch(resource_version=version, label_selector="made=here"):
        types.append(event.type)
        if event.type == "DELETED":
            break
    assert types == ["ADDED", "DELETED"]


def test_a_status_is_written_apart_from_the_rest(client: Client, namespace: str) -> None:
    pods = client.core_v1.pods(namespace)
    pod = pods.create(
        type(pods.unblocked.codec.from_dict({})).from_dict(
            {"metadata": {"name": "p"}, "spec": {"schedulerName": "none", "containers": [{"name": "c", "image": "i"}]}}
        )
    )
    pod.status.message = "told"
    assert pods.update_status(pod).status.message == "told"
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p", "namespace": namespace}}
    pods.create_subresource("p", "eviction", eviction)
    assert pods.resolve().kind == "Pod"
