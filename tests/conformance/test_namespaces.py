from __future__ import annotations

import uuid

import anyio
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from tests.conformance.objects import configmap


async def test_a_new_namespace_is_active_and_labelled(client: AsyncClient, ns: str) -> None:
    found = await client.resource("ns").get(ns)
    assert found["status"]["phase"] == "Active"
    assert found["metadata"]["labels"] == {"kubernetes.io/metadata.name": ns}
    assert found["spec"]["finalizers"] == ["kubernetes"]


async def test_creating_in_no_namespace_is_not_found(client: AsyncClient) -> None:
    with pytest.raises(errors.NotFoundError, match='namespaces "no-such" not found'):
        await client.resource("cm", namespace="no-such").create(configmap("a"))


async def test_listing_in_no_namespace_is_empty(client: AsyncClient) -> None:
    assert list(await client.resource("cm", namespace="no-such").list()) == []


async def test_deleting_a_namespace_deletes_what_is_in_it(client: AsyncClient) -> None:
    name = f"conf-{uuid.uuid4().hex[:8]}"
    namespaces, maps = client.resource("ns"), client.resource("cm", namespace=name)
    await namespaces.create({"metadata": {"name": name}})
    await maps.create(configmap("a", finalizers=["example.com/hold"]))
    version = (await namespaces.list()).resource_version
    answer = await namespaces.delete(name)
    assert answer["kind"] == "Namespace"
    assert answer["status"]["phase"] == "Terminating"
    with pytest.raises(errors.ForbiddenError, match="because it is being terminated"):
        await maps.create(configmap("b"))
    await maps.patch("a", {"metadata": {"finalizers": None}})
    with anyio.fail_after(90):  # the namespace controller waits longer after each round that left something
        async for event in namespaces.watch(field_selector=f"metadata.name={name}", resource_version=version):
            if event.type == "DELETED":
                break
    with pytest.raises(errors.NotFoundError):
        await namespaces.get(name)


async def test_some_namespaces_cannot_be_deleted(client: AsyncClient) -> None:
    with pytest.raises(errors.ForbiddenError, match="this namespace may not be deleted"):
        await client.resource("ns").delete("default", dry_run=True)
