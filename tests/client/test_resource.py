from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from httpx import Response

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.client.codec import DictCodec, ModelCodec
from kmagic.client.resource import AsyncResource
from kmagic.client.rest import RESTClient
from kmagic.models.core_v1 import ConfigMap, Node
from kmagic.rest.resource import APIResource
from tests.transport.servers import InstantClock, ScriptedServer, status, streaming

MAPS = APIResource("", "v1", "configmaps", "ConfigMap", True)
NODES = APIResource("", "v1", "nodes", "Node", False)
OBJECT = {
    "kind": "ConfigMap",
    "apiVersion": "v1",
    "metadata": {"name": "a", "namespace": "shop", "resourceVersion": "7"},
}


def maps(
    *answers: Any,
    codec: ModelCodec[Any] | None = None,
    namespace: Any = "shop",
    resource: APIResource | Callable[..., Any] = MAPS,
) -> tuple[ScriptedServer, AsyncResource[Any]]:
    server = ScriptedServer(*answers)
    rest = RESTClient(server.transport(), clock=InstantClock())
    return server, AsyncResource(rest, resource, codec or DictCodec(), namespace)


def line(server: ScriptedServer, index: int = -1) -> str:
    sent = server.requests[index]
    return f"{sent.method} {sent.url.raw_path.decode()}"


OK = httpx.Response(200, json=OBJECT)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda r: r.get("a"), "GET /api/v1/namespaces/shop/configmaps/a"),
        (lambda r: r.get("a", resource_version="0"), "GET /api/v1/namespaces/shop/configmaps/a?resourceVersion=0"),
        (lambda r: r.get("a", subresource="status"), "GET /api/v1/namespaces/shop/configmaps/a/status"),
        (lambda r: r.create(OBJECT, dry_run=True), "POST /api/v1/namespaces/shop/configmaps?dryRun=All"),
        (lambda r: r.create(OBJECT, field_validation="Strict"), "POST /api/v1/namespaces/shop/configmaps?fieldValidation=Strict"),
        (lambda r: r.update(OBJECT, field_manager="me"), "PUT /api/v1/namespaces/shop/configmaps/a?fieldManager=me"),
        (lambda r: r.update_status(OBJECT), "PUT /api/v1/namespaces/shop/configmaps/a/status"),
        (lambda r: r.patch("a", {"data": {}}), "PATCH /api/v1/namespaces/shop/configmaps/a"),
        (lambda r: r.patch("a", [], type="json", subresource="status"), "PATCH /api/v1/namespaces/shop/configmaps/a/status"),
        (lambda r: r.apply({"metadata": {"name": "a"}}), "PATCH /api/v1/namespaces/shop/configmaps/a?fieldManager=kmagic"),
        (
            lambda r: r.apply({"metadata": {"name": "a"}}, field_manager="me", force=True),
            "PATCH /api/v1/namespaces/shop/configmaps/a?fieldManager=me&force=true",
        ),
        (lambda r: r.delete("a", propagation="Foreground"), "DELETE /api/v1/namespaces/shop/configmaps/a"),
        (lambda r: r.create_subresource("a", "token", {}), "POST /api/v1/namespaces/shop/configmaps/a/token"),
        (lambda r: r.delete_collection(label_selector="x=y"), "DELETE /api/v1/namespaces/shop/configmaps?labelSelector=x%3Dy"),
    ],
)  # fmt: skip
async def test_A27_what_a_verb_sends(call: Callable[..., Any], expected: str) -> None:
    server, resource = maps(OK)
    await call(resource)
    assert line(server) == expected


async def test_RE_32_apply_sends_json_as_an_apply_patch_with_kind_and_version() -> None:
    server, resource = maps(OK)
    await resource.apply({"metadata": {"name": "a"}, "data": {"x": "1"}})
    sent = server.requests[0]
    assert sent.headers["content-type"] == "application/apply-patch+yaml"
    assert json.loads(sent.content) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"x": "1"},
    }


async def test_apply_of_a_model_sends_only_what_was_set() -> None:
    from kmagic.models.apps_v1 import Deployment
    from kmagic.models.meta_v1 import ObjectMeta

    deployments = APIResource("apps", "v1", "deployments", "Deployment", True)
    answer = httpx.Response(200, json={**OBJECT, "kind": "Deployment", "apiVersion": "apps/v1"})
    server, resource = maps(answer, codec=ModelCodec(Deployment), resource=deployments)
    await resource.apply(Deployment(metadata=ObjectMeta(name="a", labels={"x": "1"})))
    assert json.loads(server.requests[0].content) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "labels": {"x": "1"}},
    }


async def test_models_in_and_out() -> None:
    server, resource = maps(OK, codec=ModelCodec(ConfigMap))
    found = await resource.get("a")
    assert isinstance(found, ConfigMap)
    await resource.update(found)
    assert line(server) == "PUT /api/v1/namespaces/shop/configmaps/a"


async def test_calling_a_resource_changes_the_namespace() -> None:
    server, resource = maps(httpx.Response(200, json={"kind": "ConfigMapList", "items": []}))
    await resource("other").list()
    await resource(None).list()
    assert [line(server, 0), line(server, 1)] == ["GET /api/v1/namespaces/other/configmaps", "GET /api/v1/configmaps"]
    assert (resource.namespace, resource(None).namespace) == ("shop", None)


async def test_cluster_scope_needs_no_namespace() -> None:
    server, resource = maps(
        httpx.Response(200, json={"metadata": {"name": "n"}}), codec=ModelCodec(Node), resource=NODES
    )
    await resource.get("n")
    assert line(server) == "GET /api/v1/nodes/n"


async def test_a_client_for_all_namespaces_takes_the_objects_own() -> None:
    server, resource = maps(OK, namespace=None)
    await resource.create(OBJECT)
    assert line(server) == "POST /api/v1/namespaces/shop/configmaps"
    with pytest.raises(ValueError, match="an empty namespace may not be set during creation"):
        await resource.create({"metadata": {"name": "a"}})


async def test_a_lazy_resource_is_looked_up_when_it_is_used() -> None:
    looked_up = []

    async def look_up() -> Any:
        looked_up.append(1)
        return MAPS

    server, resource = maps(OK, resource=look_up)
    assert looked_up == []
    assert repr(resource) == '<resource to be looked up in namespace "shop">'
    await resource.get("a")
    assert line(server) == "GET /api/v1/namespaces/shop/configmaps/a"
    assert looked_up == [1]


def page(*names: Any, token: str = "", version: str = "5") -> Response:
    items = [{"metadata": {"name": name}} for name in names]
    return httpx.Response(
        200,
        json={
            "kind": "ConfigMapList",
            "apiVersion": "v1",
            "items": items,
            "metadata": {"resourceVersion": version, "continue": token},
        },
    )


async def test_MI_04_a_list_with_a_limit_joins_the_pages() -> None:
    server, resource = maps(page("a", "b", token="t1"), page("c", version="9"))
    found = await resource.list(limit=2, label_selector="x=y")
    assert [item["metadata"]["name"] for item in found] == ["a", "b", "c"]
    assert found.resource_version == "5"
    assert line(server, 0).endswith("?labelSelector=x%3Dy&limit=2")
    assert line(server, 1).endswith("?labelSelector=x%3Dy&limit=2&continue=t1")


async def test_RE_31_a_list_without_a_limit_is_one_plain_get() -> None:
    server, resource = maps(page("a"))
    await resource.list(field_selector="metadata.name=a", resource_version="0")
    assert len(server.requests) == 1
    assert line(server) == "GET /api/v1/namespaces/shop/configmaps?fieldSelector=metadata.name%3Da&resourceVersion=0"


def event(what: str, /, **obj: Any) -> bytes:
    return json.dumps({"type": what, "object": obj}).encode() + b"\n"


async def test_a_watch_gives_events() -> None:
    body = event("ADDED", **OBJECT) + event("BOOKMARK", kind="ConfigMap", metadata={"resourceVersion": "9"})
    server, resource = maps(streaming(body[:20], body[20:]), codec=ModelCodec(ConfigMap))
    events = [item async for item in resource.watch(resource_version="7", timeout_seconds=5)]
    assert [(item.type, item.object.metadata.resource_version) for item in events] == [
        ("ADDED", "7"),
        ("BOOKMARK", "9"),
    ]
    assert line(server).endswith("?resourceVersion=7&timeoutSeconds=5&watch=true")


async def test_WS_05_an_error_event_is_raised_to_whoever_iterates() -> None:
    gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (5)"}
    _, resource = maps(streaming(event("ADDED", **OBJECT) + event("ERROR", **gone)))
    seen = []
    with pytest.raises(errors.ExpiredError, match="too old resource version"):
        async for item in resource.watch():
            seen.append(item.type)
    assert seen == ["ADDED"]


async def test_WS_02_an_object_that_cannot_be_read_is_an_error() -> None:
    _, resource = maps(streaming(event("ADDED", metadata={"name": 5})), codec=ModelCodec(ConfigMap))
    with pytest.raises(errors.DecodeError, match="unable to decode watch event"):
        [item async for item in resource.watch()]


async def test_WS_03_leaving_the_loop_closes_the_stream() -> None:
    from contextlib import aclosing

    answer = streaming(event("ADDED", **OBJECT), event("ADDED", **OBJECT))
    _, resource = maps(answer)
    async with aclosing(resource.watch()) as events:
        async for _ in events:
            break
    assert answer.stream.closed


async def test_RE_32_names_are_required() -> None:
    _, resource = maps(OK)
    for call in (resource.get(""), resource.delete(""), resource.patch("", {}), resource.update({"metadata": {}})):
        with pytest.raises(ValueError, match="name is required"):
            await call


async def test_RE_19_an_empty_answer_is_an_error() -> None:
    _, resource = maps(httpx.Response(200, content=b""))
    with pytest.raises(errors.DecodeError, match="empty"):
        await resource.get("a")


async def test_errors_are_raised_with_their_request() -> None:
    _, resource = maps(status("NotFound", 404, 'configmaps "a" not found'))
    with pytest.raises(errors.NotFoundError) as caught:
        await resource.get("a")
    assert caught.value.request.name == "a"


async def test_pages_and_single_pages() -> None:
    _, resource = maps(page("a", token="t"), page("b"))
    assert [len(found) async for found in resource.pages()] == [1, 1]
    _, resource = maps(page("a", token="t"))
    assert (await resource.list_page(ListOptions(limit=1))).continue_token == "t"


async def test_delete_returns_what_the_server_says() -> None:
    _, resource = maps(httpx.Response(200, json={"kind": "Status", "status": "Success"}))
    assert (await resource.delete("a"))["status"] == "Success"
