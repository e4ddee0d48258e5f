"""What finds resources, blocking."""

from __future__ import annotations

from kmagic.api.gvk import GroupVersionKind, GroupVersionResource
from kmagic.sync.client import Client


def test_discovery_tells_groups_resources_and_version(client: Client) -> None:
    assert client.discovery.known is None
    assert "apps" in {group.name for group in client.discovery.groups()}
    assert "deployments" in {resource.resource for resource in client.discovery.resources_for("apps/v1")}
    assert client.discovery.version().git_version.startswith("v1.")
    assert client.discovery.known is not None
    client.discovery.invalidate()
    assert client.discovery.known is None
    assert client.discovery.refresh().resources
    assert client.discovery.all().groups
    assert any(resource.resource == "pods" for resource in client.discovery.preferred_resources(namespaced=True))
    assert "apis/apps/v1" in client.discovery.openapi_paths()
    assert client.discovery.openapi("apps/v1")["components"]["schemas"]


def test_the_mapper_takes_any_name_kubectl_takes(client: Client) -> None:
    deployments = GroupVersionResource("apps", "v1", "deployments")
    assert client.mapper.resource_for("deploy").gvr == deployments
    assert client.mapper.resource_for_kind(GroupVersionKind("apps", "v1", "Deployment")).gvr == deployments
    assert client.mapper.resource_for_gvr(deployments).kind == "Deployment"
    assert "pods" in {resource.resource for resource in client.mapper.category("all")}
    assert [resource.resource for resource in client.mapper.expand("po")] == ["pods"]
    assert "configmaps" in client.mapper.names()
    assert "configmaps" in client.mapper.known_names()


def test_dynamic_and_metadata_clients_read_what_they_say(client: Client) -> None:
    namespaces = GroupVersionResource("", "v1", "namespaces")
    assert client.dynamic.resource(namespaces).get("default")["kind"] == "Namespace"
    only = client.metadata.resource(namespaces).get("default")
    assert only["kind"] == "PartialObjectMetadata"
    assert "spec" not in only
