"""Whatever a server answers to a list or a watch, a cache has the right objects or keeps those it had, and says why."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kmagic.api.options import ListOptions
from kmagic.cache.list_watch import list_watch_for
from kmagic.cache.tables import table_list_watch
from kmagic.errors import DecodeError, ExpiredError, ForbiddenError, KubeError
from kmagic.rest.resource import APIResource
from tests.cache.fake_server import FakeServer, watch_line

PATH = "/api/v1/pods"
PODS = APIResource(group="", version="v1", resource="pods", kind="Pod", namespaced=True)
STATUS = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
ITEM = {"metadata": {"name": "a", "namespace": "shop", "resourceVersion": "1"}}
GOOD = {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "5"}, "items": [ITEM]}
WRONG: dict[str, tuple[bytes, type[KubeError]]] = {
    "a refusal": (json.dumps({**STATUS, "reason": "Forbidden", "code": 403}).encode(), ForbiddenError),
    "an empty object": (b"{}", DecodeError),
    "nothing": (b"", DecodeError),
    "another kind": (json.dumps({**GOOD, "kind": "ServiceList", "items": []}).encode(), DecodeError),
    "one object": (json.dumps({"kind": "Pod", "apiVersion": "v1", **ITEM}).encode(), DecodeError),
    "a page": (b"<html><body>log in</body></html>", DecodeError),
    "no version": (json.dumps({**GOOD, "metadata": {}}).encode(), DecodeError),
    "no items": (b'{"kind":"PodList","metadata":{"resourceVersion":"5"}}', DecodeError),
    "no kind": (b'{"metadata":{"resourceVersion":"5"},"items":[]}', DecodeError),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_relist_that_is_no_list_leaves_the_cache_as_it_was(name: str) -> None:
    body, expected = WRONG[name]
    server = FakeServer()
    server.answer(PATH, GOOD, watch=False)
    server.answer(PATH, [body], watch=False)
    server.answer(PATH, [watch_line("ERROR", {**STATUS, "reason": "Expired", "code": 410})], watch=True)
    deleted: list[Any] = []
    async with server.client() as client, client.informers() as factory:
        informer = factory.core_v1.pods.informer
        informer.add_handler(on_delete=deleted.append)
        await informer.wait_synced(5)
        await server.received(3)
        with pytest.raises(expected):
            await list_watch_for(client.core_v1.pods(None)).list(ListOptions())
        assert informer.store.list_keys() == ["shop/a"]
        assert deleted == []


@pytest.mark.parametrize("name", [name for name in WRONG if name != "no version"])
async def test_every_way_to_list_says_that_it_is_no_list(name: str) -> None:
    body, expected = WRONG[name]
    server = FakeServer()
    server.answer(PATH, [body])
    async with server.client() as client:
        for resource in (client.core_v1.pods(None), client.dynamic.resource(PODS), client.metadata.resource(PODS)):
            with pytest.raises(expected):
                await resource.list()
        with pytest.raises(expected):
            await table_list_watch(client, PODS).list(ListOptions())
        with pytest.raises(expected):
            await client.tables.get(PODS, None)


@pytest.mark.parametrize(
    "body", [{"kind": "Table"}, {"kind": "Table", "metadata": {"resourceVersion": "5"}, "rows": []}]
)
async def test_a_table_without_columns_is_none(body: dict[str, Any]) -> None:
    server = FakeServer()
    server.answer(PATH, body)
    async with server.client() as client:
        with pytest.raises(DecodeError, match="columns"):
            await table_list_watch(client, PODS).list(ListOptions())
        with pytest.raises(DecodeError, match="columns"):
            await client.tables.get(PODS, None)


async def test_a_watch_of_another_content_type_or_of_a_status_is_an_error() -> None:
    server = FakeServer()
    page = {"content-type": "text/html; charset=utf-8"}
    server.answer(PATH, [b"<html></html>"], headers=page, watch=True)
    server.answer(PATH, [json.dumps({**STATUS, "reason": "Expired", "code": 410}).encode()], watch=True)
    async with server.client() as client:
        with pytest.raises(DecodeError, match="answered a watch with text/html"):
            async for _ in client.core_v1.pods(None).watch():
                pass
        with pytest.raises(ExpiredError):
            async for _ in client.core_v1.pods(None).watch():
                pass


_WORDS = st.sampled_from(
    ["kind", "apiVersion", "metadata", "items", "resourceVersion", "PodList", "Status", "status", "v1"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=10,
)
_ANSWERS = st.one_of(
    st.binary(max_size=40),
    _JSON.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({}, optional={key: _JSON | st.just(GOOD[key]) for key in GOOD}).map(
        lambda value: json.dumps(value).encode()
    ),
    st.tuples(st.integers(0, 150), st.binary(max_size=3)).map(
        lambda cut: json.dumps(GOOD).encode()[: cut[0]] + cut[1] + json.dumps(GOOD).encode()[cut[0] :]
    ),
)


@given(_ANSWERS)
@example(json.dumps(GOOD).encode()[:79] + b"\x80" + json.dumps(GOOD).encode()[79:])
@settings(max_examples=150, deadline=None)
def test_any_answer_is_the_right_list_or_our_error(body: bytes) -> None:
    async def ask() -> None:
        server = FakeServer()
        server.answer(PATH, [body])
        async with server.client() as client:
            source = list_watch_for(client.core_v1.pods(None))
            for listing in (source.list(ListOptions()), client.dynamic.resource(PODS).list()):
                try:
                    found = await listing
                except KubeError:
                    continue
                said = json.loads(body.decode(errors="replace"))
                assert said["kind"] in ("PodList", "List", "PartialObjectMetadataList")
                assert len(found.items) == len(said["items"] or ())

    anyio.run(ask)
