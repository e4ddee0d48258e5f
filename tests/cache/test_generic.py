"""One resource of a factory, and the groups of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kmagic.cache.groups import InformerAppsV1, InformerGroups
from kmagic.client.accessors import Accessor
from kmagic.errors import ForbiddenError, SyncError
from kmagic.models.apps_v1 import Deployment
from tests.cache.fake_server import FakeServer


async def test_a_resource_is_asked_of_the_factory_by_its_model() -> None:
    async with FakeServer().client() as client:
        factory = client.informers(namespace="shop")
        deployments = InformerAppsV1(factory).deployments
        assert deployments.informer is factory.of(Deployment).informer
        assert factory.informers == (deployments.informer,)
        assert deployments.resource.namespace == "shop"


async def test_naming_a_resource_makes_it_the_factorys_and_asks_nothing_before_it_starts() -> None:
    server = FakeServer()
    async with server.client() as client:
        factory = client.informers()
        assert repr(factory.core_v1.nodes) == "<GenericInformer of nodes in all namespaces>"
        assert factory.informers == (factory.core_v1.nodes.informer,)
    assert server.requests == []


async def test_what_is_not_filled_is_an_error_and_not_an_empty_answer() -> None:
    async with FakeServer().client() as client:
        deployments = client.informers().apps_v1.deployments
        store, lister = deployments.informer.store, deployments.lister
        reads: list[Callable[[], object]] = [
            lambda: lister("shop").get("nope"),
            lister.list,
            lambda: lister.list(label_selector="app=web"),
            lambda: store.by_index("owner", "uid"),
            lambda: store.get("shop/nope"),
            lambda: store.index("namespace", "shop/nope"),
            lambda: store.index_keys("namespace", "shop"),
            lambda: store.list_index_values("namespace"),
            lambda: store.in_namespace("shop"),
            store.list,
            store.list_keys,
            lambda: len(store),
            lambda: "shop/nope" in store,
            lambda: list(store),
        ]
        for read in reads:
            with pytest.raises(SyncError, match=r"the cache of deployments.apps in all namespaces is not running"):
                read()
        assert repr(store) == "<StoreView of 0 at no version>"


async def test_a_read_before_the_first_list_says_what_it_waits_for_or_what_went_wrong() -> None:
    server = FakeServer()
    refusal = {"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": "deployments is forbidden"}
    server.answer("/apis/apps/v1/deployments", {**refusal, "code": 403}, status=403, watch=False)
    async with server.client() as client, client.informers() as factory:
        deployments = factory.apps_v1.deployments
        with pytest.raises(SyncError, match=r"not filled yet|not running"):
            deployments.lister.list()
        with pytest.raises(SyncError, match="deployments is forbidden"):
            await factory.wait_synced(timeout=5)
        with pytest.raises(SyncError, match="deployments is forbidden") as caught:
            deployments.lister.list()
        assert isinstance(caught.value.__cause__, ForbiddenError)


async def test_every_group_and_resource_gives_an_informer() -> None:
    named, found = set(), set()
    async with FakeServer().client() as client:
        factory = client.informers()
        for name in (name for name in vars(InformerGroups) if not name.startswith("_")):
            group = getattr(factory, name)
            for plural in (plural for plural, value in vars(type(group)).items() if isinstance(value, Accessor)):
                named.add((name, plural))
                resource = await getattr(group, plural).resource.resolve()
                found.add((name, resource.resource))
    assert found == named
    assert {("core_v1", "pods"), ("apps_v1", "deployments"), ("storage_v1", "csinodes")} <= found
