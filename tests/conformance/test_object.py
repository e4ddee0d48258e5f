"""Objects that act, on both servers."""

from __future__ import annotations

import uuid
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.object import AsyncObject
from kmagic.client.resource import AsyncResource
from kmagic.models.apps_v1 import Deployment
from kmagic.models.core_v1 import ConfigMap
from tests.conformance.objects import configmap, deployment, pod, running

PATIENCE = 60.0


@pytest.fixture
async def web(client: AsyncClient, ns: str) -> AsyncObject[Deployment]:
    """A Deployment of one Pod that is available."""
    made = await client.apps_v1.deployments(ns).create(running())
    web = client.object(made)
    await web.wait(condition="Available", timeout=PATIENCE)
    return web


async def test_an_object_is_read_changed_and_deleted_by_its_handle(client: AsyncClient, ns: str) -> None:
    named = client.object("cm/a", namespace=ns)
    with pytest.raises(errors.ArgumentError, match="was not read yet"):
        _ = named.value
    with pytest.raises(errors.NotFoundError):
        await named.refresh()
    made = await client.core_v1.configmaps(ns).create(configmap("a", labels={"old": "1"}))
    settings = client.object(made)
    assert settings.value is made
    await settings.label({"tier": "web", "old": None})
    await settings.annotate({"example.com/note": "looked at"})
    changed = await settings.patch({"data": {"colour": "red"}})
    assert isinstance(changed, ConfigMap)
    assert settings.value is changed
    await settings.patch([{"op": "add", "path": "/data/size", "value": "big"}], type="json")
    await settings.label({"never": "kept"}, dry_run=True)
    found = await named.wait(jsonpath="{.data.size}=big", timeout=PATIENCE)
    assert found["data"] == {"a": "1", "colour": "red", "size": "big"}
    assert found["metadata"]["labels"] == {"tier": "web"}
    assert found["metadata"]["annotations"] == {"example.com/note": "looked at"}
    await settings.delete()
    await settings.wait(deleted=True, timeout=PATIENCE)


async def test_a_handle_means_the_very_object_that_was_read(client: AsyncClient, ns: str) -> None:
    maps = client.resource("cm", ns)
    first = client.object(await maps.create(configmap("a")))
    await maps.delete("a")
    await maps.create(configmap("a"))
    with pytest.raises(errors.NotFoundError, match="another one has its name"):
        await first.refresh()
    with pytest.raises(errors.NotFoundError, match="another one has its name"):
        await first.wait(jsonpath="{.metadata.name}=a", timeout=PATIENCE)
    await first.wait(deleted=True, timeout=PATIENCE)
    for change in (first.label({"a": "b"}), first.patch([], type="json"), first.delete()):
        with pytest.raises((errors.ConflictError, errors.InvalidError)):
            await change
    assert "labels" not in (await maps.get("a"))["metadata"]
    with pytest.raises(errors.NotFoundError, match="another one has its name"):  # the other one will never be so
        await first.wait(jsonpath="{.data.never}", timeout=0)


async def test_a_handle_of_a_pod_acts_on_no_other_pod_of_its_name(client: AsyncClient, ns: str) -> None:
    pods = client.core_v1.pods(ns)
    first = client.object(await pods.create(pod("p")))
    await pods.delete("p", grace_seconds=0)
    await first.wait(deleted=True, timeout=PATIENCE)
    with pytest.raises(errors.NotFoundError):
        await first.pods()
    other = client.object(await pods.create(pod("p")))
    for use in (first.pods(), first.logs(), first.exec(["id"])):
        with pytest.raises(errors.NotFoundError, match="another one has its name"):
            await use
    with pytest.raises(errors.NotFoundError, match="another one has its name"):
        async with aclosing(first.logs(follow=True)) as lines:
            async for _ in lines:
                break
    [itself] = await other.pods()
    assert itself.value.metadata.uid == other.value.metadata.uid


async def test_a_handle_scales_no_other_object_of_its_name(
    client: AsyncClient, ns: str, widgets: AsyncResource[dict[str, Any]]
) -> None:
    kind = await widgets.resolve()
    head = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "web"}}
    for resource, wanted in (
        (client.resource("deploy", ns), deployment("web")),
        (widgets, {**head, "spec": {"size": 2, "replicas": 1}}),
    ):
        first = client.object(await resource.create(wanted))
        assert (await first.scale(1)).replicas == 1
        await resource.delete("web", propagation="Background")
        await first.wait(deleted=True, timeout=PATIENCE)
        await resource.create(wanted)
        with pytest.raises(errors.NotFoundError, match="another one has its name"):
            await first.scale(3)
        with pytest.raises(errors.NotFoundError, match="another one has its name"):
            await first.patch({"spec": {"replicas": 3}}, subresource="scale")
        assert (await resource.get("web"))["spec"]["replicas"] == 1


async def test_a_workload_is_scaled_restarted_and_asked_for_its_pods(
    client: AsyncClient, web: AsyncObject[Deployment]
) -> None:
    assert (await web.scale(2)).replicas == 2
    await web.wait(jsonpath="{.status.readyReplicas}=2", timeout=PATIENCE)
    pods = await web.pods()
    assert {each.value.metadata.labels["app"] for each in pods} == {"web"}
    [itself] = await pods[0].pods()
    assert itself.name == pods[0].name
    [replica_set] = await pods[0].owners()
    assert replica_set.value["kind"] == "ReplicaSet"
    assert [each.value.metadata.uid for each in pods if each.name == pods[0].name] == [itself.value.metadata.uid]
    [owner] = await replica_set.owners()
    assert owner.name == "web"
    assert [each.name for each in await web.children("replicasets")] == [replica_set.name]
    assert {each.name for each in await replica_set.children("pods")} >= {pods[0].name}
    await web.scale(1)
    restarted = await web.restart()
    assert "kubectl.kubernetes.io/restartedAt" in (restarted.spec.template.metadata.annotations or {})
    with pytest.raises(errors.ArgumentError, match="has no rollout"):
        await replica_set.restart()
    assert client.object("deploy/web").namespace == client.config.namespace


async def test_children_are_of_any_type(client: AsyncClient, ns: str) -> None:
    owner = client.object(await client.core_v1.configmaps(ns).create(configmap("owner")))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.value.metadata.uid}
    head = {"ownerReferences": [reference]}
    await client.resource("secrets", ns).create({"metadata": {"name": "b", **head}})
    await client.resource("cm", ns).create({"metadata": {"name": "a", **head}})
    children = await owner.children("secrets", "cm")
    assert [(each.value["kind"], each.name) for each in children] == [("ConfigMap", "a"), ("Secret", "b")]
    assert [each.name for each in await children[0].owners()] == ["owner"]


async def test_a_log_and_a_command_find_a_pod_behind_a_workload(web: AsyncObject[Deployment]) -> None:
    assert isinstance(await web.logs(tail_lines=1), str)
    [pod] = await web.pods()
    assert isinstance(await pod.logs(), str)
    async with aclosing(web.logs(follow=True, tail_lines=1)) as lines:
        async for _ in lines:
            break
    with pytest.raises(errors.KubeError):  # neither kwok nor the sandbox runs such a command
        (await web.exec(["no-such-command"])).check()


async def test_events_about_an_object_are_models(client: AsyncClient, web: AsyncObject[Deployment]) -> None:
    with anyio.fail_after(PATIENCE):
        about = "involvedObject.name=web,reason=ScalingReplicaSet"
        async with aclosing(client.core_v1.events(web.namespace).watch(field_selector=about)) as told:
            async for _ in told:
                break
    events = await web.events()
    assert "ScalingReplicaSet" in [each.reason for each in events]
    assert {each.involved_object.name for each in events} == {"web"}


async def test_what_selects_no_pods_says_so(client: AsyncClient, ns: str) -> None:
    settings = client.object(await client.core_v1.configmaps(ns).create(configmap("a")))
    for call in (settings.pods(), settings.logs(), settings.exec(["id"])):
        with pytest.raises(errors.ArgumentError, match='ConfigMap "a" selects no Pods'):
            await call


async def test_cluster_scoped_objects_have_handles_as_well(client: AsyncClient, ns: str) -> None:
    namespace = client.object(f"ns/{ns}")
    mark = uuid.uuid4().hex
    await namespace.annotate({"example.com/mark": mark})
    assert (await namespace.refresh())["metadata"]["annotations"]["example.com/mark"] == mark
