"""Following changes, and waiting for one, in blocking code."""

from __future__ import annotations

import pytest

from kmagic.errors import ArgumentError, WaitError
from kmagic.sync import RetryWatcher, until_with_sync
from kmagic.sync.client import Client


def _named(name: str) -> dict[str, object]:
    return {"metadata": {"name": name, "labels": {"of": "following"}}}


def test_every_change_after_a_version_comes_and_the_version_moves_on(client: Client, namespace: str) -> None:
    configmaps = client.core_v1.configmaps(namespace)
    begin = configmaps.list().resource_version
    configmaps.create(_named("a"))
    configmaps.create(_named("b"))
    configmaps.delete("a")
    watcher = RetryWatcher(configmaps, begin)
    seen = []
    for event in watcher.events():
        if event.object.metadata.labels.get("of") == "following":
            seen.append((event.type, event.object.metadata.name))
        if len(seen) == 3:
            break
    assert seen == [("ADDED", "a"), ("ADDED", "b"), ("DELETED", "a")]
    assert watcher.resource_version != begin


def test_it_needs_a_version_to_begin_from(client: Client, namespace: str) -> None:
    with pytest.raises(ArgumentError, match="initial RV"):
        RetryWatcher(client.core_v1.configmaps(namespace), "0")


def test_conditions_hold_one_after_another(client: Client, namespace: str) -> None:
    configmaps = client.core_v1.configmaps(namespace)
    configmaps.create(_named("a"))
    informer = client.informers(namespace=namespace).core_v1.configmaps.informer
    found = until_with_sync(informer, lambda event: event.object.metadata.name == "a", timeout=30)
    assert found is not None
    assert found.type == "ADDED"


def test_what_holds_already_is_not_waited_for(client: Client, namespace: str) -> None:
    informer = client.informers(namespace=namespace).core_v1.configmaps.informer
    assert until_with_sync(informer, lambda event: False, precondition=lambda store: True, timeout=30) is None


def test_what_does_not_come_in_time_is_an_error(client: Client, namespace: str) -> None:
    informer = client.informers(namespace=namespace).core_v1.configmaps.informer
    with pytest.raises(WaitError, match=r"timed out after 0\.2 s"):
        until_with_sync(informer, lambda event: False, timeout=0.2)
