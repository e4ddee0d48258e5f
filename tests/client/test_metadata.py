from __future__ import annotations

import httpx

from kmagic.client.client import AsyncClient
from kmagic.rest.resource import APIResource
from tests.transport.servers import ScriptedServer

PODS = APIResource("", "v1", "pods", "Pod", True)
PART = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "a"}}


async def test_RE_33_only_metadata_is_asked_for() -> None:
    server = ScriptedServer(httpx.Response(200, json=PART))
    client = AsyncClient(transport=server.transport())
    assert await client.metadata.resource(PODS, "shop").get("a") == PART
    assert server.requests[0].headers["accept"].startswith("application/json;as=PartialObjectMetadata;")


async def test_RE_33_lists_too() -> None:
    items = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "items": [PART], "metadata": {}}
    server = ScriptedServer(httpx.Response(200, json=items))
    client = AsyncClient(transport=server.transport())
    assert (await client.metadata.resource(PODS)(None).list()).items == [PART]
    assert "as=PartialObjectMetadataList" in server.requests[0].headers["accept"]
