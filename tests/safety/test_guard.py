"""The guard refuses where requests leave, whatever made them."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from kmagic.errors import ProtectedError
from kmagic.rest.request import Request
from kmagic.safety.guard import GuardedTransport, approved
from kmagic.safety.policy import Level


class Switch:
    level = Level.FREE


@pytest.fixture
async def guarded(sandbox: Any) -> Any:
    switch = Switch()
    transport = GuardedTransport(load_config(sandbox.kubeconfig), lambda: switch.level)
    async with AsyncClient(transport=transport) as client:
        yield client, switch


CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "guarded"}}


async def test_R7_reading_is_always_allowed(guarded: Any) -> None:
    client, switch = guarded
    for switch.level in Level:
        assert await client.resource("namespaces", None).list()


async def test_R7_a_read_only_target_refuses_every_way_to_write(guarded: Any) -> None:
    client, switch = guarded
    switch.level = Level.READONLY
    maps = client.resource("configmaps", "default")
    for write in (
        maps.create(CONFIG_MAP),
        maps.apply(CONFIG_MAP),
        maps.patch("x", {}),
        maps.delete("x"),
        maps.delete_collection(),
    ):
        with approved(), pytest.raises(ProtectedError, match="read-only"):
            await write


async def test_R7_a_dry_run_counts_as_reading(guarded: Any) -> None:
    client, switch = guarded
    switch.level = Level.READONLY
    assert await client.resource("configmaps", "default").create(CONFIG_MAP, dry_run=True)


async def test_R3_a_protected_target_lets_an_approved_change_through(guarded: Any) -> None:
    client, switch = guarded
    switch.level = Level.PROTECTED
    maps = client.resource("configmaps", "default")
    with pytest.raises(ProtectedError, match="first a plan"):
        await maps.apply(CONFIG_MAP)
    with approved():
        await maps.apply(CONFIG_MAP)
        await maps.delete("guarded")
    with pytest.raises(ProtectedError):
        await maps.apply(CONFIG_MAP)


async def test_R7_reaching_into_a_workload_is_refused_before_it_is_sent(guarded: Any) -> None:
    client, switch = guarded
    switch.level = Level.READONLY
    with pytest.raises(ProtectedError, match="was not sent to sandbox"):
        await client.transport.send(Request("GET", "/api/v1/namespaces/default/pods/x/exec"))
