from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap, deployment


def owners(obj: dict[str, Any]) -> set[tuple[str, ...]]:
    return {
        (item["manager"], item["operation"], item.get("subresource", "")) for item in obj["metadata"]["managedFields"]
    }


async def test_apply_creates_what_is_not_there(maps: AsyncResource[Any]) -> None:
    made = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    assert made["data"] == {"x": "1"}
    assert owners(made) == {("me", "Apply", "")}


async def test_apply_again_changes_nothing(maps: AsyncResource[Any]) -> None:
    made = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    again = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    assert again["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_apply_removes_fields_it_no_longer_names(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a", {"x": "1", "y": "2"}), field_manager="me")
    applied = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    assert applied["data"] == {"x": "1"}


async def test_apply_keeps_every_sign_of_a_text(maps: AsyncResource[Any]) -> None:
    """The server reads an apply as YAML, where some signs of JSON are refused and others are line breaks."""
    text = "a\x7f \x85b \x9b31m \u2028c\u2029 \ufeff \ufffe\uffff \u202e 😀 \U0010ffff é"
    await maps.apply({"metadata": {"name": "a"}, "data": {"k": text}}, field_manager="me")
    assert (await maps.get("a"))["data"]["k"] == text


async def test_apply_keeps_the_fields_of_others(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    await maps.apply(configmap("a", {"y": "2"}), field_manager="you")
    found = await maps.apply(configmap("a", {"x": "3"}), field_manager="me")
    assert found["data"] == {"x": "3", "y": "2"}
    assert owners(found) == {("me", "Apply", ""), ("you", "Apply", "")}


async def test_apply_of_a_field_of_another_manager_is_a_conflict(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    with pytest.raises(errors.ConflictError) as caught:
        await maps.apply(configmap("a", {"x": "2"}), field_manager="you")
    assert 'conflict with "me"' in caught.value.message
    assert caught.value.message.startswith("Apply failed with 1 conflict")
    (cause,) = caught.value.causes
    assert (cause["reason"], cause["field"]) == ("FieldManagerConflict", ".data.x")
    assert "force=True" in caught.value.hint


async def test_apply_with_force_takes_the_field(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    taken = await maps.apply(configmap("a", {"x": "2"}), field_manager="you", force=True)
    assert taken["data"] == {"x": "2"}
    mine = [item for item in taken["metadata"]["managedFields"] if item["manager"] == "me"]
    assert all("f:x" not in item["fieldsV1"].get("f:data", {}) for item in mine)


async def test_apply_of_the_same_value_shares_the_field(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    shared = await maps.apply(configmap("a", {"x": "1"}), field_manager="you")
    assert owners(shared) == {("me", "Apply", ""), ("you", "Apply", "")}
    # As long as the other still wants it, it stays.
    left = await maps.apply({"metadata": {"name": "a"}}, field_manager="you")
    assert left["data"] == {"x": "1"}


async def test_an_update_takes_fields_by_another_manager_entry(maps: AsyncResource[Any]) -> None:
    made = await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    updated = await maps.update({**made, "data": {"x": "2"}}, field_manager="you")
    assert owners(updated) >= {("you", "Update", "")}
    with pytest.raises(errors.ConflictError, match='conflict with "you" using v1'):
        await maps.apply(configmap("a", {"x": "1"}), field_manager="me")


async def test_apply_merges_lists_by_key(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.apply(deployment("d"), field_manager="me")
    more = {
        "metadata": {"name": "d"},
        "spec": {"template": {"spec": {"containers": [{"name": "third", "image": "z"}]}}},
    }
    applied = await deployments.apply(more, field_manager="you")
    names = [item["name"] for item in applied["spec"]["template"]["spec"]["containers"]]
    assert sorted(names) == ["main", "side", "third"]


async def test_dry_run_apply_keeps_nothing(maps: AsyncResource[Any]) -> None:
    answer = await maps.apply(configmap("a", {"x": "1"}), field_manager="me", dry_run=True)
    assert answer["data"] == {"x": "1"}
    with pytest.raises(errors.NotFoundError):
        await maps.get("a")


async def test_apply_of_a_custom_resource(widgets: AsyncResource[Any]) -> None:
    manifest = {"metadata": {"name": "w"}, "spec": {"size": 3, "ports": [{"port": 80, "name": "http"}]}}
    await widgets.apply(manifest, field_manager="me")
    other = {"metadata": {"name": "w"}, "spec": {"size": 3, "ports": [{"port": 443}]}}
    applied = await widgets.apply(other, field_manager="you")
    assert [item["port"] for item in applied["spec"]["ports"]] == [80, 443]


async def test_apply_to_a_subresource_has_its_own_entry(widgets: AsyncResource[Any]) -> None:
    await widgets.apply({"metadata": {"name": "w"}, "spec": {"size": 3}}, field_manager="me")
    status = {"metadata": {"name": "w"}, "status": {"phase": "Ready"}}
    applied = await widgets.apply(status, field_manager="me", subresource="status")
    assert applied["status"] == {"phase": "Ready"}
    assert owners(applied) == {("me", "Apply", ""), ("me", "Apply", "status")}


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        pytest.param(None, "must not be nil", id="RE-32 nothing"),
        pytest.param({"metadata": {}}, "Name must be provided", id="RE-32 no name"),
        pytest.param({"metadata": {"name": "a", "managedFields": [{}]}}, "managed fields", id="RE-32 managed fields"),
    ],
)
async def test_bad_manifests_are_refused_before_they_are_sent(
    maps: AsyncResource[Any], manifest: dict[str, Any] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        await maps.apply(manifest, field_manager="me")


async def test_apply_with_an_unknown_field_is_refused(maps: AsyncResource[Any]) -> None:
    with pytest.raises(
        (errors.InternalServerError, errors.BadRequestError, errors.StatusError), match="field not declared in schema"
    ):
        await maps.apply({**configmap("a"), "unknown": {"x": 1}}, field_manager="me")
