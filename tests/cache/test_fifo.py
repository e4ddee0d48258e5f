from __future__ import annotations

from typing import Any

import pytest

from kmagic.cache.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kmagic.cache.fifo import FIFOClosedError, FIFOEmptyError, RealFIFO
from kmagic.cache.store import Store


def obj(name: str, value: Any = None) -> dict[str, Any]:
    return {"metadata": {"name": name}, "value": value}


def pop(fifo: RealFIFO) -> tuple[str, Any]:
    delta = fifo.pop_now(lambda delta, initial: delta)
    return delta.type.value, delta.object


def pop_all(fifo: RealFIFO) -> list[tuple[str, Any]]:
    return [pop(fifo) for _ in range(len(fifo))]


def known(*objects: dict[str, Any]) -> Store:
    store = Store()
    store.replace(objects)
    return store


def test_Q_11_every_update_is_a_delivery_of_its_own() -> None:
    fifo = RealFIFO()
    for n in range(3):
        fifo.update(obj("a", n))
    fifo.add(obj("b"))
    assert [o["value"] for _, o in pop_all(fifo)] == [0, 1, 2, None]


def test_Q_12_deletions_are_queued_known_or_not() -> None:
    fifo = RealFIFO()
    fifo.delete(obj("a"))
    assert pop(fifo) == ("Deleted", obj("a"))


def test_Q_13_A9_a_relist_of_single_deltas_deletes_first() -> None:
    store = known(obj("foo", 5), obj("bar", 6), obj("baz", 7))
    fifo = RealFIFO(known_objects=store)
    fifo.add(obj("queued", 1))
    fifo.delete(obj("baz", 10))
    fifo.replace([obj("foo", 5)], "0")
    assert pop_all(fifo) == [
        ("Added", obj("queued", 1)),
        ("Deleted", obj("baz", 10)),
        ("Deleted", DeletedFinalStateUnknown("queued", obj("queued", 1))),
        ("Deleted", DeletedFinalStateUnknown("bar", obj("bar", 6))),
        ("Replaced", obj("foo", 5)),
    ]


def test_Q_13_a_nested_tombstone_is_unwrapped() -> None:
    fifo = RealFIFO(known_objects=known())
    fifo.add(obj("a", 1))
    fifo.update(DeletedFinalStateUnknown("a", obj("a", 2)))
    fifo.replace([], "0")
    assert pop_all(fifo)[-1] == ("Deleted", DeletedFinalStateUnknown("a", obj("a", 2)))


@pytest.mark.parametrize(
    ("actions", "pops", "synced"),
    [
        pytest.param([], 0, False, id="Q-06 A8 nothing"),
        pytest.param([("add", obj("a"))], 1, True, id="Q-06 A8 a first add counts as populated"),
        pytest.param([("replace", [])], 0, True, id="Q-06 A8 an empty relist is synced at once"),
        pytest.param([("replace", [obj("a"), obj("b")])], 0, False, id="Q-13 A8 not yet popped"),
        pytest.param([("replace", [obj("a"), obj("b")])], 1, False, id="Q-13 A8 half popped"),
        pytest.param([("replace", [obj("a"), obj("b")])], 2, True, id="Q-13 A8 all popped"),
        pytest.param([("replace", [obj("a")]), ("add", obj("b"))], 1, True, id="Q-13 A8 later ones do not count"),
    ],
)
def test_synced_after_the_first_relist_was_processed(actions: list[Any], pops: int, synced: bool) -> None:
    fifo = RealFIFO(known_objects=known())
    for name, argument in actions:
        getattr(fifo, name)(argument)
    for _ in range(pops):
        pop(fifo)
    assert fifo.has_synced() is synced


def test_A8_deletions_of_the_first_relist_are_waited_for() -> None:
    fifo = RealFIFO(known_objects=known(obj("gone")))
    fifo.replace([])
    assert not fifo.has_synced()
    pop(fifo)
    assert fifo.has_synced()


def test_Q_13_counted_down_after_processing() -> None:
    fifo = RealFIFO()
    fifo.replace([obj("a")], "1")
    assert fifo.pop_now(lambda delta, initial: (fifo.has_synced(), initial)) == (False, True)
    assert fifo.has_synced()


def test_Q_14_A9_an_atomic_relist_and_resync_are_one_item_each() -> None:
    fifo = RealFIFO(transform=lambda o: {**o, "seen": True}, emit_bookmarks=True)
    fifo.replace([obj("a"), obj("b")], "7")
    fifo.resync()
    fifo.bookmark("8")
    deltas = [fifo.pop_now(lambda delta, initial: delta) for _ in range(3)]
    assert [delta.type for delta in deltas] == [DeltaType.REPLACED_ALL, DeltaType.SYNC_ALL, DeltaType.BOOKMARK]
    assert [o["seen"] for o in deltas[0].object] == [True, True]
    assert (deltas[0].resource_version, deltas[2].resource_version) == ("7", "8")


def test_Q_14_bookmarks_only_where_they_are_wanted() -> None:
    fifo = RealFIFO()
    fifo.bookmark("8")
    assert len(fifo) == 0


def test_Q_14_atomic_takes_no_known_objects() -> None:
    with pytest.raises(ValueError, match="atomic"):
        RealFIFO(known_objects=known(), atomic=True)


def test_Q_15_atomic_and_single_relists_change_a_store_alike() -> None:
    for seed in ([obj("a", 1), obj("b", 1)], []):
        outcomes = []
        for atomic in (True, False):
            store = known(*seed)
            fifo = RealFIFO(known_objects=None if atomic else store, atomic=atomic)
            fifo.replace([obj("b", 2), obj("c", 2)], "9")
            changes = []
            while len(fifo):
                changes += fifo.pop_now(lambda delta, initial: store.apply(delta, initial=initial))  # noqa: B023
            outcomes.append((changes, sorted(store.list_keys())))
        assert outcomes[0] == outcomes[1]


def test_Q_08_resync_of_single_deltas_skips_what_waits_already() -> None:
    fifo = RealFIFO(known_objects=known(obj("a"), obj("b")))
    fifo.update(obj("a", 2))
    fifo.resync()
    assert pop_all(fifo) == [("Updated", obj("a", 2)), ("Sync", obj("b"))]


def test_Q_17_batches_have_each_key_once_and_relists_travel_alone() -> None:
    fifo = RealFIFO(emit_bookmarks=True)
    fifo.add(obj("a"))
    fifo.add(obj("b"))
    fifo.update(obj("a", 2))
    fifo.replace([obj("c")], "1")
    fifo.add(obj("d"))
    fifo.bookmark("2")
    sizes = []
    while len(fifo):
        sizes.append(fifo.pop_batch_now(lambda batch, initial: [delta.type.value for delta in batch]))
    assert sizes == [["Added", "Added"], ["Updated"], ["ReplacedAll"], ["Added"], ["Bookmark"]]


def test_Q_17_batches_end_where_the_initial_list_ends_and_at_a_thousand() -> None:
    fifo = RealFIFO(known_objects=known())
    fifo.replace([obj(str(n)) for n in range(1500)])
    for n in range(10):
        fifo.add(obj(f"late-{n}"))
    batches = []
    while len(fifo):
        batches.append(fifo.pop_batch_now(lambda batch, initial: (len(batch), initial)))
    assert batches == [(1000, True), (500, True), (10, False)]


def test_Q_17_an_object_without_a_key_closes_its_batch() -> None:
    fifo = RealFIFO()
    for o in (obj("a"), {"no": "metadata"}, obj("b")):
        fifo.add(o)
    assert fifo.pop_batch_now(lambda batch, initial: len(batch)) == 2


def test_Q_10_pop_after_close_and_errors_of_the_process() -> None:
    fifo = RealFIFO()
    with pytest.raises(FIFOEmptyError):
        pop(fifo)
    fifo.add(obj("a"))

    def fail(delta: Delta, initial: bool) -> None:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fifo.pop_now(fail)
    assert len(fifo) == 0
    fifo.add(obj("a"))
    fifo.close()
    fifo.add(obj("b"))
    assert pop(fifo) == ("Added", obj("a"))
    with pytest.raises(FIFOClosedError):
        pop(fifo)
    assert fifo.closed


def test_Q_09_transforms_see_every_object_but_tombstones() -> None:
    fifo = RealFIFO(known_objects=known(obj("gone")), transform=lambda o: {**o, "seen": True})
    fifo.add(obj("a"))
    fifo.delete(DeletedFinalStateUnknown("x", None))
    fifo.replace([obj("a")])
    assert [isinstance(o, DeletedFinalStateUnknown) or o["seen"] for _, o in pop_all(fifo)] == [True] * 4


def test_what_waits_can_be_looked_at() -> None:
    fifo = RealFIFO()
    fifo.replace([obj("a", 1)], "1")
    fifo.add(obj("b"))
    fifo.update(obj("a", 2))
    fifo.add_if_not_present(obj("a", 3))
    fifo.add_if_not_present(obj("c"))
    assert fifo.list_keys() == ["a", "b", "c"]
    assert fifo.list() == [obj("a", 2), obj("b"), obj("c")]
    assert [d.object["value"] for d in fifo.get(obj("a")) or ()] == [1, 2]
    assert fifo.get_by_key("nope") is None


def test_word_of_every_change_is_given() -> None:
    rings: list[int] = []
    fifo = RealFIFO(on_change=lambda: rings.append(1))
    fifo.add(obj("a"))
    fifo.close()
    fifo.add(obj("b"))
    assert len(rings) == 2
