from __future__ import annotations

from typing import Any

import anyio
import msgspec
import pytest

from kmagic.api.gvk import GroupVersionResource
from kmagic.api.options import ListOptions
from kmagic.cache.factory import SharedInformerFactory
from kmagic.errors import ForbiddenError, KubeError, NotFoundError, SyncError
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import Pod
from tests.cache.fake_server import FakeServer, watch_line
from tests.client.worlds import AGGREGATED, CORE, NAMED

DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
ALL_DEPLOYMENTS = "/apis/apps/v1/deployments"


def web(name: str = "web", version: str = "5", **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "resourceVersion": version, "labels": labels}, "spec": {}}


def listed(*items: dict[str, Any], version: str = "7") -> dict[str, Any]:
    return {"kind": "List", "metadata": {"resourceVersion": version}, "items": list(items)}


def serving(*paths: str) -> FakeServer:
    server = FakeServer()
    for path in paths or (DEPLOYMENTS, ALL_DEPLOYMENTS):
        server.answer(path, listed(web(app="web"), web("db", app="db")), watch=False)
    return server


async def test_A19_A20_SI_25_informers_and_listers_by_name_and_type() -> None:
    server = serving()
    server.answer(DEPLOYMENTS, [watch_line("ADDED", web("new", "8"))], watch=True, hang=True)
    async with server.client() as client:
        factory = client.informers(namespace="shop")
        deployments = factory.apps_v1.deployments
        seen: list[str] = []
        deployments.informer.add_handler(on_add=lambda d: seen.append(f"{type(d).__name__} {d.metadata.name}"))
        assert factory.of(Deployment).informer is deployments.informer
        async with factory:
            await factory.wait_synced(timeout=5)
            await anyio.wait_all_tasks_blocked()
            assert deployments.lister("shop").get("web").spec.replicas is None
            assert [d.metadata.name for d in deployments.lister.list(label_selector="app=web")] == ["web"]
            with pytest.raises(NotFoundError, match=r'deployments.apps "nope" not found'):
                deployments.lister.get("nope")
            assert seen == ["Deployment web", "Deployment db", "Deployment new"]


async def test_FA_01_namespace_tweaks_transform_and_resync() -> None:
    server = serving("/api/v1/pods")
    async with server.client() as client:
        factory = SharedInformerFactory(
            client,
            namespace="",
            resync_seconds=60,
            custom_resync={Pod: 30},
            label_selector="app",
            tweak=lambda options: msgspec.structs.replace(options, field_selector="spec.nodeName=n1"),
            transform=lambda pod: msgspec.structs.replace(pod, spec=type(pod.spec)(node_name="moved")),
        )
        pods = factory.core_v1.pods
        assert pods.informer.add_handler(on_add=print).resync_seconds == 30
        assert factory.core_v1.nodes.informer.add_handler(on_add=print).resync_seconds == 60
        del factory._informers[("core_v1", "nodes")]
        async with factory:
            await factory.wait_synced(5)
            await anyio.wait_all_tasks_blocked()
            assert pods.lister.list()[0].spec.node_name == "moved"
    for request in server.requests:
        assert request.url.params["fieldSelector"] == "spec.nodeName=n1"
        assert request.url.params["labelSelector"] == "app"
    assert [r.url.params.get("watch") for r in server.requests] == [None, "true"]


async def test_FA_02_the_same_key_is_the_same_informer() -> None:
    async with serving().client() as client:
        factory = client.informers()
        assert factory.apps_v1.deployments.informer is factory.apps_v1.deployments.informer
        assert factory.resource("deploy").informer is factory.resource("deploy").informer
        assert factory.apps_v1.deployments.informer is not factory.apps_v1.statefulsets.informer
        by_gvr = GroupVersionResource("apps", "v1", "deployments")
        assert factory.resource(by_gvr).informer is factory.resource(by_gvr).informer
        assert len(factory.informers) == 4


async def test_FA_03_FA_09_informers_asked_for_in_a_running_factory_start_at_once() -> None:
    async with serving().client() as client:
        factory = client.informers(namespace="shop")
        factory.start()
        async with factory:
            await factory.wait_synced(5)
            late = factory.apps_v1.deployments
            await late.informer.wait_synced(5)
            assert len(late.lister.list()) == 2
            factory.start()


async def test_FA_04_leaving_stops_everything_for_good() -> None:
    async with serving().client() as client:
        factory = client.informers(namespace="shop")
        deployments = factory.apps_v1.deployments
        handler = deployments.informer.add_handler(on_add=lambda d: None)
        async with factory:
            await factory.wait_synced(5)
        assert handler.removed
        assert not deployments.informer.running
        assert len(deployments.lister.list()) == 2
        await factory.shut_down()
        with pytest.raises(KubeError, match="makes no more informers"):
            factory.core_v1.pods.informer  # noqa: B018
        with pytest.raises(KubeError, match="a factory runs once"):
            async with factory:
                pass
        assert not client.pool.keys


async def test_FA_05_waiting_tells_the_first_that_cannot_fill() -> None:
    server = serving()
    refusal = {"kind": "Status", "reason": "Forbidden", "code": 403, "message": "secrets are not for you"}
    server.answer("/api/v1/namespaces/shop/secrets", refusal, status=403)
    async with server.client() as client:
        factory = client.informers(namespace="shop")
        for generic in (factory.apps_v1.deployments, factory.core_v1.secrets):
            generic.informer.set_error_handler(lambda error: None)
        async with factory:
            with anyio.fail_after(5), pytest.raises(SyncError, match="secrets are not for you") as caught:
                await factory.wait_synced()
            assert isinstance(caught.value.__cause__, ForbiddenError)


async def test_FA_06_the_indexes_of_every_informer() -> None:
    async with serving().client() as client:
        factory = client.informers(namespace="shop")
        store = factory.apps_v1.deployments.informer.store
        assert set(store.entries.indexers) == {"namespace", "owner"}


async def test_FA_07_unknown_names_are_errors_of_the_clientset_or_of_the_sync() -> None:
    server = FakeServer()
    server.answer("/api", {"kind": "APIGroupDiscoveryList", "items": []})
    server.answer("/apis", {"kind": "APIGroupDiscoveryList", "items": []})
    async with server.client() as client:
        factory = client.informers()
        with pytest.raises(AttributeError, match="'SharedInformerFactory' object has no attribute 'nosuch_v1'"):
            factory.nosuch_v1  # noqa: B018
        with pytest.raises(AttributeError):
            factory.pool  # noqa: B018  # the client's, but no group
        with pytest.raises(AttributeError):
            factory.apps_v1.nosuch  # noqa: B018
        nosuch = factory.resource("foos.example.com").informer
        nosuch.set_error_handler(lambda error: None)
        async with factory:
            with anyio.fail_after(5), pytest.raises(SyncError):
                await factory.wait_synced()


async def test_FA_08_A19_dynamic_and_metadata_informers_take_transforms_and_selectors() -> None:
    server = serving("/apis/example.com/v1/foos")
    foos = GroupVersionResource("example.com", "v1", "foos")
    server.answer("/api", {"kind": "APIVersions", "versions": []})
    version = {"groupVersion": "example.com/v1", "version": "v1"}
    group = {"name": "example.com", "versions": [version], "preferredVersion": version}
    server.answer("/apis", {"kind": "APIGroupList", "groups": [group]})
    foo = {"name": "foos", "kind": "Foo", "namespaced": True, "verbs": ["list", "watch"]}
    server.answer(
        "/apis/example.com/v1", {"kind": "APIResourceList", "groupVersion": "example.com/v1", "resources": [foo]}
    )
    async with server.client() as client:
        for metadata_only in (False, True):
            factory = client.informers(
                transform=lambda o: {**o, "metadata": {**o["metadata"], "labels": {"seen": "1"}}},
                metadata_only=metadata_only,
            )
            informer = factory.resource(foos)
            async with factory:
                informer.informer  # noqa: B018
                await factory.wait_synced(5)
                found = informer.lister("shop").get("web")
            assert found["kind"] == ("PartialObjectMetadata" if metadata_only else "Foo")
            assert found["metadata"]["labels"] == {"seen": "1"}
            assert ("spec" in found) is not metadata_only


async def test_factories_of_a_client_share_caches() -> None:
    server = serving()
    async with server.client() as client:
        one, two = client.informers(namespace="shop"), client.informers(namespace="shop")
        other = client.informers(namespace="shop", label_selector="app=web")
        seen: list[str] = []
        two.of(Deployment).informer.add_handler(on_add=lambda d: seen.append(d.metadata.name))
        informer = one.apps_v1.deployments.informer
        other.apps_v1.deployments.informer  # noqa: B018
        assert len(client.pool.keys) == 2
        async with two:
            async with one:
                await one.wait_synced(5)
                await two.wait_synced(5)
                assert informer.running
            assert two.of(Deployment).informer.running
            await anyio.wait_all_tasks_blocked()
            assert seen == ["web", "db"]
        assert sum("watch" not in r.url.params for r in server.requests) == 1
        await other.shut_down()


async def test_the_next_factory_takes_over_a_watch_without_a_list() -> None:
    server = serving()
    async with server.client() as client:
        one, two = client.informers(namespace="shop"), client.informers(namespace="shop")
        for factory in (one, two):
            factory.apps_v1.deployments.informer  # noqa: B018
        async with anyio.create_task_group() as group:
            scope = anyio.CancelScope()

            async def first() -> None:
                with scope:
                    async with one:
                        await anyio.sleep_forever()

            group.start_soon(first)
            await anyio.wait_all_tasks_blocked()
            async with two:
                await two.wait_synced(5)
                scope.cancel()
                await server.received(3)
                assert two.apps_v1.deployments.informer.running
    assert [r.url.params.get("watch") for r in server.requests] == [None, "true", "true"]
    assert server.requests[2].url.params["resourceVersion"] == "7"


async def test_the_first_list_comes_from_the_servers_cache() -> None:
    server = serving()
    async with server.client() as client:
        factory = client.informers(namespace="shop")
        factory.apps_v1.deployments.informer  # noqa: B018
        async with factory:
            await factory.wait_synced(5)
    assert server.requests[0].url.params["resourceVersion"] == "0"
    assert ListOptions(resource_version="0").query() == [("resourceVersion", "0")]


async def test_reprs() -> None:
    async with serving().client() as client:
        factory = client.informers(namespace="shop")
        assert repr(factory) == '<SharedInformerFactory of 0 informers in namespace "shop">'
        assert repr(factory.apps_v1) == "<informers of apps_v1>"
        assert repr(factory.apps_v1.deployments) == '<GenericInformer of deployments.apps in namespace "shop">'


async def test_however_it_is_asked_for_a_selection_is_listed_and_watched_once() -> None:
    server = serving()
    for path, items in (("/api", CORE), ("/apis", NAMED)):
        server.answer(path, {"kind": "APIGroupDiscoveryList", "items": items}, headers=AGGREGATED)
    async with server.client() as client:
        await client.mapper.resource_for("deploy")
        asked = len(server.requests)
        one, two = client.informers(namespace="shop"), client.informers(namespace="shop")
        typed = one.of(Deployment)
        plain = [
            two.resource(GroupVersionResource("apps", "v1", "deployments")),
            two.resource("deploy"),
        ]
        async with one, two:
            await one.wait_synced(5)
            await two.wait_synced(5)
            assert type(typed.lister("shop").get("web")) is Deployment
            for each in plain:
                found = each.lister("shop").get("web")
                assert (found["kind"], found["apiVersion"]) == ("Deployment", "apps/v1")
            seen: list[Any] = []
            plain[0].informer.add_handler(on_add=seen.append)
            await anyio.wait_all_tasks_blocked()
            assert {type(each) for each in seen} == {dict}
        assert [r.url.path for r in server.requests[asked:]] == [DEPLOYMENTS, DEPLOYMENTS]
    assert not client.pool.keys
