"""A cluster for tests: faithful because it is a server, recorded, and breakable where a test wants it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio
import pytest

import kmagic.testing
from kmagic.api.types import JSONObject
from kmagic.errors import AlreadyExistsError, BadRequestError, ForbiddenError, NotFoundError
from kmagic.testing.sandbox import TestCluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    with kmagic.testing.cluster() as running:
        yield running


def config(name: str = "", labels: dict[str, str] | None = None, **head: Any) -> JSONObject:
    return {"metadata": {"name": name, "labels": labels or {}, **head}}


async def test_FK_01_all_calls_of_all_clients_are_recorded_in_order(cluster: TestCluster) -> None:
    cluster.clear_actions()
    async with cluster.async_client() as one, cluster.async_client() as two:
        await one.resource("configmaps", namespace="default").create(config("a"))
        await two.resource("configmaps", namespace="default").get("a")
        await one.resource("configmaps", namespace="default").delete("a")
    assert [str(action) for action in cluster.actions] == [
        "create configmaps default/a",
        "get configmaps default/a",
        "delete configmaps default/a",
    ]
    assert [action.verb for action in cluster.changes] == ["create", "delete"]


async def test_FK_02_chosen_calls_fail_and_the_others_are_real(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        maps = client.resource("configmaps", namespace="default")
        left = [ForbiddenError("not this time")]
        cluster.react("create", "configmaps", lambda _: left.pop() if left else None)
        with pytest.raises(ForbiddenError, match="not this time"):
            await maps.create(config("b"))
        assert (await maps.create(config("b")))["metadata"]["uid"]
        await maps.delete("b")


async def test_FK_04_a_watch_sees_changes_from_any_version_and_gets_objects_of_its_own(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        maps = client.resource("configmaps", namespace="default")
        before = (await maps.list()).resource_version
        made = await maps.create(config("c"))
        with anyio.fail_after(60):
            async for event in maps.watch(resource_version=before):
                assert (event.type, event.object["metadata"]["name"]) == ("ADDED", "c")
                assert event.object is not made
                break
        await maps.delete("c")


async def test_FK_05_namespaces_and_names_are_checked_and_names_are_made(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        maps = client.resource("configmaps", namespace="default")
        made = await maps.create(config(generateName="made-"))
        assert made["metadata"]["namespace"] == "default"
        name = made["metadata"]["name"]
        assert name.startswith("made-")
        assert len(name) > 5
        with pytest.raises(BadRequestError, match="does not match"):
            await maps.create(config("x", namespace="kube-system"))
        with pytest.raises(AlreadyExistsError):
            await maps.create(config(name))
        await maps.delete(name)
        with pytest.raises(NotFoundError):
            await maps.get(name)
        with pytest.raises(NotFoundError):
            await maps.delete(name)


async def test_FK_06_selectors_and_pages_work(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        maps = client.resource("configmaps", namespace="kube-public")
        for n in range(5):
            await maps.create(config(f"m{n}", {"odd": str(n % 2)}))
        assert [m["metadata"]["name"] for m in await maps.list(label_selector="odd=1")] == ["m1", "m3"]
        found = await maps.list(field_selector="metadata.name=m2")
        assert [m["metadata"]["name"] for m in found] == ["m2"]
        cluster.clear_actions()
        assert len(await maps.list(label_selector="odd", limit=2)) == 5
        assert [action.verb for action in cluster.actions] == ["list"] * 3


async def test_FK_07_status_and_spec_are_written_apart(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        ingresses = client.resource("ingresses", namespace="default")  # nothing in the cluster writes to them
        backend = {"service": {"name": "a", "port": {"number": 80}}}
        made = await ingresses.create({"metadata": {"name": "i"}, "spec": {"defaultBackend": backend}})
        made["spec"]["defaultBackend"]["service"]["name"] = "b"
        made["status"] = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}
        after = await ingresses.update_status(made)
        assert after["spec"]["defaultBackend"]["service"]["name"] == "a"
        assert after["status"]["loadBalancer"]["ingress"][0]["ip"] == "10.0.0.1"
        after["spec"]["defaultBackend"]["service"]["name"] = "b"
        after["status"] = {}
        last = await ingresses.update(after)
        assert last["spec"]["defaultBackend"]["service"]["name"] == "b"
        assert last["status"]["loadBalancer"]["ingress"][0]["ip"] == "10.0.0.1"
        await ingresses.delete("i")


async def test_FK_08_apply_creates_owns_fields_and_patches_work(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        maps = client.resource("configmaps", namespace="default")
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}, "data": {"a": "1"}}
        assert (await maps.apply(manifest, field_manager="me"))["data"] == {"a": "1"}
        assert (await maps.patch("d", {"data": {"b": "2"}}))["data"] == {"a": "1", "b": "2"}
        operation = {"op": "remove", "path": "/data/b"}
        assert (await maps.patch("d", [operation], type="json"))["data"] == {"a": "1"}
        await maps.delete("d")


async def test_FK_09_D10_a_collection_is_really_deleted(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        maps = client.resource("configmaps", namespace="kube-node-lease")
        for n in range(3):
            await maps.create(config(f"gone-{n}", {"gone": "yes"}))
        await maps.delete_collection(label_selector="gone=yes")
        assert len(await maps.list(label_selector="gone=yes")) == 0


async def test_FK_10_discovery_answers_like_a_server(cluster: TestCluster) -> None:
    async with cluster.async_client() as client:
        assert (await client.discovery.version()).git_version.startswith("v1.")
        assert {"pods", "deployments"} <= {r.resource for r in await client.discovery.preferred_resources()}


def test_the_blocking_client_is_recorded_too(cluster: TestCluster) -> None:
    from kmagic.sync.runtime import stop_shared_runtime

    cluster.clear_actions()
    with cluster.client() as client:
        client.core_v1.nodes.list()
    stop_shared_runtime()
    assert [str(action) for action in cluster.actions] == ["list nodes"]


def test_two_clusters_know_nothing_of_each_other(cluster: TestCluster) -> None:
    with kmagic.testing.cluster(nodes=1) as other:
        assert other.server != cluster.server
        assert other.actions == []
