from __future__ import annotations

from typing import Any

from kmagic.cache.expiration import ExpiringStore
from kmagic.testing.clock import FakeClock


def obj(name: str, ttl: float = 0) -> dict[str, Any]:
    return {"metadata": {"name": name}, "ttl": ttl}


async def test_ST_10_A18_objects_expire_when_they_are_read() -> None:
    clock = FakeClock()
    store = ExpiringStore(ttl=30, clock=clock)
    store.add(obj("a"))
    clock.advance(30)
    assert store.get("a") == obj("a")
    clock.advance(1)
    assert store.list_keys() == ["a"]
    assert store.get(obj("a")) is None
    assert store.list_keys() == []


async def test_ST_10_A18_an_update_begins_the_time_anew() -> None:
    clock = FakeClock()
    store = ExpiringStore(ttl=30, clock=clock)
    for name in "ab":
        store.add(obj(name))
    clock.advance(20)
    store.update(obj("a"))
    clock.advance(20)
    assert [o["metadata"]["name"] for o in store.list()] == ["a"]
    assert len(store) == 1


async def test_ST_10_without_a_time_nothing_expires() -> None:
    clock = FakeClock()
    store = ExpiringStore(clock=clock)
    store.replace([obj("a"), obj("b")], "5")
    clock.advance(1e6)
    assert len(store.list()) == 2
    store.delete("a")
    store.resync()
    assert store.list_keys() == ["b"]
    assert store.get_by_key("a") is None


async def test_A18_each_object_may_have_its_own_time() -> None:
    clock = FakeClock()
    store = ExpiringStore(ttl=lambda o: o["ttl"], clock=clock)
    store.replace([obj("short", 1), obj("long", 100)])
    clock.advance(5)
    assert [o["metadata"]["name"] for o in store.list()] == ["long"]
