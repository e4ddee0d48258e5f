"""What becomes of a Service's address and ports when it changes."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic import errors
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from tests.conformance.objects import service


@pytest.fixture
def services(client: AsyncClient, ns: str) -> AsyncResource[Any]:
    return client.resource("services", namespace=ns)


def typed(kind: str, **spec: Any) -> dict[str, Any]:
    made = service("x")
    return {**made, "spec": {**made["spec"], "type": kind, **spec}}


async def test_an_update_that_says_nothing_of_the_address_keeps_it(services: AsyncResource[Any]) -> None:
    made = await services.create(service("x"))
    wanted = {**service("x"), "metadata": {"name": "x", "resourceVersion": made["metadata"]["resourceVersion"]}}
    found = await services.update(wanted)
    for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        assert found["spec"][name] == made["spec"][name]


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
async def test_a_service_that_leaves_the_nodes_gives_its_ports_back(services: AsyncResource[Any], kind: str) -> None:
    made = await services.create(typed(kind))
    assert made["spec"]["ports"][0]["nodePort"]
    found = await services.patch("x", {"spec": {"type": "ClusterIP"}})
    assert "nodePort" not in found["spec"]["ports"][0]
    assert "externalTrafficPolicy" not in found["spec"]
    assert found["spec"]["clusterIP"] == made["spec"]["clusterIP"]


async def test_a_port_that_changes_keeps_its_node_port(services: AsyncResource[Any]) -> None:
    made = await services.create(typed("NodePort"))
    found = await services.patch("x", {"spec": {"ports": [{"name": "http", "port": 81}]}})
    assert found["spec"]["ports"][0]["port"] == 81
    assert found["spec"]["ports"][0]["nodePort"] == made["spec"]["ports"][0]["nodePort"]


async def test_a_service_that_gets_an_external_name_gives_its_address_back(services: AsyncResource[Any]) -> None:
    await services.create(service("x"))
    found = await services.patch("x", {"spec": {"type": "ExternalName", "externalName": "example.com"}})
    assert not {"clusterIP", "clusterIPs", "ipFamilies"} & found["spec"].keys()


async def test_the_two_fields_of_the_address_agree(services: AsyncResource[Any]) -> None:
    await services.create(service("x"))
    with pytest.raises(errors.InvalidError, match="first value must match `clusterIP`"):
        await services.patch("x", {"spec": {"clusterIPs": ["10.0.9.9"]}})
