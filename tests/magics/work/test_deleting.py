"""Deleting, below the magic: these very objects, and what keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import ConflictError
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.deleting import Delete, wait_gone
from kmagic.transport.http import Transport


@pytest.fixture
async def client(sandbox: Any) -> Any:
    async with AsyncClient(transport=Transport(load_config(sandbox.kubeconfig))) as client:
        yield client


async def delete(client: AsyncClient, resource: Any, obj: Any, *, dry_run: bool = False) -> Outcome:
    return await Delete(resource, obj).send(client, dry_run=dry_run, done=())


async def make(client: AsyncClient, name: str, **metadata: Any) -> Any:
    resource = await client.mapper.resource_for("configmaps")
    fields = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}}
    return resource, await client.resource("configmaps", "default").create(fields)


async def test_an_object_that_was_replaced_meanwhile_is_left_alone(client: AsyncClient) -> None:
    resource, old = await make(client, "replaced")
    await client.resource("configmaps", "default").delete("replaced")
    await make(client, "replaced")
    with pytest.raises(ConflictError):
        await delete(client, resource, old)
    assert await client.resource("configmaps", "default").get("replaced")


async def test_what_went_by_itself_counts_as_deleted(client: AsyncClient) -> None:
    resource, obj = await make(client, "gone")
    await client.resource("configmaps", "default").delete("gone")
    done = [await delete(client, resource, obj)]
    assert [each.action for each in await wait_gone(client, done, 1)] == ["deleted"]


async def test_finalizers_that_keep_an_object_are_named(client: AsyncClient) -> None:
    resource, obj = await make(client, "kept", finalizers=["example.com/keep"])
    done = [await delete(client, resource, obj)]
    (left,) = await wait_gone(client, done, 0)
    assert (left.action, left.blocked_by, left.quoted) == ("still there", ("example.com/keep",), 'configmap "kept"')
    await client.resource("configmaps", "default").patch("kept", {"metadata": {"finalizers": None}})


async def test_a_dry_run_keeps_the_object(client: AsyncClient) -> None:
    resource, obj = await make(client, "dry")
    await delete(client, resource, obj, dry_run=True)
    assert await client.resource("configmaps", "default").get("dry")
