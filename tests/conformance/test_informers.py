"""Caches follow both servers: filled by list and by watch-list, told of every later change, as objects and as rows."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from kmagic.cache.factory import SharedInformerFactory
from kmagic.cache.informer import SharedInformer
from kmagic.cache.list_watch import list_watch_for
from kmagic.cache.reflector_state import Phase
from kmagic.cache.tables import TableInformer, table_list_watch
from kmagic.cache.until import until_with_sync
from kmagic.client.client import AsyncClient
from kmagic.client.resource import AsyncResource
from kmagic.errors import SyncError
from kmagic.models.core_v1 import ConfigMap
from tests.conformance.objects import configmap

Maps = AsyncResource[dict[str, Any]]


class Heard:
    """What a handler was told, and a way to wait for it."""

    def __init__(self, informer: SharedInformer[Any]) -> None:
        self.seen: list[tuple[str, str, Any]] = []
        self._news = anyio.Event()
        informer.add_handler(
            on_add=lambda new: self._note("add", new),
            on_update=lambda old, new: self._note("update", new),
            on_delete=lambda old: self._note("delete", old),
        )

    def _note(self, word: str, obj: Any) -> None:
        if obj["metadata"]["name"] != "kube-root-ca.crt":  # a controller of the real server makes it in its own time
            self.seen.append((word, obj["metadata"]["name"], obj.get("data")))
            self._news.set()
            self._news = anyio.Event()

    async def heard(self, count: int) -> list[tuple[str, str, Any]]:
        with anyio.fail_after(60):
            while len(self.seen) < count:
                await self._news.wait()
        return self.seen


@pytest.mark.parametrize("watch_list", [False, True], ids=["list", "watch-list"])
async def test_every_change_after_the_fill_arrives(maps: Maps, watch_list: bool) -> None:
    for n in range(20):
        await maps.create(configmap(f"m{n}", {"x": "1"}))
    informer: SharedInformer[Any] = SharedInformer(list_watch_for(maps), watch_list=watch_list)
    heard = Heard(informer)
    async with informer:
        await informer.wait_synced(60)
        await heard.heard(20)
        assert informer.state.watch_list is watch_list
        await maps.create(configmap("late", {"x": "1"}))
        await maps.patch("late", {"data": {"x": "2"}})
        await maps.delete("late")
        seen = (await heard.heard(23))[20:]
        assert seen == [("add", "late", {"x": "1"}), ("update", "late", {"x": "2"}), ("delete", "late", {"x": "2"})]
        found = informer.store.by_index("namespace", maps.namespace or "")
        assert {o["kind"] for o in found} == {"ConfigMap"}
        assert len([o for o in found if o["metadata"]["name"].startswith("m")]) == 20


async def test_a_selector_follows_what_begins_and_ceases_to_match(maps: Maps) -> None:
    await maps.create(configmap("a"))
    informer: SharedInformer[Any] = SharedInformer(list_watch_for(maps, label_selector="app=web"))
    heard = Heard(informer)
    async with informer:
        await informer.wait_synced(60)
        await maps.patch("a", {"metadata": {"labels": {"app": "web"}}})
        await maps.patch("a", {"metadata": {"labels": {"app": "db"}}})
        assert [word for word, _, _ in await heard.heard(2)] == ["add", "delete"]


async def test_typed_listers_of_a_factory(client: AsyncClient, maps: Maps, ns: str) -> None:
    await maps.create(configmap("a", {"x": "1"}))
    factory = SharedInformerFactory(client, namespace=ns)
    found = factory.of(ConfigMap)
    there = anyio.Event()
    # The first list may come from the server's cache, a moment old.
    found.informer.add_handler(on_add=lambda new: there.set() if new.metadata.name == "a" else None)
    async with factory:
        await factory.wait_synced(timeout=60)
        with anyio.fail_after(60):
            await there.wait()
        assert found.lister(ns).get("a").data == {"x": "1"}
        assert found.lister(ns).get("a").metadata.managed_fields == []


async def test_metadata_only(client: AsyncClient, maps: Maps, ns: str) -> None:
    await maps.create(configmap("a", {"x": "1"}))
    factory = SharedInformerFactory(client, namespace=ns, metadata_only=True)
    found = factory.resource("configmaps")
    heard = Heard(found.informer)
    async with factory:
        await factory.wait_synced(timeout=60)
        await heard.heard(1)
        assert set(found.lister(ns).get("a")) == {"apiVersion", "kind", "metadata"}


async def test_what_the_server_does_not_have_is_an_error_at_once(client: AsyncClient) -> None:
    informer = SharedInformer(list_watch_for(client.resource("nosuch.example.com")))
    informer.set_error_handler(lambda error: None)
    async with informer:
        with anyio.fail_after(60), pytest.raises(SyncError, match="nosuch"):
            await informer.wait_synced()


async def test_a_stopped_informer_catches_up(maps: Maps) -> None:
    await maps.create(configmap("gone"))
    informer: SharedInformer[Any] = SharedInformer(list_watch_for(maps))
    heard = Heard(informer)
    async with informer:
        await informer.wait_synced(60)
        await heard.heard(1)
    await maps.delete("gone")
    await maps.create(configmap("new"))
    async with informer:
        assert sorted(call[:2] for call in (await heard.heard(3))[1:]) == [("add", "new"), ("delete", "gone")]
        assert informer.state.lists == 2  # filled anew: what was missed is unknown until then


async def test_rows_follow_in_pages_and_patches(client: AsyncClient, maps: Maps, ns: str) -> None:
    for n in range(7):
        await maps.create(configmap(f"m{n}", {"x": "1"}))
    rows = TableInformer(table_list_watch(client, "cm", ns), page_rows=3)
    patches: list[Any] = []
    news = anyio.Event()

    def note(patch: Any) -> None:
        patches.append(patch)
        if "m0" in [row.name for row in patch.put] and len(patches) > 1 and "m1" not in str(patch):
            news.set()

    rows.subscribe(note)
    async with rows:
        await rows.wait_synced(60)
        assert len(patches) >= 3
        assert [column.name for column in rows.columns] == ["Name", "Data", "Age"]
        assert rows.progress.loaded >= 7
        await maps.patch("m0", {"data": {"y": "2"}})
        with anyio.fail_after(60):
            await news.wait()
        assert next(row for row in rows.rows if row.name == "m0").cells[1] == 2
        assert rows.state.phase is Phase.STREAMING


async def test_waiting_for_a_condition_misses_nothing(maps: Maps) -> None:
    await maps.create(configmap("a", {"ready": "yes"}))
    informer: SharedInformer[Any] = SharedInformer(list_watch_for(maps, field_selector="metadata.name=a"))
    with anyio.fail_after(60):
        event = await until_with_sync(informer, lambda event: (event.object.get("data") or {}).get("ready") == "yes")
    assert event is not None
    assert event.type == "ADDED"
