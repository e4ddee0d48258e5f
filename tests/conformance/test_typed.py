"""The typed client on both servers: models in, models out."""

from contextlib import aclosing
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.client.retry import retry_on_conflict
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import ConfigMap, Pod, Service
from kmagic.models.meta_v1 import ObjectMeta
from tests.conformance.objects import deployment, pod, service


def configmap(name: Any, **data: Any) -> Any:
    return ConfigMap(metadata=ObjectMeta(name=name, labels={"t": "1"}), data=data)


@pytest.fixture
def maps(client: Any, ns: Any) -> Any:
    return client.core_v1.configmaps(ns)


async def test_create_get_update_delete(maps: Any, ns: Any) -> None:
    made = await maps.create(configmap("a", x="1"))
    assert isinstance(made, ConfigMap)
    assert (made.kind, made.api_version, made.metadata.namespace) == ("ConfigMap", "v1", ns)
    assert await maps.get("a") == made
    made.data["x"] = "2"
    updated = await maps.update(made)
    assert updated.data == {"x": "2"}
    await maps.delete("a")
    with pytest.raises(errors.NotFoundError):
        await maps.get("a")


async def test_a_dict_is_created_and_replaced_as_an_object_is(maps: Any, client: Any, ns: Any) -> None:
    made = await maps.create({"metadata": {"name": "a"}, "data": {"x": "1"}})
    assert isinstance(made, ConfigMap)
    assert made.data == {"x": "1"}
    assert (await maps.update({"metadata": {"name": "a"}, "data": {"x": "2"}})).data == {"x": "2"}
    assert (await maps.entry("b").or_create({"metadata": {"name": "b"}})).metadata.name == "b"
    plain = client.resource("configmaps", ns)
    assert (await plain.create({"metadata": {"name": "c"}}))["kind"] == "ConfigMap"
    with pytest.raises(errors.BadRequestError, match="unknown field"):
        await maps.create({"metadata": {"name": "d"}, "daat": {}}, field_validation="Strict")
    with pytest.raises(errors.BadRequestError):
        await maps.create({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "e"}})


async def test_the_scale_of_a_deployment_is_written_as_what_it_is(client: Any, ns: Any) -> None:
    deployments = client.apps_v1.deployments(ns)
    await deployments.create(deployment("web", replicas=0))
    found = await client.dynamic.resource("deployments", ns).get("web", subresource="scale")
    del found["metadata"]["resourceVersion"]  # the server's controllers write, too
    changed = await client.dynamic.resource("deployments", ns).update(found, subresource="scale")
    assert changed["kind"] == "Scale"
    with_status = {**deployment("web", replicas=0), "status": {"replicas": 0}}
    assert (await deployments.update_status(with_status)).metadata.name == "web"


async def test_list_and_watch(maps: Any) -> None:
    version = (await maps.list()).resource_version
    for name in "ab":
        await maps.create(configmap(name))
    found = await maps.list(label_selector="t=1")
    assert [item.metadata.name for item in found] == ["a", "b"]
    assert all(isinstance(item, ConfigMap) and item.kind == "ConfigMap" for item in found)
    seen = []
    with anyio.fail_after(60):
        async with aclosing(maps.watch(resource_version=version, label_selector="t=1")) as events:
            async for event in events:
                seen.append((event.type, event.object.metadata.name))
                if len(seen) == 2:
                    break
    assert seen == [("ADDED", "a"), ("ADDED", "b")]


async def test_patch_and_apply(maps: Any) -> None:
    await maps.apply(configmap("a", x="1"), field_manager="me")
    assert (await maps.patch("a", {"data": {"y": "2"}})).data == {"x": "1", "y": "2"}
    assert (await maps.apply(configmap("a", z="3"), field_manager="me")).data == {"y": "2", "z": "3"}


async def test_edit(maps: Any) -> None:
    await maps.create(configmap("a", x="1"))
    async with maps.edit("a") as obj:
        obj.data["y"] = "2"
    assert (await maps.get("a")).data == {"x": "1", "y": "2"}


@pytest.mark.parametrize(
    ("kind", "model", "made"),
    [
        pytest.param("deploy", Deployment, deployment("x", replicas=2), id="deployment"),
        pytest.param("po", Pod, pod("x"), id="pod"),
        pytest.param("svc", Service, service("x"), id="service"),
    ],
)
async def test_an_object_survives_the_model(client: Any, ns: Any, kind: Any, model: Any, made: Any) -> None:
    await client.resource(kind, namespace=ns).create(made)
    typed = client.of(model, namespace=ns)

    async def send_back() -> Any:
        found = await typed.get("x")
        return found, await typed.update(found, dry_run=True)

    # The controllers of a Deployment may have changed it in between.
    found, again = await retry_on_conflict(send_back)
    assert again.metadata.resource_version == found.metadata.resource_version
    assert again.spec == found.spec


async def test_parts_that_are_not_there_are_empty(client: Any, ns: Any) -> None:
    made = await client.core_v1.pods(ns).create(Pod.from_dict(pod("p")))
    assert made.spec.init_containers == []
    assert made.metadata.annotations == {}
    assert made.status.container_statuses == []
    assert made.spec.node_name is None


async def test_all_namespaces(client: Any, maps: Any, ns: Any) -> None:
    await maps.create(configmap("a"))
    found = await client.core_v1.configmaps(None).list(field_selector=f"metadata.namespace={ns},metadata.name=a")
    assert [item.metadata.namespace for item in found] == [ns]


async def test_cluster_scoped(client: Any, ns: Any) -> None:
    assert ns in {item.metadata.name for item in await client.core_v1.namespaces.list()}
    assert (await client.core_v1.namespaces.get(ns)).status.phase == "Active"


async def test_status(client: Any, ns: Any) -> None:
    pods = client.core_v1.pods(ns)
    made = await pods.create(Pod.from_dict(pod("p")))
    made.status.message = "hello"
    assert (await pods.update_status(made)).status.message == "hello"
