"""Recorded clients and a namespace of the test's own, on the sandbox and on a real server."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

import kmagic
from kmagic.sync.runtime import stop_shared_runtime
from kmagic.testing.sandbox import TestCluster
from tests.conftest import Server


@pytest.fixture
def recorded(server: Server) -> TestCluster:
    """The server with a record of what the clients made from it do."""
    return TestCluster(server.server, server.kubeconfig)


@pytest.fixture
def client(recorded: TestCluster) -> Iterator[kmagic.Client]:
    """A blocking client."""
    with recorded.client() as made:
        yield made
    stop_shared_runtime()


@pytest.fixture
async def async_client(recorded: TestCluster) -> AsyncIterator[kmagic.AsyncClient]:
    """An async client."""
    async with recorded.async_client() as made:
        yield made


@pytest.fixture
def ns(client: kmagic.Client, recorded: TestCluster) -> Iterator[str]:
    """A namespace for tests of blocking code."""
    name = f"example-{uuid.uuid4().hex[:8]}"
    client.resource("namespaces").create({"metadata": {"name": name}})
    recorded.clear_actions()
    yield name
    client.resource("namespaces").delete(name)


@pytest.fixture
async def async_ns(async_client: kmagic.AsyncClient, recorded: TestCluster) -> AsyncIterator[str]:
    """A namespace for tests of async code."""
    name = f"example-{uuid.uuid4().hex[:8]}"
    await async_client.resource("namespaces").create({"metadata": {"name": name}})
    recorded.clear_actions()
    yield name
    await async_client.resource("namespaces").delete(name)
