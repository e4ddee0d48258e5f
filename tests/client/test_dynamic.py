from __future__ import annotations

import httpx
from httpx import Request, Response

from kmagic.api.gvk import GroupVersionResource
from kmagic.client.client import AsyncClient
from kmagic.rest.resource import APIResource
from tests.client.worlds import world
from tests.transport.servers import ScriptedServer


def answer(request: Request) -> Response:
    if request.url.path.startswith("/apis/apps/v1/namespaces/"):
        return httpx.Response(200, json={"kind": "Deployment", "x": {"unknown": 1.5}})
    return world()(request)


async def test_a19_by_gvr_name_or_resource() -> None:
    client = AsyncClient(transport=ScriptedServer(answer).transport())
    known = APIResource("apps", "v1", "deployments", "Deployment", True)
    for what in (GroupVersionResource("apps", "v1", "deployments"), "deploy", known):
        found = await client.dynamic.resource(what)("shop").get("web")
        assert found == {"kind": "Deployment", "x": {"unknown": 1.5}}
