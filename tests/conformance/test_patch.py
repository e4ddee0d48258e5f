from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap, deployment


async def test_merge_patch_sets_and_removes_fields(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1", "y": "2"}, labels={"l": "1"}))
    patched = await maps.patch("a", {"data": {"x": "9", "y": None}, "metadata": {"labels": {"m": "2"}}})
    assert patched["data"] == {"x": "9"}
    assert patched["metadata"]["labels"] == {"l": "1", "m": "2"}


async def test_merge_patch_replaces_lists(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d"))
    containers = [{"name": "only", "image": "x"}]
    patched = await deployments.patch("d", {"spec": {"template": {"spec": {"containers": containers}}}})
    assert [item["name"] for item in patched["spec"]["template"]["spec"]["containers"]] == ["only"]


async def test_json_patch_operations(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1", "y": "2"}))
    patched = await maps.patch(
        "a",
        [
            {"op": "test", "path": "/data/x", "value": "1"},
            {"op": "replace", "path": "/data/x", "value": "9"},
            {"op": "remove", "path": "/data/y"},
            {"op": "add", "path": "/metadata/labels", "value": {"a.b/c": "1"}},
            {"op": "add", "path": "/metadata/labels/a.b~1d", "value": "2"},
            {"op": "copy", "from": "/data/x", "path": "/data/z"},
            {"op": "move", "from": "/data/z", "path": "/data/w"},
        ],
        type="json",
    )
    assert patched["data"] == {"x": "9", "w": "9"}
    assert patched["metadata"]["labels"] == {"a.b/c": "1", "a.b/d": "2"}


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([{"op": "test", "path": "/data/x", "value": "other"}], "the server rejected our request due to an error"),
        ([{"op": "remove", "path": "/data/missing"}], "the server rejected our request due to an error"),
    ],
)
async def test_json_patch_that_does_not_fit_is_invalid(
    maps: AsyncResource[Any], operations: list[dict[str, Any]], message: str
) -> None:
    await maps.create(configmap("a", {"x": "1"}))
    with pytest.raises(errors.InvalidError, match=message):
        await maps.patch("a", operations, type="json")


async def test_strategic_patch_merges_lists_by_their_key(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d"))
    containers = [{"name": "side", "image": "new"}, {"name": "third", "image": "y"}]
    patched = await deployments.patch(
        "d", {"spec": {"template": {"spec": {"containers": containers}}}}, type="strategic"
    )
    found = {item["name"]: item["image"] for item in patched["spec"]["template"]["spec"]["containers"]}
    assert found == {"main": "registry.k8s.io/pause:3.10", "side": "new", "third": "y"}


async def test_strategic_patch_deletes_by_directive(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d"))
    containers = [{"name": "side", "$patch": "delete"}]
    patched = await deployments.patch(
        "d", {"spec": {"template": {"spec": {"containers": containers}}}}, type="strategic"
    )
    assert [item["name"] for item in patched["spec"]["template"]["spec"]["containers"]] == ["main"]


async def test_strategic_patch_replaces_by_directive(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d"))
    containers = [{"$patch": "replace"}, {"name": "new", "image": "z"}]
    patched = await deployments.patch(
        "d", {"spec": {"template": {"spec": {"containers": containers}}}}, type="strategic"
    )
    assert [item["name"] for item in patched["spec"]["template"]["spec"]["containers"]] == ["new"]


async def test_a_patch_of_an_old_version_is_a_conflict(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    await maps.patch("a", {"data": {"x": "1"}})
    version = made["metadata"]["resourceVersion"]
    with pytest.raises(errors.ConflictError):
        await maps.patch("a", {"metadata": {"resourceVersion": version}, "data": {"x": "2"}})


async def test_a_patch_of_nothing_is_not_found(maps: AsyncResource[Any]) -> None:
    with pytest.raises(errors.NotFoundError):
        await maps.patch("a", {"data": {"x": "1"}})


async def test_a_patch_cannot_change_the_name(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"))
    with pytest.raises((errors.BadRequestError, errors.InvalidError)):
        await maps.patch("a", {"metadata": {"name": "b"}})


async def test_immutable_fields_are_invalid(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d"))
    with pytest.raises(errors.InvalidError, match="field is immutable"):
        await deployments.patch("d", {"spec": {"selector": {"matchLabels": {"app": "other"}}}})


async def test_an_immutable_configmap_is_forbidden_to_change(maps: AsyncResource[Any]) -> None:
    await maps.create({**configmap("a"), "immutable": True})
    with pytest.raises(errors.InvalidError, match="field is immutable when `immutable` is set"):
        await maps.patch("a", {"data": {"x": "2"}})


async def test_edit_sends_only_what_changed(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1"}, labels={"l": "1"}))
    async with maps.edit("a") as obj:
        obj["data"]["y"] = "2"
        del obj["metadata"]["labels"]["l"]
    found = await maps.get("a")
    assert found["data"] == {"x": "1", "y": "2"}
    assert "labels" not in found["metadata"]


async def test_edit_without_a_change_sends_nothing(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    async with maps.edit("a"):
        pass
    assert (await maps.get("a"))["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_edit_survives_a_change_of_another_field(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1"}))
    async with maps.edit("a") as obj:
        obj["data"]["mine"] = "1"
        await maps.patch("a", {"data": {"theirs": "2"}})
    assert (await maps.get("a"))["data"] == {"x": "1", "mine": "1", "theirs": "2"}


async def test_edit_of_the_same_field_is_a_conflict(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1"}))
    with pytest.raises(errors.ConflictError, match=r"changed the same fields meanwhile: \.data\.x"):
        async with maps.edit("a") as obj:
            obj["data"]["x"] = "mine"
            await maps.patch("a", {"data": {"x": "theirs"}})
    assert (await maps.get("a"))["data"] == {"x": "theirs"}


async def test_an_exception_inside_edit_sends_nothing(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    with pytest.raises(RuntimeError):
        async with maps.edit("a") as obj:
            obj["data"]["x"] = "2"
            raise RuntimeError
    assert await maps.get("a") == made
