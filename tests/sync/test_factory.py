"""The factory from blocking code: typed names, errors that say why, plain dicts by name."""

from __future__ import annotations

import queue
from typing import Any

import msgspec
import pytest

from kmagic.config.client_config import Impersonation
from kmagic.errors import ForbiddenError, SyncError
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import ConfigMap
from kmagic.sync.client import Client
from kmagic.sync.informers import GenericInformer


def test_groups_and_resources_have_names(client: Client) -> None:
    factory = client.informers(namespace="shop")
    deployments = factory.apps_v1.deployments
    assert type(deployments) is GenericInformer
    assert repr(deployments) == '<GenericInformer of deployments.apps in namespace "shop">'
    assert repr(factory.apps_v1) == "<informers of apps_v1>"
    assert {"apps_v1", "core_v1", "of", "resource", "wait_synced"} <= set(dir(factory))
    assert {"deployments", "statefulsets"} <= set(dir(factory.apps_v1))


def test_by_name_and_by_type_is_the_same_informer(client: Client) -> None:
    factory = client.informers(namespace="shop")
    assert repr(factory.apps_v1.deployments.informer) == repr(factory.of(Deployment).informer)
    assert len(factory.informers) == 1


def test_unknown_names_are_attribute_errors(client: Client) -> None:
    factory = client.informers()
    with pytest.raises(AttributeError, match="nosuch_v1"):
        factory.nosuch_v1  # noqa: B018
    with pytest.raises(AttributeError, match="nosuch"):
        factory.apps_v1.nosuch  # noqa: B018


def test_a_cache_that_cannot_fill_says_why(client: Client) -> None:
    factory = client.informers()
    assert factory.resource("nonsense.example.com").informer
    with factory, pytest.raises(SyncError, match="nonsense"):
        factory.wait_synced(timeout=60)


def test_dynamic_objects_are_plain_dicts(client: Client, namespace: str) -> None:
    client.core_v1.configmaps(namespace).create(
        ConfigMap.from_dict({"metadata": {"name": "plain", "labels": {"app": "web"}}, "data": {"k": "v"}})
    )
    factory = client.informers(namespace=namespace, label_selector="app=web")
    maps = factory.resource("cm")
    seen: queue.SimpleQueue[Any] = queue.SimpleQueue()
    maps.informer.add_handler(on_add=seen.put)
    with factory:
        factory.wait_synced(timeout=60)
        seen.get(timeout=60)  # the first list may come from the server's cache, a moment old
        assert maps.informer.store.get_by_key(f"{namespace}/plain")["data"] == {"k": "v"}


def test_the_readmes_order_a_name_the_start_the_wait_and_a_read(client: Client, namespace: str) -> None:
    for number in range(5):
        client.core_v1.configmaps(namespace).create(ConfigMap.from_dict({"metadata": {"name": f"c{number}"}}))
    expected = {obj.metadata.name for obj in client.core_v1.configmaps(namespace).list()}
    factory = client.informers(namespace=namespace)
    maps = factory.core_v1.configmaps
    with factory:
        factory.wait_synced(timeout=60)
        assert {obj.metadata.name for obj in maps.lister.list()} == expected
        late = factory.core_v1.serviceaccounts
        assert late.lister.list() is not None, "named in a started factory: it starts, and a read waits for it"
        assert late.informer.has_synced


def test_who_may_not_list_is_told_so_by_the_wait_and_by_every_read(client: Client) -> None:
    nobody = Client(
        runtime=client.runtime, config=msgspec.structs.replace(client.config, impersonate=Impersonation(user="nobody"))
    )
    factory = nobody.informers(namespace="default")
    maps = factory.core_v1.configmaps
    with factory:
        with pytest.raises(SyncError, match="forbidden") as caught:
            factory.wait_synced(timeout=60)
        assert isinstance(caught.value.__cause__, ForbiddenError)
        for read in (maps.lister.list, lambda: maps.lister("default").get("x"), maps.informer.store.list):
            with pytest.raises(SyncError, match="forbidden"):
                read()
    nobody.close()


def test_a_read_on_the_loops_own_thread_cannot_wait_and_says_so(client: Client, namespace: str) -> None:
    with client.informers(namespace=namespace) as factory:
        lister = factory.core_v1.configmaps.lister
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def read() -> None:
            fresh = factory.core_v1.secrets.lister
            try:
                fresh.list()
            except SyncError as error:
                answers.put(error)

        client.runtime.post(read)
        assert "is not" in str(answers.get(timeout=60))
        lister.list()
