from __future__ import annotations

from typing import Any

import pytest

from kmagic.cache.mutation import MutationCache
from kmagic.cache.store import Store
from kmagic.testing.clock import FakeClock


def obj(version: str, name: str = "a", uid: str = "u1", node: str = "n1") -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": version, "uid": uid}, "node": node}


def by_node(o: dict[str, Any]) -> list[str]:
    return [str(o["node"])]


def caches(**options: Any) -> tuple[Store, MutationCache, FakeClock]:
    clock = FakeClock()
    store = Store(indexers={"node": by_node})
    return store, MutationCache(store, clock=clock, indexers={"node": by_node}, **options), clock


def test_ST_12_the_newer_of_the_two_is_shown() -> None:
    store, cache, _ = caches()
    store.add(obj("5"))
    cache.mutation(obj("7"))
    assert cache.get_by_key("a") == obj("7")
    store.update(obj("9"))
    assert cache.get_by_key("a") == obj("9")


def test_ST_12_versions_are_compared_as_numbers() -> None:
    store, cache, _ = caches()
    store.add(obj("9"))
    cache.mutation(obj("10"))
    assert cache.get_by_key("a") == obj("10")


@pytest.mark.parametrize("include_adds", [False, True])
def test_ST_12_what_the_cache_does_not_have_is_shown_only_where_wanted(include_adds: bool) -> None:
    _, cache, _ = caches(include_adds=include_adds)
    cache.mutation(obj("7"))
    assert (cache.get_by_key("a") is not None) is include_adds
    assert len(cache.by_index("node", "n1")) == int(include_adds)


def test_ST_12_by_index_follows_written_objects() -> None:
    store, cache, _ = caches(include_adds=True)
    store.add(obj("5"))
    store.add(obj("5", "b"))
    cache.mutation(obj("7", node="n2"))
    cache.mutation(obj("8", "c", "u3", node="n2"))
    assert [o["metadata"]["name"] for o in cache.by_index("node", "n1")] == ["b"]
    assert [o["metadata"]["name"] for o in cache.by_index("node", "n2")] == ["a", "c"]


def test_ST_12_written_objects_are_forgotten_in_time() -> None:
    store, cache, clock = caches(ttl=300)
    store.add(obj("5"))
    cache.mutation(obj("7"))
    clock.advance(299)
    assert cache.get_by_key("a") == obj("7")
    clock.advance(2)
    assert cache.get_by_key("a") == obj("5")


def test_ST_12_a_hundred_written_objects_are_kept() -> None:
    _, cache, _ = caches(include_adds=True)
    for n in range(101):
        cache.mutation(obj("7", f"o{n}"))
    assert cache.get_by_key("o0") is None
    assert cache.get_by_key("o1") is not None


def test_ST_12_older_writes_do_not_replace_newer_ones() -> None:
    store, cache, _ = caches()
    store.add(obj("1"))
    cache.mutation(obj("7"))
    cache.mutation(obj("6"))
    assert cache.get_by_key("a") == obj("7")


def test_ST_12_the_cache_that_caught_up_clears_the_write() -> None:
    _, cache, _ = caches(include_adds=True)
    cache.mutation(obj("7"))
    cache.on_add_or_update(obj("6"))
    assert cache.get_by_key("a") == obj("7")
    cache.on_add_or_update(obj("7"))
    assert cache.get_by_key("a") is None


def test_ST_12_a_write_reported_after_the_deletion_is_ignored() -> None:
    _, cache, _ = caches(include_adds=True)
    cache.on_delete(obj("8"))
    cache.mutation(obj("7"))
    assert cache.get_by_key("a") is None
    cache.mutation(obj("9", uid="another"))
    assert cache.get_by_key("a") == obj("9", uid="another")


def test_ST_12_a_deletion_of_an_older_object_keeps_the_new_one() -> None:
    _, cache, _ = caches(include_adds=True)
    cache.mutation(obj("9", uid="new"))
    cache.on_delete(obj("8", uid="old"))
    assert cache.get_by_key("a") == obj("9", uid="new")
    cache.on_delete(obj("8", uid="new"))
    assert cache.get_by_key("a") is None
