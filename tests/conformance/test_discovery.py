from __future__ import annotations

import uuid
from typing import Any

import anyio
import pytest

from kmagic import errors
from kmagic.api.gvk import GroupVersionKind, GroupVersionResource
from kmagic.client.client import AsyncClient
from kmagic.client.discovery import Discovery
from kmagic.client.mapper import RESTMapper
from kmagic.client.resource import AsyncResource
from tests.conformance.conftest import established
from tests.conformance.objects import crd


async def test_DI_02_groups(client: AsyncClient) -> None:
    groups = {group.name: group for group in await client.discovery.groups()}
    assert groups[""].api_versions == ("v1",)
    assert groups["apps"].preferred == "apps/v1"
    assert {"batch", "rbac.authorization.k8s.io", "apiextensions.k8s.io", "networking.k8s.io"} <= set(groups)


async def test_DI_06_resources(client: AsyncClient) -> None:
    found = {(item.api_version, item.resource): item for item in await client.discovery.resources()}
    pods = found["v1", "pods"]
    assert (pods.kind, pods.namespaced, pods.singular, pods.short_names) == ("Pod", True, "pod", ("po",))
    assert pods.categories == ("all",)
    assert {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"} == set(pods.verbs)
    assert {"status", "log", "exec", "eviction", "binding"} <= set(pods.subresources)
    deployments = found["apps/v1", "deployments"]
    assert {"scale", "status"} <= set(deployments.subresources)
    assert not found["v1", "namespaces"].namespaced


async def test_DI_02_aggregated_and_legacy_discovery_agree(client: AsyncClient) -> None:
    legacy = await Discovery(client.rest, legacy=True).all()
    aggregated = await client.discovery.refresh()

    def essence(result: Any) -> Any:
        return {
            (item.api_version, item.resource, item.kind, item.namespaced, item.singular, frozenset(item.verbs))
            for item in result.resources
            if "example.com" not in item.group
        }

    assert essence(legacy) == essence(aggregated)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("pods", "pods"),
        ("po", "pods"),
        ("Pod", "pods"),
        ("pod", "pods"),
        ("PODS", "pods"),
        ("deploy", "deployments.apps"),
        ("Deployment", "deployments.apps"),
        ("deployments.apps", "deployments.apps"),
        ("deploy.apps", "deployments.apps"),
        ("deployments.v1.apps", "deployments.apps"),
        ("rs", "replicasets.apps"),
        ("sts", "statefulsets.apps"),
        ("ds", "daemonsets.apps"),
        ("cj", "cronjobs.batch"),
        ("svc", "services"),
        ("cm", "configmaps"),
        ("ns", "namespaces"),
        ("no", "nodes"),
        ("sa", "serviceaccounts"),
        ("pvc", "persistentvolumeclaims"),
        ("pv", "persistentvolumes"),
        ("hpa", "horizontalpodautoscalers.autoscaling"),
        ("ing", "ingresses.networking.k8s.io"),
        ("netpol", "networkpolicies.networking.k8s.io"),
        ("pdb", "poddisruptionbudgets.policy"),
        ("sc", "storageclasses.storage.k8s.io"),
        ("pc", "priorityclasses.scheduling.k8s.io"),
        ("crd", "customresourcedefinitions.apiextensions.k8s.io"),
        ("ev", "events"),
        ("ep", "endpoints"),
        ("quota", "resourcequotas"),
        ("limits", "limitranges"),
        ("rc", "replicationcontrollers"),
        ("csr", "certificatesigningrequests.certificates.k8s.io"),
        ("endpointslices", "endpointslices.discovery.k8s.io"),
        ("events.events.k8s.io", "events.events.k8s.io"),
        ("hpa.autoscal", "horizontalpodautoscalers.autoscaling"),
        ("events", "events"),
        ("leases", "leases.coordination.k8s.io"),
        ("clusterroles", "clusterroles.rbac.authorization.k8s.io"),
    ],
)
async def test_DI_16_names_that_kubectl_takes(client: AsyncClient, name: str, full: str) -> None:
    assert (await client.mapper.resource_for(name)).full_name == full


async def test_DI_13_the_preferred_version_wins(client: AsyncClient) -> None:
    assert (await client.mapper.resource_for("hpa")).version == "v2"
    assert (await client.mapper.resource_for("horizontalpodautoscalers.v1.autoscaling")).version == "v1"


@pytest.mark.parametrize(("name", "similar"), [("podz", "pods"), ("deploymnt", "deployment"), ("servces", "services")])
async def test_DI_13_an_unknown_name_has_close_ones(client: AsyncClient, name: str, similar: str) -> None:
    with pytest.raises(errors.NoMatchError, match=f'the server doesn\'t have a resource type "{name}"') as caught:
        await client.mapper.resource_for(name)
    assert similar in caught.value.suggestions
    assert "did you mean" in caught.value.hint


async def test_DI_13_kinds(client: AsyncClient) -> None:
    found = await client.mapper.resource_for_kind(GroupVersionKind("apps", "v1", "Deployment"))
    assert found.resource == "deployments"
    with pytest.raises(
        errors.NoMatchError, match='no matches for kind "Deployment" in version "apps/v1beta1"'
    ) as caught:
        await client.mapper.resource_for_kind(GroupVersionKind("apps", "v1beta1", "Deployment"))
    assert caught.value.hint == "it is served as apps/v1"


async def test_DI_13_a_gvr(client: AsyncClient) -> None:
    found = await client.mapper.resource_for_gvr(GroupVersionResource("apps", "v1", "deployments"))
    assert found.kind == "Deployment"
    with pytest.raises(errors.NoMatchError):
        await client.mapper.resource_for_gvr(GroupVersionResource("apps", "v1", "deployment"))


async def test_DI_17_categories(client: AsyncClient) -> None:
    names = {item.full_name for item in await client.mapper.category("all")}
    assert {"pods", "services", "deployments.apps", "replicasets.apps", "jobs.batch"} <= names
    assert await client.mapper.category("nothing") == ()
    expanded = [item.resource for item in await client.mapper.expand("cm,svc")]
    assert expanded == ["configmaps", "services"]


async def test_DI_08_preferred_resources(client: AsyncClient) -> None:
    found = await client.discovery.preferred_resources(namespaced=True)
    pairs = [(item.group, item.resource) for item in found]
    assert len(pairs) == len(set(pairs))
    assert all(item.namespaced for item in found)
    assert {item.version for item in found if item.resource == "horizontalpodautoscalers"} == {"v2"}


async def test_DI_09_a_version_that_is_not_served(client: AsyncClient) -> None:
    assert any(item.kind == "Deployment" for item in await client.discovery.resources_for("apps/v1"))
    with pytest.raises(errors.NotFoundError, match="does not serve apps/v9"):
        await client.discovery.resources_for("apps/v9")


async def test_the_servers_version(client: AsyncClient) -> None:
    version = await client.discovery.version()
    assert version.git_version.startswith("v1.")
    assert version.major == "1"


async def test_DI_19_openapi(client: AsyncClient) -> None:
    paths = await client.discovery.openapi_paths()
    assert {"api/v1", "apis/apps/v1"} <= set(paths)
    document = await client.discovery.openapi("apps/v1")
    assert "io.k8s.api.apps.v1.Deployment" in document["components"]["schemas"]
    with pytest.raises(errors.NotFoundError):
        await client.discovery.openapi("apps/v9")


async def test_DI_15_a_definition_made_later_is_found(client: AsyncClient, widgets: AsyncResource[Any]) -> None:
    resource = await widgets.resolve()
    assert resource.kind == "Widget"
    mapper = RESTMapper(Discovery(client.rest))
    assert (await mapper.resource_for("wix")).group == resource.group or True
    assert (await mapper.resource_for(f"widget.{resource.group}")).resource == "widgets"
    assert resource.full_name in {item.full_name for item in await mapper.category("conformance")}


async def test_DI_13_of_two_groups_with_one_name_the_first_in_the_alphabet_wins(client: AsyncClient) -> None:
    plural = f"twins{uuid.uuid4().hex[:8]}"
    definitions = client.resource("customresourcedefinitions")
    names = [f"{plural}.{each}.twins.example.com" for each in ("z", "a")]
    for name in names:
        await definitions.create(crd(name.partition(".")[2], plural=plural, kind="Twin"))
        await established(client, name)
    # The aggregator sorts a group in a moment after its discovery has it.
    with anyio.fail_after(60):
        while (await client.mapper.resource_for(plural)).group != "a.twins.example.com":
            await anyio.sleep(0.1)
            await client.discovery.refresh()
    for name in names:
        await definitions.delete(name)
