from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
from httpx import Response

from kmagic import errors
from kmagic.client.discovery import Discovery
from kmagic.client.rest import RESTClient
from kmagic.config.client_config import ClientConfig
from kmagic.transport.http import Transport
from tests.client.worlds import AGGREGATED, NAMED, WIDGETS, legacy, world
from tests.transport.servers import InstantClock, ScriptedServer, status


def discovery(handler: Callable[..., Any] | Response, **more: Any) -> tuple[ScriptedServer, Discovery]:
    server = ScriptedServer(handler)
    return server, Discovery(RESTClient(server.transport(), clock=InstantClock(), max_retries=0), **more)


async def test_DI_02_two_requests_tell_everything() -> None:
    server, found = discovery(world())
    result = await found.all()
    assert sorted(sent.url.path for sent in server.requests) == ["/api", "/apis"]
    accept = server.requests[0].headers["accept"]
    assert accept == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    assert [group.name for group in result.groups][:2] == ["", "apps"]


async def test_DI_06_A35_an_aggregated_resource() -> None:
    _, found = discovery(world())
    (pods,) = [item for item in await found.resources_for("v1") if item.resource == "pods"]
    assert (pods.kind, pods.namespaced, pods.singular) == ("Pod", True, "pod")
    assert (pods.short_names, pods.categories, pods.subresources) == (("po",), ("all",), ("status", "log", "exec"))
    (nodes,) = [item for item in await found.resources_for("v1") if item.resource == "nodes"]
    assert not nodes.namespaced


async def test_DI_06_a_parent_without_a_kind_is_skipped() -> None:
    odd = {
        "metadata": {"name": "odd"},
        "versions": [{"version": "v1", "resources": [{"resource": "x", "scope": "Cluster"}]}],
    }
    _, found = discovery(world([odd]))
    assert await found.resources_for("odd/v1") == ()


async def test_DI_05_a_stale_version_is_a_failure_and_not_preferred() -> None:
    _, found = discovery(world())
    result = await found.all()
    assert str(result.failures["metrics.k8s.io/v1beta1"]) == "stale GroupVersion discovery: metrics.k8s.io/v1beta1"
    assert {group.name: group.preferred for group in result.groups}["metrics.k8s.io"] == ""
    with pytest.raises(errors.KubeError, match="stale"):
        await found.resources_for("metrics.k8s.io/v1beta1")


async def test_DI_08_A35_preferred_resources_are_one_version_each() -> None:
    _, found = discovery(world())
    preferred = await found.preferred_resources()
    assert [item.version for item in preferred if item.resource == "horizontalpodautoscalers"] == ["v2"]
    assert {item.resource for item in await found.preferred_resources(namespaced=False)} == {"nodes"}


async def test_DI_02_DI_03_plain_answers_are_asked_version_by_version() -> None:
    server, found = discovery(legacy())
    result = await found.all()
    assert [item.full_name for item in result.resources] == ["pods", "nodes", "deployments.apps", "deployments.apps"]
    assert result.resources[0].subresources == ("log",)
    assert result.resources[0].singular == "pod"
    assert result.failures == {}
    assert len(server.requests) == 6


async def test_DI_04_A35_legacy_forces_plain_answers() -> None:
    server, found = discovery(legacy(), legacy=True)
    await found.all()
    assert {sent.headers["accept"] for sent in server.requests} == {"application/json"}


async def test_DI_07_a_broken_api_costs_only_itself() -> None:
    _, found = discovery(legacy(broken=["/apis/bad.io/v1"]))
    result = await found.all()
    assert len(result.resources) == 4
    assert list(result.failures) == ["bad.io/v1"]
    assert isinstance(result.failures["bad.io/v1"], errors.ServiceUnavailableError)


async def test_DI_10_A36_a_passing_failure_is_tried_again_at_the_next_access() -> None:
    broken = ["/apis/bad.io/v1"]
    _, found = discovery(legacy(broken))
    assert (await found.all()).failures
    broken.clear()
    assert not (await found.all()).failures


async def test_DI_10_A36_a_lasting_failure_is_kept() -> None:
    server, found = discovery(world())
    first = await found.all()
    assert await found.all() is first
    assert len(server.requests) == 2


async def test_DI_04_A35_no_core_group_is_fine_and_no_named_groups_too() -> None:
    def only_apis(request: Any) -> Any:
        if request.url.path == "/apis":
            return httpx.Response(200, json={"items": NAMED}, headers=AGGREGATED)
        return httpx.Response(404)

    _, found = discovery(only_apis)
    assert "apps" in [group.name for group in (await found.all()).groups]


async def test_DI_04_any_other_failure_of_the_lists_is_an_error() -> None:
    _, found = discovery(status("Forbidden", 403))
    with pytest.raises(errors.ForbiddenError):
        await found.all()
    assert found.known is None


async def test_DI_11_A36_a_cancelled_caller_does_not_poison_the_cache() -> None:
    answers = world()
    gate = anyio.Event()

    class Slow(ScriptedServer):
        async def handle_async_request(self, request: Any) -> Any:
            await gate.wait()
            return await super().handle_async_request(request)

    server = Slow(answers)
    found = Discovery(RESTClient(server.transport(), clock=InstantClock()))
    with anyio.move_on_after(0.01):
        await found.all()
    gate.set()
    assert len((await found.all()).groups) > 1


async def test_DI_10_refresh_and_invalidate() -> None:
    named = list(NAMED)
    _, found = discovery(world(named))
    await found.all()
    named.append(WIDGETS)
    assert "example.com" not in [group.name for group in await found.groups()]
    await found.refresh()
    assert "example.com" in [group.name for group in await found.groups()]
    found.invalidate()
    assert found.known is None
    assert found.age == float("inf")


async def test_DI_09_a_version_that_is_not_served() -> None:
    _, found = discovery(world())
    with pytest.raises(errors.NotFoundError, match="the server does not serve apps/v9"):
        await found.resources_for("apps/v9")


async def test_the_version_is_asked_once() -> None:
    server, found = discovery(httpx.Response(200, json={"major": "1", "minor": "37", "gitVersion": "v1.37.2"}))
    assert (await found.version()).git_version == "v1.37.2"
    await found.version()
    assert len(server.requests) == 1


async def test_DI_01_discovery_has_its_own_time_limit() -> None:
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: Any) -> None:
            await anyio.sleep_forever()

    config = ClientConfig(server="http://server")
    found = Discovery(RESTClient(Transport(config, http=Silent())), timeout=0.05)
    with pytest.raises(errors.TimeoutError, match=r"within 0\.05 s"):
        await found.all()


async def test_the_age_counts_from_the_last_look() -> None:
    _, found = discovery(world())
    await found.all()
    assert found.age == 0


async def test_DI_19_openapi() -> None:
    def answer(request: Any) -> Any:
        if request.url.path == "/openapi/v3":
            url = {"serverRelativeURL": "/openapi/v3/apis/apps/v1?hash=AB"}
            return httpx.Response(200, json={"paths": {"apis/apps/v1": url}})
        assert str(request.url.query, "ascii") == "hash=AB"
        return httpx.Response(200, json={"components": {}})

    _, found = discovery(answer)
    assert await found.openapi("apps/v1") == {"components": {}}
    with pytest.raises(errors.NotFoundError, match="no OpenAPI document for v1"):
        await found.openapi("v1")


async def test_an_openapi_document_is_fetched_again_only_when_its_hash_is_another() -> None:
    digest, size = "AB", 1

    def answer(request: Any) -> Any:
        if request.url.path == "/openapi/v3":
            url = {"serverRelativeURL": f"/openapi/v3/api/v1?hash={digest}"}
            return httpx.Response(200, json={"paths": {"api/v1": url}})
        return httpx.Response(200, json={"size": size})

    server, found = discovery(answer)
    first = await found.openapi("v1")
    first["mine"] = True
    assert await found.openapi("v1") == {"size": 1}
    assert [sent.url.path for sent in server.requests].count("/openapi/v3/api/v1") == 1
    digest, size = "CD", 2
    assert await found.openapi("v1") == {"size": 2}


async def test_an_openapi_document_that_moved_on_is_read_as_it_is_now() -> None:
    def answer(request: Any) -> Any:
        if request.url.path == "/openapi/v3":
            url = {"serverRelativeURL": "/openapi/v3/api/v1?hash=OLD"}
            return httpx.Response(200, json={"paths": {"api/v1": url}})
        if request.url.query:
            return httpx.Response(301, headers={"location": "/openapi/v3/api/v1?hash=NEW"})
        return httpx.Response(200, json={"now": True})

    _, found = discovery(answer)
    assert await found.openapi("v1") == {"now": True}
