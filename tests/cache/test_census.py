"""Every cache says what it is doing and for whom; looking sends nothing and keeps nothing."""

from __future__ import annotations

import gc
from typing import Any

import anyio

from kmagic.cache.census import CacheReport, HandlerReport, WhyListed, all_caches, report
from kmagic.cache.informer import SharedInformer
from kmagic.errors import ForbiddenError
from kmagic.testing.clock import FakeClock
from kmagic.testing.source import FakeListWatch
from tests.cache.fake_server import FakeServer


def obj(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "uid": name}}


def of(informer: SharedInformer[Any]) -> CacheReport:
    return report(informer._core)


async def test_a_report_says_what_is_held_who_reads_it_and_how_fresh_it_is() -> None:
    source, clock = FakeListWatch(obj("a"), obj("b")), FakeClock()
    informer: SharedInformer[Any] = SharedInformer(source, clock=clock, rng=lambda: 0.0, owner="cell [3]")
    before = of(informer)
    assert (before.state, before.synced, before.objects, before.lists) == ("not started", False, 0, 0)
    async with informer:
        await informer.wait_synced(5)
        other = informer.share(owner="a view")
        other.add_handler(on_add=print)
        await anyio.wait_all_tasks_blocked()
        clock.advance(7)
        source.add(obj("c"))
        await anyio.wait_all_tasks_blocked()
        clock.advance(2)
        now = of(informer)
        assert (now.state, now.synced, now.objects, now.since) == ("streaming", True, 3, 9.0)
        assert (now.resource_version, now.lists, now.watches, now.last_event) == (source.resource_version, 1, 1, 2.0)
        assert now.readers == ("cell [3]", "a view")
        assert now.handlers == (HandlerReport("print", 0, True),)
        assert now.indexes == {"namespace": 1, "owner": 0}
        assert now.size is None
        assert now.error == ""
        other.close()
        assert (of(informer).readers, of(informer).handlers) == (("cell [3]",), ())


async def test_a_relist_says_why() -> None:
    source, clock = FakeListWatch(obj("a")), FakeClock()
    async with SharedInformer(source, clock=clock, rng=lambda: 0.0) as informer:
        await informer.wait_synced(5)
        source.expire()
        source.reset_watches()
        await anyio.wait_all_tasks_blocked()
        clock.advance(30)
        await anyio.wait_all_tasks_blocked()
        assert [type(each) for each in of(informer).relists] == [WhyListed]
        assert of(informer).relists[0].reason == "the watch ended at once, without an event"
        assert of(informer).lists == 2


async def test_what_a_list_fails_with_is_told() -> None:
    source = FakeListWatch()
    source.fail_next_lists(ForbiddenError("pods is forbidden"))
    async with SharedInformer(source, clock=FakeClock(), rng=lambda: 0.0) as informer:
        await anyio.wait_all_tasks_blocked()
        assert of(informer).error == "pods is forbidden"


async def test_only_what_is_read_is_counted_and_bytes_are_those_that_are_kept() -> None:
    server = FakeServer()
    web = {"metadata": {"name": "web", "namespace": "shop"}}
    page = {"kind": "PodList", "metadata": {"resourceVersion": "7"}, "items": [web]}
    server.answer("/api/v1/namespaces/shop/pods", page, watch=False)
    async with server.client() as client:
        factory = client.informers(namespace="shop", label_selector="app=web", owner="cell [1]")
        pods = factory.core_v1.pods.informer
        async with factory:
            await factory.wait_synced(5)
            [mine] = [each for each in all_caches() if each.readers == ("cell [1]",)]
            assert (mine.what, mine.selector) == ('pods in namespace "shop"', "app=web")
            assert mine.server == client.config.server
            assert mine.size == sum(len(each.raw) for each in pods.store.entries)
        assert not [each for each in all_caches() if "cell [1]" in each.readers]
    del factory, pods
    gc.collect()
