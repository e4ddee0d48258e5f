from __future__ import annotations

import inspect

from kmagic.cache.client import AsyncClient
from kmagic.cache.factory import SharedInformerFactory
from kmagic.client import client
from tests.cache.fake_server import FakeServer


async def test_the_client_has_informers_on_one_pool_and_its_own_clock() -> None:
    async with FakeServer().client() as made:
        assert isinstance(made, client.AsyncClient)
        factory = made.informers(namespace="shop", resync_seconds=5)
        assert isinstance(factory, SharedInformerFactory)
        assert factory.namespace == "shop"
        assert made.pool is made.pool
        factory.core_v1.pods.informer  # noqa: B018
        assert len(made.pool.keys) == 1
        await factory.shut_down()


def test_informers_takes_what_a_factory_takes() -> None:
    offered = inspect.signature(AsyncClient.informers).parameters
    taken = inspect.signature(SharedInformerFactory).parameters
    assert set(taken) - set(offered) == {"client", "pool", "clock", "rng"}
    for name in set(offered) & set(taken):
        assert offered[name].default == taken[name].default
