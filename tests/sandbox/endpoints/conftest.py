"""The application without sockets."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from kmagic.sandbox.access.authentication import MASTERS, User
from kmagic.sandbox.cluster import Cluster
from kmagic.sandbox.endpoints.server import build_app
from kmagic.sandbox.host.seed import seed

Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Sends a request as the admin; a body that is a dict goes as JSON."""
    cluster = Cluster({"t": User("admin", (MASTERS,))}, rng=random.Random(1))
    seed(cluster.client, 1)
    transport = httpx.ASGITransport(app=build_app(cluster.api))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:

        async def asked(method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
            content = json.dumps(body).encode() if isinstance(body, dict | list) else body
            sent = {"authorization": "Bearer t", "content-type": "application/json"}
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, content=content, headers=sent)

        yield asked
