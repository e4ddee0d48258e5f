"""Only metadata: PartialObjectMetadata in every verb that can give it."""

from contextlib import aclosing
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from tests.conformance.objects import configmap, deployment, pod


@pytest.fixture
def heads(client: Any, ns: Any) -> Any:
    return client.metadata.resource("configmaps", ns)


async def test_get(maps: Any, heads: Any) -> None:
    made = await maps.create(configmap("a", {"x": "1"}, labels={"l": "1"}))
    found = await heads.get("a")
    assert (found["apiVersion"], found["kind"]) == ("meta.k8s.io/v1", "PartialObjectMetadata")
    assert found["metadata"] == made["metadata"]
    assert "data" not in found


async def test_get_of_what_is_not_there(heads: Any) -> None:
    with pytest.raises(errors.NotFoundError, match='configmaps "a" not found'):
        await heads.get("a")


async def test_list(maps: Any, heads: Any) -> None:
    for name in ("b", "a"):
        await maps.create(configmap(name, labels={"t": "1"}))
    found = await heads.list(label_selector="t=1")
    assert [item["metadata"]["name"] for item in found] == ["a", "b"]
    assert found.kind == "PartialObjectMetadataList"
    assert found.resource_version
    assert all(set(item) <= {"apiVersion", "kind", "metadata"} for item in found)


async def test_list_in_pages(maps: Any, heads: Any) -> None:
    for name in "abc":
        await maps.create(configmap(name, labels={"t": "1"}))
    first = await heads.list_page(ListOptions(label_selector="t=1", limit=2))
    rest = await heads.list_page(ListOptions(label_selector="t=1", limit=2, continue_token=first.continue_token))
    assert [item["metadata"]["name"] for page in (first, rest) for item in page] == ["a", "b", "c"]


async def test_watch(maps: Any, heads: Any) -> None:
    version = (await heads.list()).resource_version
    await maps.create(configmap("a", labels={"t": "1"}))
    await maps.delete("a")
    found = []
    with anyio.fail_after(60):
        async with aclosing(heads.watch(resource_version=version, label_selector="t=1")) as events:
            async for event in events:
                found.append((event.type, event.object["kind"], event.object["metadata"]["name"]))
                if len(found) == 2:
                    break
    assert found == [("ADDED", "PartialObjectMetadata", "a"), ("DELETED", "PartialObjectMetadata", "a")]


async def test_patch(maps: Any, heads: Any) -> None:
    await maps.create(configmap("a", {"x": "1"}))
    found = await heads.patch("a", {"metadata": {"annotations": {"n": "1"}}})
    assert found["kind"] == "PartialObjectMetadata"
    assert found["metadata"]["annotations"] == {"n": "1"}
    assert (await maps.get("a"))["data"] == {"x": "1"}


async def test_delete(maps: Any, heads: Any) -> None:
    await maps.create(configmap("a"))
    await heads.delete("a")
    with pytest.raises(errors.NotFoundError):
        await maps.get("a")


async def test_delete_collection(maps: Any, heads: Any) -> None:
    for name in "ab":
        await maps.create(configmap(name, labels={"t": "1"}))
    await heads.delete_collection(label_selector="t=1")
    assert list(await heads.list(label_selector="t=1")) == []


@pytest.mark.parametrize("kind", ["pods", "deployments.apps", "secrets", "nodes", "namespaces", "events"])
async def test_kinds(client: Any, kind: str) -> None:
    resource = await client.mapper.resource_for(kind)
    found = await client.metadata.resource(resource, "default" if resource.namespaced else None).list()
    assert found.kind == "PartialObjectMetadataList"
    assert all(item["kind"] == "PartialObjectMetadata" for item in found)


async def test_generation_of_a_deployment(client: Any, ns: Any) -> None:
    await client.resource("deploy", namespace=ns).create(deployment("d"))
    assert (await client.metadata.resource("deploy", ns).get("d"))["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("finalizers", "message"),
    [
        (["example.com/keep"], None),
        (["plain"], 'metadata.finalizers[0]: Invalid value: "plain": name is neither a standard finalizer name'),
        (["not good"], 'metadata.finalizers: Invalid value: "not good": name part must consist of'),
    ],
)
async def test_the_names_of_finalizers(maps: Any, finalizers: Any, message: Any) -> None:
    body = configmap("f", finalizers=finalizers)
    if message is None:
        await maps.create(body, dry_run=True)
        return
    with pytest.raises(errors.InvalidError) as caught:
        await maps.create(body)
    assert message in caught.value.message


async def test_a_pod_is_given_to_a_node_by_a_binding_only(client: Any, ns: Any) -> None:
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("p"))
    with pytest.raises(errors.InvalidError, match="pod updates may not change fields other than"):
        await pods.patch("p", {"spec": {"nodeName": "other"}})
