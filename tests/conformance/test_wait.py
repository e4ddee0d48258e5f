"""Waiting on a resource: what is so already, what comes, what never can."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.client.resource import AsyncResource
from kmagic.models.core_v1 import Pod
from tests.conformance.objects import configmap, pod

Maps = AsyncResource[dict[str, Any]]


async def test_a_field_that_is_set_later(maps: Maps) -> None:
    await maps.create(configmap("a"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(maps.patch, "a", {"data": {"phase": "done"}})
        found = await maps.wait("a", jsonpath="{.data.phase}=done", timeout=60)
    assert found["data"]["phase"] == "done"
    assert await maps.wait("a", jsonpath="{.data.phase}", timeout=0) == found


async def test_several_are_waited_for_at_once_from_before_they_exist(maps: Maps) -> None:
    async def make() -> None:
        for name in ("c", "b", "a"):
            await maps.create(configmap(name, {"x": name}))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(make)
        found = await maps.wait(["a", "b", "c"], created=True, jsonpath="{.data.x}", timeout=60)
    assert [each["data"]["x"] for each in found] == ["a", "b", "c"]


async def test_until_it_is_gone(maps: Maps) -> None:
    await maps.create(configmap("a"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(maps.delete, "a")
        await maps.wait("a", deleted=True, timeout=60)
    assert await maps.get_or_none("a") is None
    await maps.wait(["a", "never"], deleted=True)


async def test_a_condition_as_a_typed_object(client: Any, ns: str) -> None:
    pods = client.core_v1.pods(ns)
    await pods.create(pod("web"))
    ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: pods.patch("web", ready, subresource="status"))
        found = await pods.wait("web", condition="Ready", timeout=60)
    assert isinstance(found, Pod)
    with pytest.raises(errors.WaitError, match="condition=Ready=False"):
        await pods.wait("web", condition="Ready=False", timeout=0)
    await pods.patch("web", {"status": {"phase": "Failed", "conditions": []}}, subresource="status")
    with pytest.raises(errors.WaitError, match="will not be met on web: the Pod has ended"):
        await pods.wait("web", condition="Ready", timeout=60)


async def test_what_cannot_be_waited_for(maps: Maps) -> None:
    with pytest.raises(errors.NotFoundError):
        await maps.wait("nothing", jsonpath="{.data}", timeout=60)
    with pytest.raises(errors.ArgumentError, match="say what to wait for"):
        await maps.wait("a")
    with pytest.raises(errors.ArgumentError, match="one after the other"):
        await maps.wait("a", deleted=True, condition="Ready")  # type: ignore[call-overload]
    with pytest.raises(errors.WaitError, match="timed out"):
        await maps.wait("nothing", created=True, timeout=0.2)


async def test_none_is_only_what_is_not_there(client: Any, ns: str) -> None:
    with pytest.raises(errors.NoMatchError):
        await client.resource("nosuch.example.com", ns).get_or_none("a")
    with pytest.raises(errors.NotFoundError):
        await client.resource("configmaps", ns).get_or_none("a", subresource="nosuch")
