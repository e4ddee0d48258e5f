from __future__ import annotations

from typing import Any

import pytest

from kmagic.cache.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kmagic.cache.delta_fifo import DeltaFIFO
from kmagic.cache.fifo import FIFOClosedError, FIFOEmptyError
from kmagic.cache.store import Store


def obj(name: str, value: Any = None) -> dict[str, Any]:
    return {"metadata": {"name": name}, "value": value}


def known(*objects: dict[str, Any]) -> Store:
    store = Store()
    store.replace(objects)
    return store


def pop(fifo: DeltaFIFO) -> list[tuple[str, Any]]:
    deltas: list[Delta] = fifo.pop_now(lambda deltas, initial: deltas)
    return [(delta.type.value, delta.object) for delta in deltas]


def test_Q_01_A10_deltas_wait_by_key_in_the_order_keys_came() -> None:
    fifo = DeltaFIFO()
    fifo.add(obj("a", 1))
    fifo.add(obj("b", 1))
    fifo.update(obj("a", 2))
    fifo.delete(obj("a", 3))
    assert len(fifo) == 2
    assert pop(fifo) == [("Added", obj("a", 1)), ("Updated", obj("a", 2)), ("Deleted", obj("a", 3))]
    assert pop(fifo) == [("Added", obj("b", 1))]


@pytest.mark.parametrize(
    ("older", "newer", "kept"),
    [
        pytest.param(obj("a", 1), obj("a", 2), obj("a", 1), id="Q-02 the older real one"),
        pytest.param(
            obj("a", 1), DeletedFinalStateUnknown("a", obj("a", 2)), obj("a", 1), id="Q-02 real before tombstone"
        ),
        pytest.param(DeletedFinalStateUnknown("a", None), obj("a", 2), obj("a", 2), id="Q-02 real after tombstone"),
    ],
)
def test_two_deletions_in_a_row_are_one(older: Any, newer: Any, kept: Any) -> None:
    fifo = DeltaFIFO(known_objects=known(obj("a")))
    fifo.delete(older)
    fifo.delete(newer)
    assert pop(fifo) == [("Deleted", kept)]


def test_Q_02_nothing_else_is_compressed() -> None:
    fifo = DeltaFIFO()
    for n in range(3):
        fifo.update(obj("a", n))
    assert len(pop(fifo)) == 3


def test_Q_03_deletions_of_what_nobody_saw_are_ignored() -> None:
    for fifo in (DeltaFIFO(), DeltaFIFO(known_objects=known())):
        fifo.delete(obj("a"))
        assert len(fifo) == 0
    fifo = DeltaFIFO(known_objects=known(obj("a")))
    fifo.delete(obj("a"))
    assert len(fifo) == 1


@pytest.mark.parametrize(
    ("emit", "word"), [(True, "Replaced"), (False, "Sync")], ids=["Q-04 A10 replaced", "Q-04 sync"]
)
def test_a_relist_queues_objects_and_then_deletions(emit: bool, word: str) -> None:
    fifo = DeltaFIFO(known_objects=known(obj("known", 9)), emit_replaced=emit)
    fifo.add(obj("queued", 1))
    fifo.delete(DeletedFinalStateUnknown("queued", obj("queued", 2)))
    fifo.replace([obj("new", 5)], "0")
    assert pop(fifo) == [("Added", obj("queued", 1)), ("Deleted", DeletedFinalStateUnknown("queued", obj("queued", 2)))]
    assert pop(fifo) == [(word, obj("new", 5))]
    assert pop(fifo) == [("Deleted", DeletedFinalStateUnknown("known", obj("known", 9)))]


def test_Q_05_the_first_relist_is_counted_down_before_processing() -> None:
    fifo = DeltaFIFO(known_objects=known(obj("gone")))
    fifo.replace([obj("a")])
    seen = [fifo.pop_now(lambda deltas, initial: (initial, fifo.has_synced())) for _ in range(2)]
    # the initial flag is that of the moment of the pop.
    assert seen == [(True, False), (True, True)]


@pytest.mark.parametrize(
    ("actions", "pops", "synced"),
    [
        pytest.param([], 0, False, id="Q-06 nothing"),
        pytest.param([("add", obj("a"))], 0, True, id="Q-06 a first add"),
        pytest.param([("replace", [])], 0, True, id="Q-06 an empty relist"),
        pytest.param([("replace", [obj("a"), obj("b")])], 1, False, id="Q-06 half popped"),
        pytest.param([("replace", [obj("a"), obj("b")])], 2, True, id="Q-06 all popped"),
    ],
)
def test_when_it_is_synced(actions: list[Any], pops: int, synced: bool) -> None:
    fifo = DeltaFIFO()
    for name, argument in actions:
        getattr(fifo, name)(argument)
    for _ in range(pops):
        pop(fifo)
    assert fifo.has_synced() is synced


def test_Q_07_the_initial_flag_ends_with_the_first_relist() -> None:
    fifo = DeltaFIFO()
    fifo.replace([obj("a")])
    fifo.add(obj("b"))
    assert [fifo.pop_now(lambda deltas, initial: initial) for _ in range(2)] == [True, False]


def test_Q_08_A10_resync_skips_what_waits_already() -> None:
    fifo = DeltaFIFO(known_objects=known(obj("a", 1), obj("b", 2)))
    fifo.update(obj("a", 5))
    fifo.resync()
    assert pop(fifo) == [("Updated", obj("a", 5))]
    assert pop(fifo) == [("Sync", obj("b", 2))]
    DeltaFIFO().resync()


def test_Q_09_A10_transforms_see_all_but_tombstones_and_resyncs() -> None:
    fifo = DeltaFIFO(
        known_objects=known(obj("k"), obj("gone")), transform=lambda o: {**o, "seen": 1}, emit_replaced=True
    )
    fifo.resync()
    fifo.add(obj("a"))
    fifo.replace([obj("a"), obj("k")])
    found = {(kind, isinstance(o, dict) and "seen" in o) for _ in range(len(fifo)) for kind, o in pop(fifo)}
    assert found == {("Sync", False), ("Added", True), ("Replaced", True), ("Deleted", False)}


@pytest.mark.parametrize("emit_replaced", [False, True])
def test_Q_09_a_relist_is_transformed_whatever_its_deltas_are_called(emit_replaced: bool) -> None:
    fifo = DeltaFIFO(known_objects=known(), transform=lambda o: {**o, "seen": 1}, emit_replaced=emit_replaced)
    fifo.replace([obj("a")])
    assert pop(fifo) == [("Replaced" if emit_replaced else "Sync", {**obj("a"), "seen": 1})]


def test_Q_09_an_error_of_the_transform_is_the_callers() -> None:
    fifo = DeltaFIFO(transform=lambda o: o["missing"])
    with pytest.raises(KeyError):
        fifo.add(obj("a"))


def test_Q_10_pop_when_empty_closed_or_failing() -> None:
    fifo = DeltaFIFO()
    with pytest.raises(FIFOEmptyError):
        pop(fifo)
    fifo.add(obj("a"))

    def fail(deltas: list[Delta], initial: bool) -> None:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError):
        fifo.pop_now(fail)
    assert len(fifo) == 0
    fifo.close()
    fifo.add(obj("b"))
    with pytest.raises(FIFOClosedError):
        pop(fifo)
    assert fifo.closed


def test_what_waits_can_be_looked_at() -> None:
    fifo = DeltaFIFO()
    fifo.add(obj("a", 1))
    fifo.update(obj("a", 2))
    fifo.add_if_not_present([Delta(DeltaType.ADDED, obj("a", 3))])
    fifo.add_if_not_present([Delta(DeltaType.ADDED, obj("b", 3))])
    assert fifo.list() == [obj("a", 2), obj("b", 3)]
    assert fifo.list_keys() == ["a", "b"]
    assert len(fifo.get(obj("a")) or ()) == 2
    copy = fifo.get_by_key("b")
    assert copy is not None
    copy.clear()
    assert len(pop(fifo)) == 2
    assert pop(fifo) == [("Added", obj("b", 3))]
    with pytest.raises(ValueError, match="0 length"):
        fifo.key_of([])


def test_bookmarks_are_not_for_this_queue() -> None:
    fifo = DeltaFIFO()
    fifo.bookmark("5")
    assert len(fifo) == 0
