"""What a name means is found out again when the server has moved what it names."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import list_watch_for
from kmagic.cache.tables import TableInformer, table_list_watch
from kmagic.client.client import AsyncClient
from kmagic.client.wait import until_deleted
from kmagic.errors import NotFoundError
from tests.conformance.conftest import established
from tests.conformance.objects import crd
from tests.conftest import Server


class Definition:
    """A CRD that somebody else changes while a client has it mapped."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._definitions = client.resource("customresourcedefinitions")
        self.group = f"g{uuid.uuid4().hex[:8]}.example.com"
        self.name = f"widgets.{self.group}"

    async def make(self, scope: str = "Namespaced") -> None:
        await self._definitions.create(crd(self.group, scope=scope))
        await established(self._client, self.name)

    async def make_again(self, scope: str) -> None:
        await self._definitions.delete(self.name)
        await until_deleted(self._definitions, self.name, timeout=60)
        await self.make(scope)

    async def retire(self, version: str) -> None:
        """Serves a version no more; returns when nobody finds it."""
        found = await self._definitions.get(self.name)
        for each in found["spec"]["versions"]:
            each["served"] = each["name"] != version
            each["storage"] = each["name"] != version
        await self._definitions.update(found)
        with anyio.fail_after(60):
            while True:
                if version not in {each.version for each in await self._served()}:
                    return
                await anyio.sleep(0.05)  # there is nothing to watch for it

    async def widget(self, namespace: str | None, name: str, version: str = "v1") -> None:
        widgets = self._client.resource(f"widgets.{version}.{self.group}", namespace=namespace)
        await widgets.create(self.body(name, version))

    def body(self, name: str, version: str = "v1") -> dict[str, Any]:
        return {
            "apiVersion": f"{self.group}/{version}",
            "kind": "Widget",
            "metadata": {"name": name},
            "spec": {"size": 3},
        }

    async def remove(self) -> None:
        await self._definitions.delete(self.name)

    async def _served(self) -> list[Any]:
        found = await self._client.discovery.refresh()
        return [each for each in found.resources if each.group == self.group]


@pytest.fixture
async def definition(client: AsyncClient) -> AsyncIterator[Definition]:
    made = Definition(client)
    await made.make()
    yield made
    await made.remove()


@pytest.fixture
async def other(server: Server) -> AsyncIterator[AsyncClient]:
    """A client with a mapping of its own, which is told nothing."""
    async with AsyncClient(server.kubeconfig) as made:
        yield made


async def test_a_definition_made_again_with_another_scope(definition: Definition, other: AsyncClient, ns: str) -> None:
    by_name = other.resource(definition.name, namespace=ns)
    mapped = await other.mapper.resource_for(definition.name)
    by_mapping = other.dynamic.resource(mapped, ns)
    metadata = other.metadata.resource(mapped, ns)
    assert (await by_name.list()).items == []
    await definition.make_again("Cluster")
    await definition.widget(None, "w")
    for widgets in (by_name, by_mapping, metadata):
        assert (await widgets.get("w"))["metadata"]["name"] == "w"
    assert [row.cells[0] for row in (await other.tables.get(mapped, ns)).rows] == ["w"]
    made = await by_name.apply({"metadata": {"name": "w2"}, "spec": {"size": 2}}, field_manager="t")
    assert "namespace" not in made["metadata"]
    await by_mapping.delete("w2")
    assert [each["metadata"]["name"] for each in (await by_mapping.list()).items] == ["w"]


async def test_all_of_a_namespace_never_becomes_all_of_the_cluster(
    definition: Definition, other: AsyncClient, ns: str
) -> None:
    mapped = await other.mapper.resource_for(definition.name)
    await definition.make_again("Cluster")
    await definition.widget(None, "w")
    with pytest.raises(NotFoundError):
        await other.dynamic.resource(mapped, ns).delete_collection()
    assert (await other.resource(definition.name, namespace=ns).get("w"))["metadata"]["name"] == "w"


async def test_caches_and_rows_go_on_after_it(definition: Definition, other: AsyncClient, ns: str) -> None:
    await definition.widget(ns, "first")
    informer: SharedInformer[Any] = SharedInformer(list_watch_for(other.resource(definition.name, namespace=ns)))
    informer.set_error_handler(lambda error: None)
    rows = TableInformer(table_list_watch(other, await other.mapper.resource_for(definition.name), ns))
    told, shown = anyio.Event(), anyio.Event()
    informer.add_handler(on_add=lambda new: told.set() if new["metadata"]["name"] == "second" else None)
    rows.subscribe(lambda patch: shown.set() if "second" in [row.name for row in patch.put] else None)
    async with informer, rows:
        await informer.wait_synced(60)
        await rows.wait_synced(60)
        await definition.make_again("Cluster")
        await definition.widget(None, "second")
        with anyio.fail_after(90):
            await told.wait()
            await shown.wait()
        assert [obj["metadata"]["name"] for obj in informer.store.list()] == ["second"]


async def test_a_version_that_was_retired(definition: Definition, other: AsyncClient, ns: str) -> None:
    by_name = other.resource(definition.name, namespace=ns)
    old = await other.mapper.resource_for(definition.name)
    assert old.version == "v1"
    await definition.widget(ns, "w")
    assert (await by_name.get("w"))["apiVersion"] == f"{definition.group}/v1"
    await definition.retire("v1")
    assert (await by_name.get("w"))["apiVersion"] == f"{definition.group}/v1beta1"
    assert [row.cells[0] for row in (await other.tables.get(old, ns)).rows] == ["w"]
    with pytest.raises(NotFoundError):
        await other.dynamic.resource(old, ns).get("w")  # who said the version gets no other


async def test_an_object_that_is_not_there_costs_no_look_at_what_is_served(
    definition: Definition, other: AsyncClient, ns: str
) -> None:
    widgets = other.resource(definition.name, namespace=ns)
    await widgets.list()
    known = await other.discovery.all()
    for name in ("a", "b"):
        with pytest.raises(NotFoundError, match=f'"{name}" not found'):
            await widgets.get(name)
    with pytest.raises(NotFoundError):
        await other.resource(definition.name, namespace="nowhere").create(definition.body("w"))
    assert await other.discovery.all() is known
