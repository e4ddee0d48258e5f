import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kmagic import errors
from tests.conformance.conftest import established
from tests.conformance.objects import configmap, crd, pod


def names(items: Any) -> Any:
    return [item["metadata"]["name"] for item in items]


@pytest.fixture
async def labelled(maps: Any) -> Any:
    await maps.create(configmap("a", labels={"suite": "s", "app": "web", "tier": "front"}))
    await maps.create(configmap("b", labels={"suite": "s", "app": "web", "tier": "back"}))
    await maps.create(configmap("c", labels={"suite": "s", "app": "db"}))
    return maps


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("app=web", "ab"),
        ("app==web", "ab"),
        ("app!=web", "c"),
        ("app in (web,db)", "abc"),
        ("app notin (web)", "c"),
        ("tier", "ab"),
        ("!tier", "c"),
        ("app=web,tier=back", "b"),
        ("app=web,tier!=back", "a"),
        ("tier notin (back)", "ac"),
        ("app in (web),tier in (front,back)", "ab"),
        ("app=none", ""),
    ],
)
async def test_label_selectors(labelled: Any, selector: Any, found: Any) -> None:
    assert names(await labelled.list(label_selector=f"suite=s,{selector}")) == list(found)


@pytest.mark.parametrize("selector", ["a=b=c", "a in", "x in (a", "=b", "a b", "!"])
async def test_bad_label_selectors_are_refused(maps: Any, selector: str) -> None:
    with pytest.raises(errors.BadRequestError):
        await maps.list(label_selector=selector)


@pytest.mark.parametrize(
    ("selector", "found"),
    [("metadata.name=a", "a"), ("metadata.name!=a,metadata.name!=b", "c"), ("metadata.name=a,metadata.name=b", "")],
)
async def test_field_selectors(labelled: Any, selector: Any, found: Any) -> None:
    assert names(await labelled.list(label_selector="suite=s", field_selector=selector)) == list(found)


async def test_field_selector_of_the_namespace(client: Any, labelled: Any, ns: Any) -> None:
    everywhere = client.resource("configmaps", namespace=None)
    found = await everywhere.list(label_selector="suite=s", field_selector=f"metadata.namespace={ns}")
    assert names(found) == ["a", "b", "c"]


async def test_field_selectors_of_pods(client: Any, ns: Any) -> None:
    pods = client.resource("pods", namespace=ns)
    await pods.create(pod("a"))
    await pods.create(pod("b", nodeName="no-such-node", restartPolicy="Never"))
    assert names(await pods.list(field_selector="status.phase=Pending")) == ["a", "b"]
    assert names(await pods.list(field_selector="status.phase=Running")) == []
    assert names(await pods.list(field_selector="spec.nodeName=no-such-node")) == ["b"]
    assert names(await pods.list(field_selector="spec.restartPolicy=Never")) == ["b"]
    assert names(await pods.list(field_selector="spec.schedulerName=nobody,spec.nodeName=")) == ["a"]


@pytest.mark.parametrize("selector", ["spec.foo=bar", "data.x=1"])
async def test_fields_that_cannot_be_selected_are_refused(maps: Any, selector: str) -> None:
    with pytest.raises(errors.BadRequestError, match="is not a known field selector: only"):
        await maps.list(field_selector=selector)


@pytest.mark.parametrize(
    ("kind", "spec", "selector", "found"),
    [
        ("nodes", {}, "spec.unschedulable=false", True),
        ("nodes", {}, "spec.unschedulable!=true", True),
        ("nodes", {}, "spec.unschedulable=", False),
        ("nodes", {"unschedulable": True}, "spec.unschedulable=true", True),
        ("pods", {}, "spec.hostNetwork=false", True),
        ("pods", {}, "spec.hostNetwork=", False),
        ("replicationcontrollers", {"replicas": 0}, "status.replicas=0", True),
        ("replicationcontrollers", {"replicas": 0}, "status.replicas=", False),
    ],
)
async def test_a_field_that_json_leaves_out_has_gos_zero(
    client: Any, ns: Any, kind: Any, spec: Any, selector: Any, found: Any
) -> None:
    whole = pod("x")
    if kind == "nodes":
        whole = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"{ns}-x"}, "spec": {}}
    if kind == "replicationcontrollers":
        template = {"metadata": {"labels": {"app": "x"}}, "spec": whole["spec"]}
        whole = {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "x"}}
        whole["spec"] = {"selector": {"app": "x"}, "template": template}
    whole["spec"] = {**whole["spec"], **spec}
    resource = client.resource(kind, namespace=None if kind == "nodes" else ns)
    made = await resource.create(whole)
    name = made["metadata"]["name"]
    try:
        assert (name in names(await resource.list(field_selector=selector))) is found
    finally:
        await resource.delete(name)


@pytest.fixture(scope="module")
async def gauges(client: Any) -> AsyncIterator[Any]:
    """A custom resource whose fields can be selected by."""
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    definition = crd(group, plural="gauges", kind="Gauge")
    paths = (".spec.color", ".spec.size", ".spec.on")
    for version in definition["spec"]["versions"]:
        version["selectableFields"] = [{"jsonPath": path} for path in paths]
        version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["on"] = {"type": "boolean"}
    definitions = client.resource("customresourcedefinitions")
    await definitions.create(definition)
    await established(client, f"gauges.{group}")
    resource = client.resource(f"gauges.{group}", namespace="default")
    for name, spec in (("a", {"size": 3, "on": True}), ("b", {"size": 1, "color": "blue"})):
        body = {"apiVersion": f"{group}/v1", "kind": "Gauge", "metadata": {"name": name}, "spec": spec}
        await resource.create(body)
    yield resource
    await definitions.delete(f"gauges.{group}")


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("spec.color=red", "a"),
        ("spec.color!=red", "b"),
        ("spec.size=3", "a"),
        ("spec.on=true", "a"),
        ("spec.on=", "b"),
        ("spec.on=false", ""),
        ("metadata.name=a,spec.size!=3", ""),
    ],
)
async def test_a_definition_says_which_fields_can_be_selected(gauges: Any, selector: Any, found: Any) -> None:
    assert names(await gauges.list(field_selector=selector)) == list(found)


async def test_other_fields_of_such_a_definition_are_refused(gauges: Any) -> None:
    with pytest.raises(errors.BadRequestError, match=r"field label not supported: spec\.replicas"):
        await gauges.list(field_selector="spec.replicas=1")
