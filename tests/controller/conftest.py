"""A client and a namespace of the test's own, on the sandbox and on a real server."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from kmagic.client.client import AsyncClient
from tests.conftest import Server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(server.kubeconfig) as made:
        yield made


@pytest.fixture
async def ns(client: AsyncClient) -> AsyncIterator[str]:
    name = f"controller-{uuid.uuid4().hex[:8]}"
    await client.resource("namespaces").create({"metadata": {"name": name}})
    yield name
    await client.resource("namespaces").delete(name)
