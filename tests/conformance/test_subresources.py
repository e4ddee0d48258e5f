from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import deployment, pod


async def widget(widgets: AsyncResource[Any], name: str = "w", **spec: Any) -> dict[str, Any]:
    resource = await widgets.resolve()
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name},
        "spec": {"size": 3, **spec},
    }


async def test_update_status_changes_only_the_status(widgets: AsyncResource[Any]) -> None:
    made = await widgets.create(await widget(widgets))
    made["status"] = {"phase": "Ready"}
    made["spec"]["size"] = 9
    updated = await widgets.update_status(made)
    assert updated["status"] == {"phase": "Ready"}
    assert updated["spec"]["size"] == 3


async def test_update_does_not_change_the_status(widgets: AsyncResource[Any]) -> None:
    made = await widgets.create({**await widget(widgets), "status": {"phase": "Ready"}})
    assert "status" not in made
    made = await widgets.update_status({**made, "status": {"phase": "Ready"}})
    updated = await widgets.update({**made, "status": {"phase": "Gone"}})
    assert updated["status"] == {"phase": "Ready"}


async def test_the_generation_counts_changes_of_the_spec(widgets: AsyncResource[Any]) -> None:
    made = await widgets.create(await widget(widgets))
    assert made["metadata"]["generation"] == 1
    made = await widgets.update_status({**made, "status": {"phase": "Ready"}})
    assert made["metadata"]["generation"] == 1
    made["metadata"]["labels"] = {"a": "b"}
    made = await widgets.update(made)
    assert made["metadata"]["generation"] == 1
    made["spec"]["size"] = 4
    assert (await widgets.update(made))["metadata"]["generation"] == 2


async def test_get_of_the_status_subresource_gives_the_object(widgets: AsyncResource[Any]) -> None:
    await widgets.create(await widget(widgets))
    assert (await widgets.get("w", subresource="status"))["kind"] == "Widget"


async def test_patch_of_the_status(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("p"))
    patched = await pods.patch("p", {"status": {"message": "hello"}}, subresource="status")
    assert patched["status"]["message"] == "hello"
    ignored = await pods.patch("p", {"status": {"message": "other"}})
    assert ignored["status"]["message"] == "hello"


async def test_MI_01_scale_of_a_deployment(client: AsyncClient, ns: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d", replicas=2))
    scale = await deployments.get("d", subresource="scale")
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert scale["spec"]["replicas"] == 2
    assert scale["status"]["selector"] == "app=d"
    scaled = await deployments.patch("d", {"spec": {"replicas": 3}}, subresource="scale")
    assert scaled["spec"]["replicas"] == 3
    assert (await deployments.get("d"))["spec"]["replicas"] == 3


@pytest.mark.parametrize(
    ("replicas", "found"),
    [
        (99_999_999_999, "number 99999999999"),
        (2**31, "number 2147483648"),
        ("2", "string"),
        (1.5, "number 1.5"),
        ([1], "array"),
    ],
)
async def test_replicas_are_a_number_of_32_bits(client: AsyncClient, ns: str, replicas: Any, found: str) -> None:
    deployments = client.resource("deploy", namespace=ns)
    await deployments.create(deployment("d", replicas=0))
    for subresource, struct in (("scale", "Scale"), ("", "Deployment")):
        obj = await deployments.get("d", subresource=subresource)
        obj["spec"]["replicas"] = replicas
        says = f"cannot be handled as a {struct}: json: cannot unmarshal {found} into Go struct field {struct}Spec.spec.replicas"
        with pytest.raises(errors.BadRequestError) as caught:
            await deployments.update(obj, subresource=subresource)
        assert says in str(caught.value)
        with pytest.raises((errors.BadRequestError, errors.InvalidError)):
            await deployments.patch("d", {"spec": {"replicas": replicas}}, subresource=subresource)
    assert (await deployments.get("d"))["spec"]["replicas"] == 0


async def test_MI_01_scale_of_a_custom_resource(widgets: AsyncResource[Any]) -> None:
    await widgets.create(await widget(widgets, replicas=2))
    scale = await widgets.get("w", subresource="scale")
    assert (scale["kind"], scale["spec"]["replicas"]) == ("Scale", 2)
    scale["spec"]["replicas"] = 5
    await widgets.update(scale, subresource="scale")
    assert (await widgets.get("w"))["spec"]["replicas"] == 5


async def test_a_scale_is_of_this_very_object(client: AsyncClient, ns: str, widgets: AsyncResource[Any]) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": deployment("d")["spec"]["template"]["spec"]}
    spec = {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    custom = await widget(widgets, replicas=0)
    for resource, wanted, kind in (
        (client.resource("deployments", ns), spec, "deployments/scale"),
        (client.resource("replicasets", ns), spec, "replicasets/scale"),
        (client.resource("statefulsets", ns), spec, "statefulsets/scale"),
        (client.resource("rc", ns), {**spec, "selector": {"a": "b"}}, "replicationcontrollers/scale"),
        (widgets, custom["spec"], None),
    ):
        made = await resource.create({"metadata": {"name": "w"}, "spec": wanted})
        other: dict[str, Any] = {"metadata": {"uid": "other"}, "spec": {"replicas": 1}}
        if kind is None:  # the real server does not look at the uid here
            await resource.patch("w", other, subresource="scale")
        else:
            with pytest.raises(errors.ConflictError, match="UID in precondition: other, UID in object meta") as refused:
                await resource.patch("w", other, subresource="scale")
            assert (refused.value.status or {})["details"]["kind"] == kind
        scale = await resource.get("w", subresource="scale")
        head = {"name": "w", "namespace": ns, "uid": "other"}
        with pytest.raises(errors.ConflictError, match="UID in precondition: other, UID in object meta"):
            await resource.update({**scale, "metadata": head, "spec": {"replicas": 2}}, subresource="scale")
        own = {"metadata": {"uid": made["metadata"]["uid"]}, "spec": {"replicas": 1}}
        assert (await resource.patch("w", own, subresource="scale"))["spec"]["replicas"] == 1


async def test_a_subresource_that_is_not_there_is_not_found(client: AsyncClient, ns: str) -> None:
    maps = client.resource("cm", namespace=ns)
    await maps.create({"metadata": {"name": "a"}})
    with pytest.raises(errors.NotFoundError, match="the server could not find the requested resource"):
        await maps.get("a", subresource="status")


async def test_an_eviction_is_of_this_very_pod(client: AsyncClient, ns: str) -> None:
    await client.resource("pods", namespace=ns).create(pod("p"))
    pods = client.core_v1.pods(ns)
    with pytest.raises(errors.ConflictError, match="does not match the UID in record"):
        await pods.evict("p", uid="00000000-0000-0000-0000-000000000000")
    await pods.evict("p", uid=(await pods.get("p")).metadata.uid or "", grace_seconds=0)
    with pytest.raises(errors.NotFoundError):
        await pods.get("p")


BINDING = {
    "apiVersion": "v1",
    "kind": "Binding",
    "metadata": {"name": "p"},
    "target": {"apiVersion": "v1", "kind": "Node", "name": "somewhere"},
}


async def test_a_dry_run_of_a_binding_binds_nothing(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("p"))
    await pods.create_subresource("p", "binding", BINDING, dry_run=True)
    assert "nodeName" not in (await pods.get("p"))["spec"]


async def test_a_binding_puts_a_pod_on_a_node(client: AsyncClient, ns: str) -> None:
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("p"))
    await pods.create_subresource("p", "binding", BINDING)
    found = await pods.get("p")
    assert found["spec"]["nodeName"] == "somewhere"
    assert {"type": "PodScheduled", "status": "True"}.items() <= found["status"]["conditions"][0].items()


async def test_a_token_for_a_service_account(client: AsyncClient, ns: str) -> None:
    accounts = client.resource("sa", namespace=ns)
    await accounts.create({"metadata": {"name": "robot"}})
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    answer = await accounts.create_subresource("robot", "token", body)
    assert answer["status"]["token"]
    assert answer["status"]["expirationTimestamp"]


async def test_a_pod_without_a_node_has_an_empty_log(client: AsyncClient, ns: str) -> None:
    lost = pod("lost")
    lost["spec"]["nodeSelector"] = {"no": "where"}
    await client.resource("pods", ns).create(lost)
    assert await client.core_v1.pods(ns).logs("lost") == ""
    assert await client.core_v1.pods(ns).logs("lost", previous=True) == ""
