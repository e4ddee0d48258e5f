"""A blocking client on each server, and a namespace of its own for each test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from kmagic.sync.client import Client
from kmagic.sync.runtime import Runtime


@pytest.fixture
def client(server: Any) -> Iterator[Client]:
    runtime = Runtime("test-client")
    with Client(kubeconfig=server.kubeconfig, runtime=runtime) as client:
        yield client
    runtime.stop()


@pytest.fixture
def namespace(client: Client) -> Iterator[str]:
    name = f"sync-{secrets.token_hex(4)}"
    namespaces = client.resource("namespaces", None)
    namespaces.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    namespaces.delete(name)
