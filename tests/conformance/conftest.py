"""The same tests on the sandbox and on a real server; the real one is the truth."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.errors import NoMatchError
from tests.conformance.objects import crd
from tests.conftest import Server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(server.kubeconfig) as made:
        yield made


@pytest.fixture
async def ns(client: AsyncClient) -> AsyncIterator[str]:
    """A namespace of the test's own."""
    name = f"conf-{uuid.uuid4().hex[:8]}"
    namespaces = client.resource("namespaces")
    await namespaces.create({"metadata": {"name": name}})
    yield name
    await namespaces.delete(name)


@pytest.fixture
def maps(client: AsyncClient, ns: str) -> AsyncResource[dict[str, Any]]:
    return client.resource("configmaps", namespace=ns)


@pytest.fixture
async def widgets(client: AsyncClient, ns: str) -> AsyncIterator[AsyncResource[dict[str, Any]]]:
    """A custom resource with a group of the test's own, served and known to the mapper."""
    group = f"{ns}.example.com"
    definitions = client.resource("customresourcedefinitions")
    await definitions.create(crd(group))
    await established(client, f"widgets.{group}")
    yield client.resource(f"widgets.{group}", namespace=ns)
    await definitions.delete(f"widgets.{group}")


async def established(client: AsyncClient, name: str) -> None:
    """Waits until the server serves a CRD and says so in discovery."""
    definitions = client.resource("customresourcedefinitions")
    version = (await definitions.list(field_selector=f"metadata.name={name}")).resource_version
    with anyio.fail_after(20):
        found = await definitions.get(name)
        while not _is_established(found):
            async for event in definitions.watch(field_selector=f"metadata.name={name}", resource_version=version):
                found = event.object
                if _is_established(found):
                    break
        while True:
            await client.discovery.refresh()
            try:
                await client.mapper.resource_for(name)
            except NoMatchError:
                # Discovery follows a moment after the condition; there is nothing to watch for it.
                await anyio.sleep(0.05)
            else:
                return


def _is_established(definition: dict[str, Any]) -> bool:
    conditions = definition.get("status", {}).get("conditions") or []
    return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)
