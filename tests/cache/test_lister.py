from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.gvk import GroupResource
from kmagic.api.selectors import SelectorError
from kmagic.cache.entry import Entry
from kmagic.cache.forms import EntryForm
from kmagic.cache.lister import Lister
from kmagic.cache.store import Store
from kmagic.cache.view import StoreView
from kmagic.client.codec import DictCodec
from kmagic.errors import DecodeError, NotFoundError


def lister(*raws: bytes) -> Lister[Any]:
    store = Store()
    for raw in raws:
        store.add(Entry.parse(raw))
    return Lister(StoreView(store, EntryForm(DictCodec())), GroupResource("apps", "deployments"))


WEB = b'{"metadata":{"name":"web","namespace":"shop","labels":{"app":"web"}}}'
DB = b'{"metadata":{"name":"db","namespace":"shop","labels":{"app":"db"}}}'
OTHER = b'{"metadata":{"name":"web","namespace":"other","labels":{"app":"web"}}}'
NODE = b'{"metadata":{"name":"n1"}}'


def keys(objects: list[Any]) -> list[str]:
    return [f"{o['metadata'].get('namespace', '')}/{o['metadata']['name']}" for o in objects]


def test_ST_09_list_by_labels_and_namespace() -> None:
    found = lister(WEB, DB, OTHER)
    assert keys(found.list(label_selector="app=web")) == ["shop/web", "other/web"]
    assert keys(found("shop").list(label_selector="app=web")) == ["shop/web"]
    assert keys(found("shop").list()) == ["shop/web", "shop/db"]
    assert len(found(None).list()) == 3
    with pytest.raises(SelectorError):
        found.list(label_selector="app in (")


def test_ST_09_only_what_matches_is_decoded() -> None:
    broken = Entry("shop/broken", "shop", "broken", "", "", {"app": "db"}, {}, (), "", "", b"not JSON")
    store = Store()
    for one in (Entry.parse(WEB), broken):
        store.add(one)
    found: Lister[Any] = Lister(StoreView(store, EntryForm(DictCodec())), GroupResource("", "pods"))
    assert len(found.list(label_selector="app=web")) == 1
    with pytest.raises(DecodeError):
        found.list()


def test_ST_09_get_and_the_servers_own_error() -> None:
    found = lister(WEB, NODE)
    assert found("shop").get("web")["metadata"]["name"] == "web"
    assert found.get("shop/web")["metadata"]["name"] == "web"
    assert found.get("n1")["metadata"]["name"] == "n1"
    with pytest.raises(NotFoundError) as caught:
        found("shop").get("nope")
    assert caught.value.message == 'deployments.apps "nope" not found'
    assert caught.value.status["details"] == {"name": "nope", "group": "apps", "kind": "deployments"}


def test_ST_09_readers_own_what_they_get() -> None:
    found = lister(WEB)
    found.get("shop/web")["metadata"]["labels"]["app"] = "harmed"
    assert keys(found.list(label_selector="app=web")) == ["shop/web"]
    assert found.get("shop/web")["metadata"]["labels"]["app"] == "web"
