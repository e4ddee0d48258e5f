"""What the server writes down about who set which field."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap, deployment, pod


def entry(obj: dict[str, Any], manager: str, operation: str = "Apply", subresource: str = "") -> dict[str, Any]:
    (found,) = [
        item
        for item in obj["metadata"]["managedFields"]
        if (item["manager"], item["operation"], item.get("subresource", "")) == (manager, operation, subresource)
    ]
    assert found["fieldsType"] == "FieldsV1"
    assert subresource == "scale" or found["time"].endswith("Z")
    return found["fieldsV1"]


async def test_of_a_create(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1"}, labels={"l": "1"}), field_manager="me")
    assert entry(made, "me", "Update") == {
        "f:data": {".": {}, "f:x": {}},
        "f:metadata": {"f:labels": {".": {}, "f:l": {}}},
    }


async def test_without_a_name_the_user_agent_is_the_manager(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    assert [item["manager"] for item in made["metadata"]["managedFields"]] == ["kmagic"]


async def test_of_an_apply(maps: AsyncResource[Any]) -> None:
    made = await maps.apply(configmap("a", {"x": "1"}, annotations={"n": "1"}), field_manager="me")
    assert entry(made, "me") == {"f:data": {"f:x": {}}, "f:metadata": {"f:annotations": {"f:n": {}}}}


async def test_of_an_update_that_changes_one_field(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1", "y": "1"}), field_manager="me")
    updated = await maps.update({**made, "data": {"x": "2", "y": "1"}}, field_manager="you")
    assert entry(updated, "you", "Update") == {"f:data": {"f:x": {}}}
    assert entry(updated, "me", "Update") == {"f:data": {".": {}, "f:y": {}}}


async def test_of_a_patch_that_changes_nothing(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1"}), field_manager="me")
    patched = await maps.patch("a", {"data": {"x": "1"}}, field_manager="you")
    assert patched["metadata"]["managedFields"] == made["metadata"]["managedFields"]
    assert patched["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_lists_with_keys(client: AsyncClient, ns: str) -> None:
    made = await client.resource("deploy", namespace=ns).apply(deployment("d"), field_manager="me")
    containers = entry(made, "me")["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert set(containers) == {'k:{"name":"main"}', 'k:{"name":"side"}'}
    main = containers['k:{"name":"main"}']
    assert main == {
        ".": {},
        "f:image": {},
        "f:name": {},
        "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
    }


async def test_sets(maps: AsyncResource[Any]) -> None:
    made = await maps.apply(configmap("a", finalizers=["example.com/b", "example.com/a"]), field_manager="me")
    assert entry(made, "me")["f:metadata"]["f:finalizers"] == {'v:"example.com/a"': {}, 'v:"example.com/b"': {}}
    await maps.patch("a", {"metadata": {"finalizers": None}})


async def test_of_a_status(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("p"), field_manager="me")
    patched = await pods.patch("p", {"status": {"message": "m"}}, subresource="status", field_manager="kubelet")
    assert entry(patched, "kubelet", "Update", "status") == {"f:status": {"f:message": {}}}


async def test_of_a_scale(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d"), field_manager="me")
    await deployments.patch("d", {"spec": {"replicas": 3}}, subresource="scale", field_manager="scaler")
    assert entry(await deployments.get("d"), "scaler", "Update", "scale") == {"f:spec": {"f:replicas": {}}}


async def test_they_can_be_cleared(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"), field_manager="me")
    cleared = await maps.patch("a", {"metadata": {"managedFields": [{}]}})
    assert "managedFields" not in cleared["metadata"]


async def test_a_manager_that_gives_everything_up_has_no_entry(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a", {"x": "1"}), field_manager="me")
    await maps.apply(configmap("a", {"y": "1"}), field_manager="you")
    left = await maps.apply({"metadata": {"name": "a"}}, field_manager="you")
    assert left["data"] == {"x": "1"}
    assert {item["manager"] for item in left["metadata"]["managedFields"]} == {"me"}


async def test_two_conflicts_in_one_message(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a", {"x": "1", "y": "1"}), field_manager="me")
    with pytest.raises(errors.ConflictError) as caught:
        await maps.apply(configmap("a", {"x": "2", "y": "2"}), field_manager="you")
    assert caught.value.message == 'Apply failed with 2 conflicts: conflicts with "me":\n- .data.x\n- .data.y'
    assert [cause["field"] for cause in caught.value.causes] == [".data.x", ".data.y"]
    assert caught.value.causes[0]["message"] == 'conflict with "me"'


async def test_a_conflict_with_an_update_says_when(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a", {"x": "1"}), field_manager="me")
    with pytest.raises(errors.ConflictError, match=r'conflict with "me" using v1: \.data\.x'):
        await maps.apply(configmap("a", {"x": "2"}), field_manager="you")


async def test_apply_without_a_manager_is_refused(maps: AsyncResource[Any]) -> None:
    with pytest.raises(ValueError, match="field manager"):
        await maps.apply(configmap("a"), field_manager="")


async def test_apply_with_a_wrong_version_is_a_conflict(maps: AsyncResource[Any]) -> None:
    await maps.apply(configmap("a"), field_manager="me")
    old = configmap("a", {"x": "2"}, resourceVersion="1")
    with pytest.raises(errors.ConflictError, match="the object has been modified"):
        await maps.apply(old, field_manager="me")


async def test_apply_with_a_uid_does_not_create(maps: AsyncResource[Any]) -> None:
    with pytest.raises((errors.ConflictError, errors.NotFoundError)):
        await maps.apply(configmap("a", uid="11111111-1111-1111-1111-111111111111"), field_manager="me")


async def test_apply_of_a_list_element_removed(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.apply(deployment("d"), field_manager="me")
    smaller = deployment("d")
    del smaller["spec"]["template"]["spec"]["containers"][1]
    applied = await deployments.apply(smaller, field_manager="me")
    assert [item["name"] for item in applied["spec"]["template"]["spec"]["containers"]] == ["main"]


async def test_apply_leaves_what_another_manager_set_in_an_element(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.apply(deployment("d"), field_manager="me")
    containers = [{"name": "main", "env": [{"name": "A", "value": "1"}]}]
    extra = {"metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": containers}}}}
    await deployments.apply(extra, field_manager="you")
    applied = await deployments.apply(deployment("d"), field_manager="me")
    main = applied["spec"]["template"]["spec"]["containers"][0]
    assert (main["image"], main["env"]) == ("registry.k8s.io/pause:3.10", [{"name": "A", "value": "1"}])


async def test_what_a_client_wrote_there_in_other_words(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1", "y": "1"}), field_manager="me")
    [mine] = made["metadata"]["managedFields"]
    mine["fieldsV1"] = {"f:data": {"f:y": {".": {}}, "f:x": {".": {}}, ".": {".": {}}}}
    updated = await maps.update({**made, "data": {"x": "2", "y": "1"}}, field_manager="you")
    assert entry(updated, "me", "Update") == {"f:data": {".": {}, "f:y": {}}}
    assert entry(updated, "you", "Update") == {"f:data": {"f:x": {}}}
