from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.api.table import ServerTable
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import configmap, deployment, pod, service


async def table(client: AsyncClient, kind: str, ns: str | None, name: str = "", **options: Any) -> ServerTable[Any]:
    return await client.tables.get(await client.mapper.resource_for(kind), ns, name, **options)


def shown(found: ServerTable[Any]) -> list[str]:
    return [column.name for column in found.columns if column.priority == 0]


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("pods", ["Name", "Ready", "Status", "Restarts", "Age"]),
        ("deployments", ["Name", "Ready", "Up-to-date", "Available", "Age"]),
        ("replicasets", ["Name", "Desired", "Current", "Ready", "Age"]),
        ("statefulsets", ["Name", "Ready", "Age"]),
        (
            "daemonsets",
            ["Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age"],
        ),
        ("jobs", ["Name", "Status", "Completions", "Duration", "Age"]),
        ("cronjobs", ["Name", "Schedule", "Timezone", "Suspend", "Active", "Last Schedule", "Age"]),
        ("services", ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"]),
        ("configmaps", ["Name", "Data", "Age"]),
        ("secrets", ["Name", "Type", "Data", "Age"]),
        ("serviceaccounts", ["Name", "Age"]),
        ("endpointslices", ["Name", "AddressType", "Ports", "Endpoints", "Age"]),
        ("ingresses", ["Name", "Class", "Hosts", "Address", "Ports", "Age"]),
        ("persistentvolumeclaims", ["Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age"]),
        ("events", ["Last Seen", "Type", "Reason", "Object", "Message"]),
        ("resourcequotas", ["Name", "Request", "Limit", "Age"]),
        ("limitranges", ["Name", "Created At"]),
        ("horizontalpodautoscalers", ["Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"]),
        ("poddisruptionbudgets", ["Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"]),
        ("networkpolicies", ["Name", "Pod-Selector", "Age"]),
        ("roles", ["Name", "Created At"]),
        ("rolebindings", ["Name", "Role", "Age"]),
        ("leases", ["Name", "Holder", "Age"]),
    ],
)  # fmt: skip
async def test_columns_of_namespaced_kinds(client: AsyncClient, kind: str, columns: list[str]) -> None:
    assert shown(await table(client, kind, "default")) == columns


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("namespaces", ["Name", "Status", "Age"]),
        ("nodes", ["Name", "Status", "Roles", "Age", "Version"]),
        ("persistentvolumes", ["Name", "Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass", "VolumeAttributesClass", "Reason", "Age"]),
        ("storageclasses", ["Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"]),
        ("priorityclasses", ["Name", "Value", "Global-Default", "Age", "PreemptionPolicy"]),
        ("clusterroles", ["Name", "Created At"]),
        ("clusterrolebindings", ["Name", "Role", "Age"]),
        ("customresourcedefinitions", ["Name", "Scope", "Versions", "Created At"]),
    ],
)  # fmt: skip
async def test_columns_of_cluster_kinds(client: AsyncClient, kind: str, columns: list[str]) -> None:
    assert shown(await table(client, kind, None)) == columns


async def test_a_row_of_a_configmap(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    await maps.create(configmap("a", {"x": "1", "y": "2"}, labels={"t": "1"}))
    (row,) = (await table(client, "cm", ns, label_selector="t=1")).rows
    assert row.cells[:2] == ("a", 2)
    assert row.object["kind"] == "PartialObjectMetadata"
    assert row.object["metadata"]["name"] == "a"


async def test_a_row_of_a_deployment(client: AsyncClient, ns: str) -> None:
    await client.resource("deploy", namespace=ns).create(deployment("d", replicas=2))
    (row,) = (await table(client, "deploy", ns)).rows
    assert row.cells[:2] == ("d", "0/2")


async def test_a_row_of_a_service(client: AsyncClient, ns: str) -> None:
    await client.resource("svc", namespace=ns).create(service("s"))
    (row,) = (await table(client, "svc", ns)).rows
    assert (row.cells[0], row.cells[1], row.cells[3], row.cells[4]) == ("s", "ClusterIP", "<none>", "80/TCP")


async def test_a_row_of_a_pending_pod(client: AsyncClient, ns: str) -> None:
    await client.resource("pods", namespace=ns).create(pod("p"))
    (row,) = (await table(client, "pods", ns, include_object="Object")).rows
    assert row.cells[:4] == ("p", "0/1", "Pending", "0")
    assert row.object["kind"] == "Pod"
    assert row.object["spec"]["containers"][0]["name"] == "main"


async def test_a_table_of_one_object(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    await maps.create(configmap("a"))
    found = await table(client, "cm", ns, "a")
    assert [row.cells[0] for row in found.rows] == ["a"]
    with pytest.raises(errors.NotFoundError):
        await table(client, "cm", ns, "missing")


async def test_rows_without_objects(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    await maps.create(configmap("a", labels={"t": "1"}))
    (row,) = (await table(client, "cm", ns, label_selector="t=1", include_object="None")).rows
    assert row.object is None


async def test_tables_come_in_pages(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    for name in "abc":
        await maps.create(configmap(name, labels={"t": "1"}))
    first = await table(client, "cm", ns, label_selector="t=1", limit=2)
    assert [row.cells[0] for row in first.rows] == ["a", "b"]
    rest = await table(client, "cm", ns, label_selector="t=1", limit=2, continue_token=first.continue_token)
    assert [row.cells[0] for row in rest.rows] == ["c"]
    assert rest.continue_token == ""


async def test_a_watch_of_a_table(client: AsyncClient, maps: AsyncResource[Any], ns: str) -> None:
    resource = await client.mapper.resource_for("cm")
    version = (await table(client, "cm", ns)).resource_version
    made = await maps.create(configmap("a", labels={"t": "1"}))
    await maps.patch("a", {"data": {"b": "2"}})
    events = []
    options = ListOptions(resource_version=version, label_selector="t=1", timeout_seconds=10)
    stream = client.tables.watch(resource, ns, options)
    async for event in stream:
        events.append(event)
        if len(events) == 2:
            break
    await stream.aclose()
    assert [event.type for event in events] == ["ADDED", "MODIFIED"]
    assert [column.name for column in events[0].object.columns][:1] == ["Name"]
    # The server sends the columns once.
    assert events[1].object.columns == ()
    assert events[0].object.rows[0].cells[:2] == ("a", 1)
    assert events[1].object.rows[0].cells[:2] == ("a", 2)
    assert events[0].object.rows[0].object["metadata"]["uid"] == made["metadata"]["uid"]


async def test_columns_of_a_custom_resource(client: AsyncClient, widgets: AsyncResource[Any]) -> None:
    await widgets.create(
        {
            "apiVersion": (await widgets.resolve()).api_version,
            "kind": "Widget",
            "metadata": {"name": "w"},
            "spec": {"size": 3},
        }
    )
    found = await client.tables.get(await widgets.resolve(), widgets.namespace)
    assert [(column.name, column.priority) for column in found.columns] == [("Name", 0), ("Size", 0), ("Color", 1)]
    assert found.rows[0].cells == ("w", 3, "red")
