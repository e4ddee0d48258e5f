from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap, deployment, pod, service


async def test_create_returns_what_the_server_keeps(maps: AsyncResource[Any], ns: str) -> None:
    made = await maps.create(configmap("a", {"x": "1"}, labels={"l": "1"}, annotations={"n": "2"}))
    head = made["metadata"]
    assert (made["apiVersion"], made["kind"]) == ("v1", "ConfigMap")
    assert (head["name"], head["namespace"]) == ("a", ns)
    assert head["uid"]
    assert head["resourceVersion"]
    assert head["creationTimestamp"].endswith("Z")
    assert (head["labels"], head["annotations"]) == ({"l": "1"}, {"n": "2"})
    assert made["data"] == {"x": "1"}


async def test_get_gives_the_same_object(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    assert await maps.get("a") == made


async def test_get_from_the_cache_that_is_new_enough(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    assert await maps.get("a", resource_version=made["metadata"]["resourceVersion"]) == made


async def test_RE_32_update_replaces_the_object(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a", {"x": "1", "y": "2"}))
    updated = await maps.update({**made, "data": {"x": "3"}})
    assert updated["data"] == {"x": "3"}
    assert int(updated["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
    assert updated["metadata"]["uid"] == made["metadata"]["uid"]


async def test_RE_32_an_update_of_an_old_version_is_a_conflict(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    await maps.update({**made, "data": {"x": "2"}})
    with pytest.raises(errors.ConflictError, match="the object has been modified"):
        await maps.update({**made, "data": {"x": "3"}})


async def test_an_update_without_a_version_overwrites(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"))
    updated = await maps.update(configmap("a", {"x": "9"}))
    assert updated["data"] == {"x": "9"}


async def test_an_update_that_changes_nothing_keeps_the_version(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    assert (await maps.update(made))["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_an_update_with_another_uid_is_a_conflict(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    made["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(errors.ConflictError, match="Precondition failed"):
        await maps.update(made)


async def test_an_update_of_nothing_is_not_found(maps: AsyncResource[Any]) -> None:
    with pytest.raises(errors.NotFoundError, match='configmaps "a" not found'):
        await maps.update(configmap("a"))


async def test_delete_removes_the_object(maps: AsyncResource[Any]) -> None:
    made = await maps.create(configmap("a"))
    answer = await maps.delete("a")
    assert (answer["kind"], answer["status"]) == ("Status", "Success")
    assert answer["details"] == {"name": "a", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    with pytest.raises(errors.NotFoundError):
        await maps.get("a")


async def test_delete_with_a_wrong_uid_is_a_conflict(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"))
    with pytest.raises(
        errors.ConflictError, match=r"the UID in the precondition .other. does not match the UID in record"
    ):
        await maps.delete("a", uid="other")
    assert await maps.get("a")


async def test_delete_with_an_old_version_is_a_conflict(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"))
    with pytest.raises(errors.ConflictError, match=r"the ResourceVersion in the precondition .1. does not match"):
        await maps.delete("a", resource_version="1")


async def test_delete_of_nothing_is_not_found(maps: AsyncResource[Any]) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        await maps.delete("a")
    assert caught.value.status["details"] == {"name": "a", "kind": "configmaps"}


async def test_create_twice_already_exists(maps: AsyncResource[Any]) -> None:
    await maps.create(configmap("a"))
    with pytest.raises(errors.AlreadyExistsError, match='configmaps "a" already exists'):
        await maps.create(configmap("a"))


async def test_delete_collection_removes_what_matches(maps: AsyncResource[Any]) -> None:
    for name in ("a", "b", "c"):
        await maps.create(configmap(name, labels={"keep": "no" if name != "c" else "yes"}))
    await maps.delete_collection(label_selector="keep=no")
    left = [item["metadata"]["name"] for item in await maps.list()]
    assert "c" in left
    assert not {"a", "b"} & set(left)


async def test_a_list_is_sorted_and_has_a_version(maps: AsyncResource[Any]) -> None:
    for name in ("b", "a", "c"):
        await maps.create(configmap(name, labels={"t": "1"}))
    found = await maps.list(label_selector="t=1")
    assert [item["metadata"]["name"] for item in found] == ["a", "b", "c"]
    assert int(found.resource_version) >= max(int(item["metadata"]["resourceVersion"]) for item in found)
    assert (found.kind, found.api_version, found.continue_token) == ("ConfigMapList", "v1", "")


async def test_a_list_of_nothing_is_empty(client: AsyncClient, ns: str) -> None:
    found = await client.resource("secrets", namespace=ns).list(label_selector="x=y")
    assert list(found) == []
    assert found.resource_version


async def test_a_list_over_all_namespaces(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    await maps.create(configmap("a", labels={"test": ns}))
    found = await client.resource("configmaps", namespace=None).list(label_selector=f"test={ns}")
    assert [item["metadata"]["namespace"] for item in found] == [ns]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        pytest.param(lambda: pod("x"), "pods", id="pods"),
        pytest.param(lambda: deployment("x"), "deployments.apps", id="deployments"),
        pytest.param(lambda: service("x"), "services", id="services"),
        pytest.param(lambda: {"metadata": {"name": "x"}, "type": "Opaque", "stringData": {"k": "v"}}, "secrets", id="secrets"),
        pytest.param(lambda: {"metadata": {"name": "x"}}, "serviceaccounts", id="serviceaccounts"),
        pytest.param(lambda: {"metadata": {"name": "x"}, "spec": {"hard": {"pods": "5"}}}, "resourcequotas", id="resourcequotas"),
        pytest.param(
            lambda: {"metadata": {"name": "x"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
            "roles.rbac.authorization.k8s.io", id="roles",
        ),
        pytest.param(
            lambda: {"metadata": {"name": "x"}, "spec": {"podSelector": {}}}, "networkpolicies.networking.k8s.io", id="networkpolicies",
        ),
        pytest.param(
            lambda: {"metadata": {"name": "x"}, "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15}},
            "leases.coordination.k8s.io", id="leases",
        ),
    ],
)  # fmt: skip
async def test_create_get_list_delete_of_many_kinds(
    client: AsyncClient, ns: str, make: Callable[..., Any], kind: str
) -> None:
    resource = client.resource(kind, namespace=ns)
    made = await resource.create(make())
    assert made["kind"]
    assert (await resource.get("x"))["metadata"]["uid"] == made["metadata"]["uid"]
    assert "x" in [item["metadata"]["name"] for item in await resource.list()]
    await resource.delete("x", grace_seconds=0)


async def test_string_data_of_a_secret_becomes_data(client: AsyncClient, ns: str) -> None:
    secrets = client.resource("secrets", namespace=ns)
    made = await secrets.create({"metadata": {"name": "s"}, "stringData": {"k": "v"}})
    assert made["data"] == {"k": "dg=="}
    assert "stringData" not in made
    assert made["type"] == "Opaque"


async def test_the_wrong_namespace_in_an_object_is_refused(maps: AsyncResource[Any], ns: str) -> None:
    with pytest.raises(errors.BadRequestError, match="the namespace of the provided object does not match"):
        await maps.create(configmap("a", namespace="kube-system"))


async def test_the_wrong_name_in_an_object_is_refused(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    from kmagic.rest import verbs

    made = await maps.create(configmap("a"))
    resource = await maps.resolve()
    request = verbs.update(resource, ns, "b", maps.codec.encode(made))
    with pytest.raises(
        errors.BadRequestError, match=r"the name of the object \(.*\) does not match the name on the URL \(.*\)"
    ):
        await client.rest.execute(request)
