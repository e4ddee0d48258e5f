"""Informers from blocking code: filled, followed, read from this thread, and gone when the block ends."""

from __future__ import annotations

import queue

import pytest

from kmagic.errors import NotFoundError
from kmagic.models.core_v1 import ConfigMap
from kmagic.sync.client import Client


def config_map(name: str) -> ConfigMap:
    return ConfigMap.from_dict({"metadata": {"name": name, "labels": {"app": "web"}}, "data": {"k": "v"}})


def test_a_cache_fills_follows_and_is_read_without_requests(client: Client, namespace: str) -> None:
    maps = client.core_v1.configmaps(namespace)
    maps.create(config_map("before"))
    factory = client.informers(namespace=namespace, label_selector="app=web")
    informer = factory.core_v1.configmaps
    seen: queue.Queue[tuple[str, str]] = queue.Queue()
    registration = informer.informer.add_handler(
        on_add=lambda obj: seen.put(("add", obj.metadata.name)),
        on_update=lambda _old, new: seen.put(("update", new.metadata.name)),
        on_delete=lambda obj: seen.put(("delete", obj.metadata.name)),
    )
    with factory:
        factory.wait_synced(timeout=60)
        registration.wait_synced()
        # The first list may come from the server's cache, a moment old.
        assert seen.get(timeout=60) == ("add", "before")
        assert informer.lister(namespace).get("before").data == {"k": "v"}
        maps.create(config_map("after"))
        maps.patch("after", {"data": {"k": "w"}})
        maps.delete("after")
        assert [seen.get(timeout=60) for _ in range(3)] == [
            ("add", "after"),
            ("update", "after"),
            ("delete", "after"),
        ]
        assert [found.metadata.name for found in informer.lister.list(label_selector="app=web")] == ["before"]
        assert informer.informer.has_synced
        registration.remove()
    with pytest.raises(NotFoundError):
        informer.lister(namespace).get("after")
