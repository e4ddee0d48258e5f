"""One resource of a factory, and the groups of them."""

from __future__ import annotations

import pytest

from kmagic.cache.groups import InformerAppsV1, InformerGroups
from kmagic.client.accessors import Accessor
from kmagic.errors import NotFoundError
from kmagic.models.apps_v1 import Deployment
from tests.cache.fake_server import FakeServer


async def test_a_resource_is_asked_of_the_factory_by_its_model() -> None:
    async with FakeServer().client() as client:
        factory = client.informers(namespace="shop")
        deployments = InformerAppsV1(factory).deployments
        assert deployments.informer is factory.of(Deployment).informer
        assert factory.informers == (deployments.informer,)
        assert deployments.resource.namespace == "shop"


async def test_naming_a_resource_starts_nothing() -> None:
    async with FakeServer().client() as client:
        factory = client.informers()
        assert repr(factory.core_v1.nodes) == "<GenericInformer of nodes in all namespaces>"
        assert factory.informers == ()


async def test_a_lister_names_the_resource_that_has_no_such_object() -> None:
    async with FakeServer().client() as client:
        lister = client.informers().apps_v1.deployments.lister
        with pytest.raises(NotFoundError, match=r'object "nope" not found'):
            lister("shop").get("nope")  # nothing was asked of the server yet


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
