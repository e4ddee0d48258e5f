from __future__ import annotations

import threading
from typing import Any

import pytest

from kmagic.cache.entry import Entry
from kmagic.cache.forms import EntryForm, PlainForm
from kmagic.cache.store import NAMESPACE_INDEX, Store, namespace_index
from kmagic.cache.view import StoreView
from kmagic.client.codec import DictCodec


def entry(name: str, namespace: str = "shop") -> Entry:
    return Entry.parse(f'{{"metadata":{{"name":"{name}","namespace":"{namespace}","resourceVersion":"3"}}}}'.encode())


@pytest.fixture
def view() -> StoreView[dict[str, Any]]:
    store = Store(indexers={NAMESPACE_INDEX: namespace_index})
    for one in (entry("a"), entry("b"), entry("c", "other")):
        store.add(one)
    return StoreView(store, EntryForm(DictCodec()))


def test_reads_are_decoded(view: StoreView[dict[str, Any]]) -> None:
    def names(objects: list[dict[str, Any]]) -> list[str]:
        return sorted(o["metadata"]["name"] for o in objects)

    found = view.get_by_key("shop/a")
    assert found is not None
    assert found["metadata"]["name"] == "a"
    assert view.get(found) == found
    assert view.get("shop/nope") is None
    assert names(view.list()) == names(list(view)) == ["a", "b", "c"]
    assert names(view.in_namespace("shop")) == names(view.by_index("namespace", "shop")) == ["a", "b"]
    assert names(view.index("namespace", {"metadata": {"name": "x", "namespace": "other"}})) == ["c"]
    assert view.index_keys("namespace", "other") == ["other/c"]
    assert sorted(view.list_index_values("namespace")) == ["other", "shop"]
    assert view.list_keys() == ["shop/a", "shop/b", "other/c"]
    assert (len(view), "shop/a" in view, view.last_sync_resource_version) == (3, True, "3")
    assert repr(view) == "<StoreView of 3 at 3>"


def test_there_is_no_way_to_write(view: StoreView[dict[str, Any]]) -> None:
    assert not {"add", "update", "delete", "replace"} & set(dir(view))


def test_CC_01_other_threads_may_read_while_the_loop_writes() -> None:
    store = Store(indexers={NAMESPACE_INDEX: namespace_index})
    view: StoreView[Any] = StoreView(store, PlainForm())
    done = threading.Event()
    errors: list[Exception] = []

    def read() -> None:
        try:
            while not done.is_set():
                view.list()
                view.by_index("namespace", "n")
                view.index_keys("namespace", "n")
                view.list_keys()
        except Exception as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(3000):
        store.add({"metadata": {"name": str(n % 50), "namespace": "n"}})
        store.delete(f"n/{(n + 25) % 50}")
    done.set()
    reader.join()
    assert errors == []
