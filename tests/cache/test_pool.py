from __future__ import annotations

from typing import Any

from kmagic.cache.informer import SharedInformer
from kmagic.cache.pool import InformerPool
from kmagic.testing.source import FakeListWatch


async def test_one_cache_for_all_owners_of_a_key_until_the_last_gives_it_back() -> None:
    pool, made = InformerPool(), []

    def make() -> SharedInformer[Any]:
        made.append(SharedInformer(FakeListWatch()))
        return made[-1]

    one, two = pool.acquire("pods", make), pool.acquire("pods", make)
    other = pool.acquire("nodes", make)
    assert len(made) == 2
    assert pool.owners("pods") == 2
    assert one.store.entries is two.store.entries
    assert other.store.entries is not one.store.entries
    kept = two.add_handler(on_add=print)
    gone = one.add_handler(on_add=print)
    pool.release("pods", one)
    assert (gone.removed, kept.removed) == (True, False)
    assert set(pool.keys) == {"pods", "nodes"}
    pool.release("pods", two)
    assert set(pool.keys) == {"nodes"}
    assert pool.owners("pods") == 0
    pool.acquire("pods", make)
    assert len(made) == 3
    assert repr(pool) == "<InformerPool of 2>"
    assert len(pool.informers) == 2
