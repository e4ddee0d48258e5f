from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from kmagic.api.options import ListOptions
from kmagic.cache.list_watch import ListPage, ListWatch, ResourceListWatch, list_watch_for, source_of
from kmagic.client.codec import ResourceList
from kmagic.errors import DecodeError, ExpiredError, ForbiddenError, StatusError
from kmagic.models.core_v1 import Pod, PodList
from kmagic.rest.watch import WatchEvent
from tests.cache.fake_server import FakeServer, chunked, watch_line

A = {"metadata": {"name": "a", "resourceVersion": "1"}}
EVENT = ("ADDED", A)


async def events_of(source: Any, options: ListOptions = ListOptions()) -> list[WatchEvent[Any]]:
    async with source.watch(options) as batches:
        return [event async for batch in batches for event in batch]


def no_list(options: ListOptions) -> Any:
    return []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"metadata": {"resourceVersion": "5", "continue": "c"}, "items": [A]}, id="dict"),
        pytest.param(ResourceList([A], resource_version="5", continue_token="c"), id="resource list"),
        pytest.param(
            SimpleNamespace(items=[A], metadata=SimpleNamespace(resource_version="5", continue_="c")), id="metadata"
        ),
        pytest.param(ListPage([A], "5", "c"), id="page"),
    ],
)
@pytest.mark.parametrize("awaited", [True, False], ids=["async", "plain"])
async def test_RF_39_lists_of_many_shapes(answer: Any, awaited: bool) -> None:
    async def later(options: ListOptions) -> Any:
        return answer

    page = await ListWatch(later if awaited else lambda options: answer, no_list).list(ListOptions())
    assert (list(page.items), page.resource_version, page.continue_token) == ([A], "5", "c")


async def test_RF_39_lists_without_items_or_versions() -> None:
    for answer in ({"metadata": {}, "items": None}, []):
        page = await ListWatch(lambda options, answer=answer: answer, no_list).list(ListOptions())
        assert (list(page.items), page.resource_version) == ([], "")
    models = PodList.from_dict({"metadata": {"resourceVersion": "5"}, "items": [A]})
    page = await ListWatch(lambda options: models, no_list).list(ListOptions())
    assert isinstance(page.items[0], Pod)
    assert page.resource_version == "5"


class Closing:
    """An iterator that knows whether it was closed."""

    def __init__(self, events: list[Any]) -> None:
        self._events = iter(events)
        self.closed = False

    def __aiter__(self) -> Closing:
        return self

    async def __anext__(self) -> Any:
        for event in self._events:
            return event
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


async def generator(options: ListOptions) -> AsyncIterator[Any]:
    yield EVENT


async def coroutine(options: ListOptions) -> Any:
    return Closing([EVENT])


async def coroutine_of_generator(options: ListOptions) -> Any:
    return generator(options)


@asynccontextmanager
async def manager(options: ListOptions) -> AsyncIterator[Any]:
    yield Closing([EVENT])


@pytest.mark.parametrize(
    "watch",
    [generator, coroutine, coroutine_of_generator, manager, lambda options: Closing([EVENT])],
    ids=["generator", "coroutine", "coroutine of generator", "context manager", "plain function"],
)
async def test_RF_39_watches_of_many_shapes(watch: Any) -> None:
    assert await events_of(ListWatch(no_list, watch)) == [WatchEvent("ADDED", A)]


@pytest.mark.parametrize(
    "event",
    [EVENT, {"type": "ADDED", "object": A}, WatchEvent("ADDED", A), SimpleNamespace(type="ADDED", object=A)],
    ids=["tuple", "dict", "event", "object"],
)
async def test_events_of_many_shapes(event: Any) -> None:
    assert await events_of(ListWatch(no_list, lambda options: Closing([event]))) == [WatchEvent("ADDED", A)]


@pytest.mark.parametrize(
    "status",
    [{"reason": "Expired", "code": 410, "message": "old"}, SimpleNamespace(reason="Expired", code=410, message="old")],
)
async def test_error_events_carry_an_exception(status: Any) -> None:
    (event,) = await events_of(ListWatch(no_list, lambda options: Closing([("ERROR", status)])))
    assert isinstance(event.object, ExpiredError)
    assert event.object.message == "old"


async def test_iterators_are_closed() -> None:
    source = Closing([EVENT])
    await events_of(ListWatch(no_list, lambda options: source))
    assert source.closed


async def test_anything_with_list_and_watch_is_a_source() -> None:
    class Mine:
        async def list(self, options: ListOptions) -> Any:
            return [A]

        async def watch(self, options: ListOptions) -> Any:
            return Closing([EVENT])

    source = source_of(Mine())
    assert source.description == "Mine"
    assert list((await source.list(ListOptions())).items) == [A]
    assert source_of(source) is source


# over a client's resource


def pod_list(count: int, version: str = "7", token: str = "") -> dict[str, Any]:
    items = [
        {"metadata": {"name": f"p{n}", "namespace": "shop", "managedFields": [1]}, "spec": {}} for n in range(count)
    ]
    return {
        "kind": "PodList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": version, "continue": token},
        "items": items,
    }


@pytest.mark.parametrize("compressed", [False, True], ids=["identity", "gzip"])
async def test_a_list_is_cut_into_entries_while_it_streams(compressed: bool) -> None:
    server = FakeServer()
    data = json.dumps(pod_list(50), separators=(",", ":")).encode()
    headers = {"content-encoding": "gzip"} if compressed else {}
    server.answer(
        "/api/v1/namespaces/shop/pods", chunked(gzip.compress(data) if compressed else data, 100), headers=headers
    )
    async with server.client() as client:
        source = list_watch_for(client.core_v1.pods("shop"), label_selector="app=web")
        page = await source.list(ListOptions(resource_version="0", limit=500))
    assert [entry.key for entry in page.items] == [f"shop/p{n}" for n in range(50)]
    assert page.resource_version == "7"
    request = server.requests[0]
    assert dict(request.url.params) == {"labelSelector": "app=web", "resourceVersion": "0", "limit": "500"}
    assert request.headers["accept-encoding"] == "gzip"
    assert b"managedFields" not in page.items[0].raw


async def test_managed_fields_and_tweaks_where_wanted() -> None:
    import msgspec

    server = FakeServer()
    server.answer("/api/v1/pods", [json.dumps(pod_list(1)).encode()])
    async with server.client() as client:
        source = list_watch_for(
            client.core_v1.pods(None),
            tweak=lambda options: msgspec.structs.replace(options, field_selector="spec.nodeName=n1"),
            keep_managed_fields=True,
        )
        page = await source.list(ListOptions())
    assert b"managedFields" in page.items[0].raw
    assert server.requests[0].url.params["fieldSelector"] == "spec.nodeName=n1"


async def test_events_come_in_a_batch_for_each_chunk_uncompressed() -> None:
    server = FakeServer()
    one, two, three = (watch_line("ADDED", {"metadata": {"name": n}}) for n in "abc")
    server.answer("/api/v1/pods", [one + two + three[:5], three[5:]])
    async with server.client() as client:
        source = list_watch_for(client.core_v1.pods(None))
        async with source.watch(
            ListOptions(resource_version="7", allow_watch_bookmarks=True), idle_seconds=60
        ) as batches:
            sizes = [[event.object.key for event in batch] async for batch in batches]
    assert sizes == [["a", "b"], ["c"]]
    request = server.requests[0]
    assert request.headers["accept-encoding"] == "identity"
    assert request.extensions["timeout"]["read"] == 60
    assert request.url.params["watch"] == "true"


async def test_error_events_and_broken_ones() -> None:
    server = FakeServer()
    status = {"kind": "Status", "reason": "Expired", "code": 410, "message": "too old"}
    server.answer("/api/v1/pods", [watch_line("ERROR", status)])
    server.answer("/api/v1/pods", [watch_line("ADDED", {"metadata": 5})])
    async with server.client() as client:
        source = list_watch_for(client.core_v1.pods(None))
        (event,) = await events_of(source)
        assert isinstance(event.object, ExpiredError)
        with pytest.raises(DecodeError, match="unable to decode watch event"):
            await events_of(source)


async def test_refusals_come_when_opening() -> None:
    server = FakeServer()
    server.answer(
        "/api/v1/pods", [b'{"kind":"Status","reason":"Forbidden","code":403,"message":"not you"}'], status=403
    )
    async with server.client() as client:
        with pytest.raises(ForbiddenError):
            async with list_watch_for(client.core_v1.pods(None)).watch(ListOptions()):
                pass


async def test_a_list_that_breaks_off_is_an_error() -> None:
    server = FakeServer()
    server.answer("/api/v1/pods", [json.dumps(pod_list(5)).encode()[:-40]])
    async with server.client() as client:
        with pytest.raises((DecodeError, StatusError)):
            await list_watch_for(client.core_v1.pods(None)).list(ListOptions())


async def test_it_says_what_it_lists() -> None:
    server = FakeServer()
    async with server.client() as client:
        assert (
            ResourceListWatch(client.apps_v1.deployments("shop")).description == 'deployments.apps in namespace "shop"'
        )
        assert "looked up" in ResourceListWatch(client.resource("deploy")).description
