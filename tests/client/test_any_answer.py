"""Whatever a server answers, whole or in pieces: a value, or an error of the tree; nothing of a library below leaves."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kmagic.api import meta
from kmagic.api.options import ListOptions
from kmagic.cache.entry import Entry, parse_event, parse_whole_event
from kmagic.client.codec import DictCodec, MetadataCodec, ModelCodec
from kmagic.client.discovery import Discovery
from kmagic.client.resource import AsyncResource
from kmagic.client.rest import RESTClient
from kmagic.client.scale import scale_from
from kmagic.client.table import TableClient
from kmagic.errors import KubeError
from kmagic.models.core_v1 import Pod
from kmagic.rest.resource import APIResource
from kmagic.rest.watch import WatchDecoder, raw_event
from tests.client.worlds import AGGREGATED, CORE, NAMED
from tests.strange import STRANGE_JSON, bounded, changed, json_like
from tests.transport.servers import InstantClock, ScriptedServer, streaming

PODS = APIResource("", "v1", "pods", "Pod", True)
POD: dict[str, Any] = {
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {
        "name": "a",
        "namespace": "shop",
        "resourceVersion": "7",
        "labels": {"app": "a"},
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "ownerReferences": [{"uid": "u", "controller": True}],
        "managedFields": [{"manager": "m", "fieldsV1": {"f:spec": {}}}],
    },
    "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}, "ports": [{"containerPort": 80}]}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}
LIST = {
    "kind": "PodList",
    "apiVersion": "v1",
    "metadata": {"resourceVersion": "7", "remainingItemCount": None},
    "items": [POD, POD],
}
STATUS = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "Conflict",
    "code": 409,
    "message": "m",
    "details": {"name": "a", "retryAfterSeconds": 1, "causes": [{"reason": "x", "field": "y", "message": "z"}]},
}
TABLE = {
    "kind": "Table",
    "metadata": {"resourceVersion": "7"},
    "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "priority": 0}],
    "rows": [{"cells": ["a", 1, None], "object": {"kind": "PartialObjectMetadata", "metadata": POD["metadata"]}}],
}
SCALE = {
    "kind": "Scale",
    "metadata": {"name": "a"},
    "spec": {"replicas": 1},
    "status": {"replicas": 1, "selector": "a=b"},
}
DOCUMENTS = [
    {"kind": "APIGroupDiscoveryList", "items": CORE + NAMED},
    {"kind": "APIVersions", "versions": ["v1"]},
    {"kind": "APIGroupList", "groups": [{"name": "a", "versions": [{"groupVersion": "a/v1", "version": "v1"}]}]},
    {"kind": "APIResourceList", "resources": [{"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["get"]}]},
    {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=a"}}},
    {"major": "1", "minor": "37", "gitVersion": "v1.37.2"},
]
EVENTS = [{"type": "ADDED", "object": POD}, {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "8"}}}]
EVENTS += [{"type": "ERROR", "object": STATUS}, {"type": "MODIFIED", "object": TABLE}]

CODECS = [DictCodec(), MetadataCodec(), ModelCodec(Pod)]
strange = st.sampled_from(list(STRANGE_JSON.values())) | st.binary(max_size=60) | json_like()
codes = st.sampled_from([200, 200, 200, 201, 302, 400, 404, 409, 410, 422, 500, 503])
kinds = st.sampled_from(
    ["application/json", "text/html", AGGREGATED["content-type"], "application/vnd.kubernetes.protobuf", ""]
)


def the(body: bytes, code: int = 200, content_type: str = "application/json") -> RESTClient:
    server = ScriptedServer(lambda _: httpx.Response(code, content=body, headers={"content-type": content_type}))
    return RESTClient(server.transport(), clock=InstantClock(), max_retries=0)


def ends(call: Callable[[], Awaitable[Any]]) -> Any:
    """What a call returns, or None where it raised an error of the tree; any other error fails the test."""
    found = []

    async def run() -> None:
        with anyio.fail_after(60), contextlib.suppress(KubeError):
            found.append(await call())

    anyio.run(run)
    return found[0] if found else None


@bounded(100)
@given(strange | changed(POD, STATUS, LIST), codes, kinds, st.sampled_from(CODECS))
@example(b"", 200, "application/json", CODECS[0])
@example(b'{"kind":"Status","code":"abc","details":[1]}', 404, "application/json", CODECS[0])
def test_any_answer_to_a_verb(body: bytes, code: int, content_type: str, codec: Any) -> None:
    rest = the(body, code, content_type)
    resource: Any = AsyncResource(rest, PODS, codec, "shop")
    for call in (
        lambda: resource.get("a"),
        lambda: resource.patch("a", {"data": {}}),
        lambda: resource.delete("a"),
        lambda: resource.delete_collection(),
        lambda: resource.create_subresource("a", "eviction", {}),
    ):
        if (found := ends(call)) is not None and not isinstance(found, int | tuple):
            meta.name(found), meta.labels(found), meta.owner_uids(found)  # what everybody asks first


@bounded(100)
@given(strange | changed(LIST, STATUS, TABLE), codes, st.sampled_from(CODECS))
def test_any_answer_to_a_list(body: bytes, code: int, codec: Any) -> None:
    resource: Any = AsyncResource(the(body, code), PODS, codec, "shop")
    found = ends(lambda: resource.list())
    for item in found.items if found else ():
        assert isinstance(meta.name(item), str | None) or isinstance(codec, DictCodec)


@bounded(80)
@given(strange | changed(TABLE, STATUS, LIST), codes)
def test_any_answer_where_a_table_was_asked_for(body: bytes, code: int) -> None:
    found = ends(lambda: TableClient(the(body, code)).get(PODS, "shop"))
    assert found is None or all(isinstance(row.cells, tuple) for row in found.rows)


@bounded(100)
@given(strange | changed(*DOCUMENTS), codes, kinds, st.booleans())
def test_any_answer_to_discovery(body: bytes, code: int, content_type: str, legacy: bool) -> None:
    for call in (
        lambda found: found.all(),
        lambda found: found.version(),
        lambda found: found.openapi_paths(),
        lambda found: found.openapi("v1"),
        lambda found: found.preferred_resources(),
    ):
        discovery = Discovery(the(body, code, content_type), legacy=legacy)
        ends(lambda call=call, discovery=discovery: call(discovery))


@bounded(80)
@given(changed(SCALE, STATUS) | strange)
def test_any_answer_where_a_scale_was_asked_for(body: bytes) -> None:
    with contextlib.suppress(KubeError):
        found = scale_from(DictCodec().decode(body))
        assert isinstance(found.replicas, int)
        assert isinstance(found.selector, str)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[begin:end] for begin, end in itertools.pairwise(places)]


@bounded(100)
@given(st.lists(changed(*EVENTS) | strange, max_size=4), st.lists(st.integers(0, 3000), max_size=4))
def test_any_frames_of_a_watch(frames: list[bytes], cuts: list[int]) -> None:
    for read in (raw_event, parse_event, parse_whole_event):
        decoder: WatchDecoder[Any] = WatchDecoder(read)
        with contextlib.suppress(KubeError):
            for piece in pieces(b"\n".join(frames), cuts):
                decoder.feed(piece)
            decoder.finish()


@bounded(60)
@given(
    st.lists(changed(*EVENTS) | strange, max_size=4),
    st.sampled_from(CODECS),
    st.sampled_from(["application/json", "text/html"]),
)
def test_any_answer_to_a_watch(frames: list[bytes], codec: Any, content_type: str) -> None:
    body = b"\n".join(frames) + b"\n"

    async def watched(stream: Any) -> None:
        async for _ in stream:
            pass

    def client() -> RESTClient:
        answer = streaming(body)
        answer.headers["content-type"] = content_type
        return RESTClient(ScriptedServer(answer).transport(), clock=InstantClock(), max_retries=0)

    resource: Any = AsyncResource(client(), PODS, codec, "shop")
    ends(lambda: watched(resource.watch(resource_version="7")))
    ends(lambda: watched(TableClient(client()).watch(PODS, "shop", ListOptions(resource_version="7"))))


@bounded(80)
@given(changed(POD) | strange, st.sampled_from(CODECS))
def test_any_object_of_a_cache(body: bytes, codec: Any) -> None:
    with contextlib.suppress(KubeError):
        entry = Entry.parse(body)
        assert entry.key or not entry.name  # a bookmark has neither
        entry.decode(codec)


@pytest.mark.parametrize("body", STRANGE_JSON.values(), ids=STRANGE_JSON)
def test_what_is_no_object_says_what_came(body: bytes) -> None:
    async def got() -> None:
        with pytest.raises(KubeError, match="the server"):
            await AsyncResource(the(body), PODS, DictCodec(), "shop").get("a")

    anyio.run(got)
