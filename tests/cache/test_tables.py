from __future__ import annotations

import json
import time
from typing import Any

import anyio
import msgspec
import pytest

from kmagic.api.options import ListOptions
from kmagic.cache.tables import Progress, TableInformer, table_list_watch
from kmagic.errors import DecodeError, SyncError
from kmagic.rest.resource import APIResource
from kmagic.testing.clock import FakeClock
from kmagic.views.table import Row, RowPatch
from tests.cache.fake_server import FakeServer, watch_line

PODS = "/api/v1/namespaces/shop/pods"
RESOURCE = APIResource("", "v1", "pods", "Pod", True)
COLUMNS = [{"name": "Name", "type": "string", "format": "name"}, {"name": "Ready", "type": "string", "priority": 0}]


def row(name: str, ready: str = "1/1", version: str = "1") -> dict[str, Any]:
    head = {"name": name, "namespace": "shop", "uid": f"u-{name}", "resourceVersion": version, "managedFields": [{}]}
    return {"cells": [name, ready], "object": {"kind": "PartialObjectMetadata", "metadata": head}}


def table(*rows: dict[str, Any], version: str = "7", columns: Any = COLUMNS, **meta: Any) -> dict[str, Any]:
    return {
        "kind": "Table",
        "metadata": {"resourceVersion": version, **meta},
        "columnDefinitions": columns,
        "rows": list(rows),
    }


class Seen:
    def __init__(self, informer: TableInformer) -> None:
        self.patches: list[tuple[list[str], list[str], bool]] = []
        self.progress: list[Progress] = []
        self._informer = informer
        self.unsubscribe = informer.subscribe(self.patch, lambda state: self.progress.append(informer.progress))

    def patch(self, patch: RowPatch) -> None:
        self.patches.append(([r.name for r in patch.put], list(patch.drop), patch.columns is not None))


def tables(server: FakeServer, client: Any, **options: Any) -> TableInformer:
    source = table_list_watch(client, RESOURCE, "shop", label_selector="app=web")
    return TableInformer(source, clock=FakeClock(), rng=lambda: 0.0, **options)


async def test_the_first_page_is_shown_while_the_rest_still_comes() -> None:
    server = FakeServer()
    server.answer(PODS, table(row("a"), row("b"), **{"continue": "t", "remainingItemCount": 1}), watch=False)
    server.answer(PODS, table(row("c")), watch=False)
    async with server.client() as client:
        informer = tables(server, client, page_rows=2)
        seen = Seen(informer)
        assert informer.columns == ()
        async with informer:
            await informer.wait_synced(5)
            await server.received(3)
            assert seen.patches == [(["a", "b"], [], True), (["c"], [], False)]
            assert Progress(2, 3) in seen.progress
            assert informer.progress == Progress(3, 3)
            assert [c.name for c in informer.columns] == ["Name", "Ready"]
            first = next(iter(informer.rows))
            assert abs(first.came - time.time()) < 60
            assert msgspec.structs.replace(first, came=0.0) == Row("shop/a", ("a", "1/1"), "shop", "a", "u-a", "1")
    first, second, watch = server.requests[:3]
    assert dict(first.url.params) == {"labelSelector": "app=web", "limit": "2", "includeObject": "Metadata"}
    assert second.url.params["continue"] == "t"
    assert (watch.url.params["resourceVersion"], watch.url.params["includeObject"]) == ("7", "Metadata")
    assert all("as=Table" in r.headers["accept"] for r in server.requests)


async def test_events_of_a_chunk_are_one_patch() -> None:
    server = FakeServer()
    server.answer(PODS, table(row("a"), row("b")), watch=False)
    lines = [
        watch_line("ADDED", table(row("c", version="8"))),
        watch_line("MODIFIED", table(row("a", "0/1", "9"), columns=None)),
        watch_line("DELETED", table(row("b", version="10"), columns=None)),
        watch_line("DELETED", table(row("never", version="11"), columns=None)),
        watch_line("BOOKMARK", table(row("", version="12"), version="", columns=None)),
    ]
    server.answer(PODS, [b"".join(lines)], watch=True, hang=True)
    async with server.client() as client:
        informer = tables(server, client)
        seen = Seen(informer)
        async with informer:
            await informer.wait_synced(5)
            await anyio.wait_all_tasks_blocked()
            assert seen.patches == [(["a", "b"], [], True), (["c", "a"], ["shop/b"], False)]
            assert [(r.name, r.cells[1]) for r in informer.rows] == [("a", "0/1"), ("c", "1/1")]
            assert informer.state.resource_version == "12"


async def test_RF_13_a_relist_is_one_patch_of_what_differs() -> None:
    server = FakeServer()
    server.answer(PODS, table(row("a"), row("b")), watch=False)
    server.answer(PODS, table(row("a"), row("c"), version="20"), watch=False)
    expired = {"kind": "Status", "reason": "Expired", "code": 410, "message": "too old"}
    server.answer(PODS, [watch_line("ERROR", expired)], watch=True)
    server.answer(PODS, [], watch=True, hang=True)
    async with server.client() as client:
        informer = tables(server, client)
        seen = Seen(informer)
        async with informer:
            await informer.wait_synced(5)
            assert isinstance(informer.clock, FakeClock)
            await informer.clock.elapse(2)
            assert seen.patches == [(["a", "b"], [], True), (["c"], ["shop/b"], False)]
            assert informer.state.resource_version == "20"


async def test_rows_of_a_first_list_that_failed_halfway_do_not_stay() -> None:
    server = FakeServer()
    server.answer(PODS, table(row("gone"), **{"continue": "t"}), watch=False)
    server.answer(
        PODS, {"kind": "Status", "reason": "InternalError", "code": 500, "message": "no"}, status=500, watch=False
    )
    server.answer(PODS, table(row("a")), watch=False)
    async with server.client() as client:
        informer = tables(server, client)
        seen = Seen(informer)
        async with informer:
            await anyio.wait_all_tasks_blocked()
            assert isinstance(informer.clock, FakeClock)
            await informer.clock.elapse(2)
            assert [r.name for r in informer.rows] == ["a"]
            assert seen.patches[-1][1] == ["shop/gone"]


async def test_unsubscribed_ends_word_of_changes() -> None:
    server = FakeServer()
    server.answer(PODS, table(row("a")), watch=False)
    async with server.client() as client:
        informer = tables(server, client)
        seen = Seen(informer)
        seen.unsubscribe()
        seen.unsubscribe()
        async with informer:
            await informer.wait_synced(5)
        assert (seen.patches, seen.progress) == ([], [])


async def test_a_server_that_renders_no_table_and_one_that_refuses() -> None:
    server = FakeServer()
    server.answer(PODS, {"kind": "PodList", "metadata": {}, "items": []}, watch=False)
    async with server.client() as client:
        source = table_list_watch(client, RESOURCE, "shop")
        with pytest.raises(DecodeError, match="does not render tables"):
            await source.list(ListOptions())
    server = FakeServer()
    refusal = {"kind": "Status", "reason": "Forbidden", "code": 403, "message": "not you"}
    server.answer(PODS, [json.dumps(refusal).encode()], status=403)
    async with server.client() as client:
        informer = tables(server, client)
        async with informer:
            with anyio.fail_after(5), pytest.raises(SyncError, match='cannot list pods in namespace "shop": not you'):
                await informer.wait_synced()


async def test_rows_without_an_object_are_known_by_their_first_cell() -> None:
    server = FakeServer()
    server.answer(PODS, table({"cells": ["x", "1/1"]}), watch=False)
    async with server.client() as client:
        informer = tables(server, client)
        async with informer:
            await informer.wait_synced(5)
            assert [r.key for r in informer.rows] == ["x"]
            assert "1 rows, streaming" in repr(informer)
