"""The guard refuses where requests leave, whatever made them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import ProtectedError
from kmagic.rest.request import Request
from kmagic.safety.guard import GuardedTransport, approved
from kmagic.safety.policy import Level
from kmagic.safety.readonly import ReadOnlyContexts


@pytest.fixture
async def guarded(sandbox: Any) -> Any:
    """Makes a client that is guarded at a level."""
    async with AsyncExitStack() as opened:
        config = load_config(sandbox.kubeconfig)

        async def client(level: Level, readonly: ReadOnlyContexts | None = None) -> AsyncClient:
            return await opened.enter_async_context(AsyncClient(transport=GuardedTransport(config, level, readonly)))

        yield client


CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "guarded"}}


async def test_R7_reading_is_always_allowed(guarded: Any) -> None:
    for level in Level:
        client = await guarded(level)
        assert await client.resource("namespaces", None).list()


async def test_R7_a_read_only_target_refuses_every_way_to_write(guarded: Any) -> None:
    client = await guarded(Level.READONLY)
    maps = client.resource("configmaps", "default")
    for write in (
        maps.create(CONFIG_MAP),
        maps.apply(CONFIG_MAP),
        maps.patch("x", {}),
        maps.delete("x"),
        maps.delete_collection(),
    ):
        with approved(client.transport), pytest.raises(ProtectedError, match="read-only"):
            await write


async def test_R7_a_dry_run_counts_as_reading(guarded: Any) -> None:
    client = await guarded(Level.READONLY)
    assert await client.resource("configmaps", "default").create(CONFIG_MAP, dry_run=True)


async def test_R3_a_protected_target_lets_an_approved_change_through(guarded: Any) -> None:
    client = await guarded(Level.PROTECTED)
    maps = client.resource("configmaps", "default")
    with pytest.raises(ProtectedError, match="first a plan"):
        await maps.apply(CONFIG_MAP)
    with approved(client.transport):
        await maps.apply(CONFIG_MAP)
        await maps.delete("guarded")
    with pytest.raises(ProtectedError):
        await maps.apply(CONFIG_MAP)


async def test_R7_reaching_into_a_workload_is_refused_before_it_is_sent(guarded: Any) -> None:
    client = await guarded(Level.READONLY)
    with pytest.raises(ProtectedError, match="was not sent to sandbox"):
        await client.transport.send(Request("GET", "/api/v1/namespaces/default/pods/x/exec"))


async def test_an_approval_is_for_one_client_only(guarded: Any) -> None:
    client, other = await guarded(Level.PROTECTED), await guarded(Level.PROTECTED)
    with approved(other.transport), pytest.raises(ProtectedError, match="first a plan"):
        await client.resource("configmaps", "default").apply(CONFIG_MAP)


async def test_R7_a_context_made_read_only_is_so_for_clients_handed_out_before(guarded: Any) -> None:
    readonly = ReadOnlyContexts()
    client = await guarded(Level.FREE, readonly)
    maps = client.resource("configmaps", "default")
    await maps.apply(CONFIG_MAP)
    readonly.add(client.config)
    with approved(client.transport), pytest.raises(ProtectedError, match="read-only"):
        await maps.delete("guarded")
    await (await guarded(Level.FREE)).resource("configmaps", "default").delete("guarded")
