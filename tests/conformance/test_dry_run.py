from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap, deployment


async def test_dry_run_create_answers_and_keeps_nothing(maps: AsyncResource[Any]) -> None:
    answer = await maps.create(configmap("a", {"x": "1"}), dry_run=True)
    assert answer["data"] == {"x": "1"}
    assert answer["metadata"]["uid"]
    with pytest.raises(errors.NotFoundError):
        await maps.get("a")


async def test_dry_run_create_with_generated_name(maps: AsyncResource[Any]) -> None:
    answer = await maps.create(configmap(generateName="pre-"), dry_run=True)
    assert answer["metadata"]["name"].startswith("pre-")


async def test_dry_run_update_answers_and_keeps_nothing(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1"}))
    answer = await maps.update({**made, "data": {"x": "2"}}, dry_run=True)
    assert answer["data"] == {"x": "2"}
    assert await maps.get("a") == made


async def test_dry_run_patch_answers_and_keeps_nothing(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1"}))
    assert (await maps.patch("a", {"data": {"x": "2"}}, dry_run=True))["data"] == {"x": "2"}
    assert await maps.get("a") == made


async def test_dry_run_delete_keeps_the_object(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    await maps.delete("a", dry_run=True)
    assert await maps.get("a") == made


async def test_dry_run_delete_collection_keeps_the_objects(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"))
    await maps.delete_collection(dry_run=True)
    assert await maps.get("a")


async def test_dry_run_shows_defaults_and_validates(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    answer = await deployments.create(deployment("d", replicas=None), dry_run=True)
    assert answer["spec"]["replicas"] == 1
    assert answer["spec"]["strategy"]["type"] == "RollingUpdate"
    assert answer["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    with pytest.raises(errors.InvalidError):
        await deployments.create(deployment("d", replicas=-1), dry_run=True)
