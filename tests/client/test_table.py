from __future__ import annotations

import json

import httpx
import pytest
from httpx import Response

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.client.rest import RESTClient
from kmagic.client.table import TABLE_ACCEPT, TableClient
from kmagic.rest.resource import APIResource
from tests.transport.servers import ScriptedServer, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)
TABLE = {
    "kind": "Table",
    "metadata": {"resourceVersion": "7", "continue": "t", "remainingItemCount": 4},
    "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "description": "d", "priority": 0}],
    "rows": [{"cells": ["a"], "object": {"kind": "PartialObjectMetadata", "metadata": {"name": "a"}}}],
}


def tables(answer: Response) -> tuple[ScriptedServer, TableClient]:
    server = ScriptedServer(answer)
    return server, TableClient(RESTClient(server.transport()))


async def test_a_page_of_a_table() -> None:
    server, client = tables(httpx.Response(200, json=TABLE))
    found = await client.get(PODS, "shop", label_selector="x", limit=2, include_object="Object")
    assert (found.columns[0].name, found.columns[0].format) == ("Name", "name")
    assert (found.rows[0].cells, found.rows[0].object["metadata"]) == (("a",), {"name": "a"})
    assert (found.resource_version, found.continue_token, found.remaining_item_count) == ("7", "t", 4)
    sent = server.requests[0]
    assert sent.headers["accept"] == TABLE_ACCEPT
    assert dict(sent.url.params) == {"labelSelector": "x", "limit": "2", "includeObject": "Object"}


async def test_one_object() -> None:
    server, client = tables(httpx.Response(200, json=TABLE))
    await client.get(PODS, "shop", "a")
    assert server.requests[0].url.path == "/api/v1/namespaces/shop/pods/a"


async def test_a_watch_of_tables_and_its_errors() -> None:
    gone = {"kind": "Status", "reason": "Expired", "code": 410}
    body = b"".join(
        json.dumps({"type": kind, "object": obj}).encode() + b"\n" for kind, obj in [("ADDED", TABLE), ("ERROR", gone)]
    )
    server, client = tables(streaming(body))
    seen = []
    with pytest.raises(errors.ExpiredError):
        async for event in client.watch(PODS, None, ListOptions(resource_version="7")):
            seen.append((event.type, event.object.rows[0].cells))
    assert seen == [("ADDED", ("a",))]
    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_status_in_place_of_a_table_is_its_error() -> None:
    _, client = tables(httpx.Response(200, json={"kind": "Status", "status": "Failure", "reason": "Forbidden"}))
    with pytest.raises(errors.ForbiddenError):
        await client.get(PODS, "shop")


async def test_a_later_page_is_read_while_it_comes() -> None:
    whole = {**TABLE, "rows": [{"cells": [f"a{at}"], "object": None} for at in range(50)]}
    server = ScriptedServer(streaming(json.dumps(whole).encode()))
    client = TableClient(RESTClient(server.transport()))
    found = await client.more(PODS, "shop", ListOptions(continue_token="t"), include_object="None")
    assert [row.cells[0] for row in found.rows] == [f"a{at}" for at in range(50)]
    assert (found.rows[0].object, found.resource_version, found.continue_token) == (None, "7", "t")
    assert dict(server.requests[0].url.params) == {"continue": "t", "includeObject": "None"}


async def test_a_later_page_that_is_no_table_is_told() -> None:
    server = ScriptedServer(httpx.Response(200, json={"kind": "PodList", "rows": []}))
    with pytest.raises(errors.DecodeError, match="no table"):
        await TableClient(RESTClient(server.transport())).more(PODS, "shop", ListOptions(), include_object="None")
