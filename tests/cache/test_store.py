from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.cache.delta import Change, DeletedFinalStateUnknown, Delta, DeltaType
from kmagic.cache.store import NAMESPACE_INDEX, OWNER_INDEX, PushStore, Store, namespace_index, owner_index, single_key


def obj(name: str, version: str = "", namespace: str = "", **more: Any) -> dict[str, Any]:
    meta = {"name": name, "resourceVersion": version, "namespace": namespace, **more}
    return {"metadata": {k: v for k, v in meta.items() if v}}


def by_letter(o: dict[str, Any]) -> list[str]:
    return [str(o["metadata"]["name"][0])]


def test_A17_add_update_and_delete() -> None:
    store = Store()
    first, second = obj("a", "1"), obj("a", "2")
    assert store.add(first) is None
    assert store.update(second) is first
    assert store.get(first) is second
    assert store.get_by_key("a") is second
    assert store.list_keys() == ["a"]
    assert store.list() == [second]
    assert store.delete(first) is second
    assert store.delete("a") is None
    assert len(store) == 0
    assert "a" not in store


def test_CC_07_a_store_of_plain_objects_shares_them() -> None:
    store, o = Store(), obj("a")
    store.add(o)
    assert store.get("a") is o
    assert next(iter(store)) is o


def test_ST_03_index_values_without_objects_are_not_kept() -> None:
    store = Store(indexers={"letter": by_letter})
    store.add(obj("ab"))
    store.add(obj("ac"))
    store.delete("ab")
    assert store.list_index_values("letter") == ["a"]
    store.delete("ac")
    assert store.list_index_values("letter") == []
    store.add(obj("x", namespace="n"))
    store.update({"metadata": {"name": "x", "namespace": "n", "labels": {}}})
    assert store.index_keys("letter", "x") == ["n/x"]


def test_ST_03_an_index_function_that_fails_changes_nothing() -> None:
    store = Store(indexers={"letter": by_letter, "labels": lambda o: list(o["metadata"]["labels"])})
    good = obj("a", labels={"l": "1"})
    store.add(good)
    with pytest.raises(KeyError):
        store.update(obj("a", "2"))
    assert store.get("a") is good
    assert store.by_index("letter", "a") == [good]
    assert store.by_index("labels", "l") == [good]


def test_ST_04_index_reads() -> None:
    words = Store(indexers={"words": lambda o: o["metadata"]["labels"]})
    a, b, c = obj("a", labels={"x": "", "y": ""}), obj("b", labels={"y": "", "z": ""}), obj("c", labels={"q": ""})
    for o in (b, c, a):
        words.add(o)
    assert words.index_keys("words", "y") == ["a", "b"]
    assert sorted(o["metadata"]["name"] for o in words.by_index("words", "y")) == ["a", "b"]
    union = words.index("words", obj("any", labels={"x": "", "z": "", "y": ""}))
    assert sorted(o["metadata"]["name"] for o in union) == ["a", "b"]
    assert sorted(words.list_index_values("words")) == ["q", "x", "y", "z"]
    for read in (words.by_index, words.index_keys):
        with pytest.raises(KeyError, match="Index with name nope does not exist"):
            read("nope", "x")


def test_ST_05_replace_drops_the_rest_and_rebuilds_indexes() -> None:
    store = Store(indexers={"letter": by_letter})
    store.add(obj("a"))
    store.replace([obj("b"), obj("bb")], "7")
    assert store.list_keys() == ["b", "bb"]
    assert store.by_index("letter", "a") == []
    assert store.index_keys("letter", "b") == ["b", "bb"]


def test_ST_06_indexers_in_conflict_are_refused_as_a_whole() -> None:
    store = Store(indexers={"letter": by_letter})
    store.add(obj("a"))
    with pytest.raises(ValueError, match="indexer conflict: letter"):
        store.add_indexers({"new": by_letter, "letter": by_letter})
    assert set(store.indexers) == {"letter"}
    store.add_indexers({"new": by_letter})
    assert store.index_keys("new", "a") == ["a"]


def test_ST_07_A17_the_version_is_that_of_the_last_write() -> None:
    store = Store()
    assert store.last_sync_resource_version == ""
    store.add(obj("a", "10"))
    assert store.last_sync_resource_version == "10"
    store.update(obj("a", "20"))
    store.delete("a")
    assert store.last_sync_resource_version == "20"
    store.delete(obj("a", "30"))
    assert store.last_sync_resource_version == "30"
    Store(key_func=str, version_of=lambda o: "").add("text")
    for version in ("40", "30", "50"):
        store.add(obj("b", version))
    assert store.last_sync_resource_version == "50"
    store.add(obj("c"))
    assert store.last_sync_resource_version == "50"
    store.replace([obj("a", "90")], "60")
    assert store.last_sync_resource_version == "60"
    store.bookmark("70")
    assert store.last_sync_resource_version == "70"


def test_ST_08_objects_of_a_namespace_with_and_without_the_index() -> None:
    for indexers in ({NAMESPACE_INDEX: namespace_index}, {}):
        store = Store(indexers=indexers)
        a, b, c = obj("a", namespace="x"), obj("b", namespace="y"), obj("c")
        for o in (a, b, c):
            store.add(o)
        assert store.in_namespace("x") == [a]
        assert store.in_namespace("") == [a, b, c]
        assert store.in_namespace("nope") == []


def test_objects_are_found_by_their_owner() -> None:
    store = Store(indexers={OWNER_INDEX: owner_index})
    owned = obj("a", ownerReferences=[{"uid": "u1"}, {"uid": "u2"}])
    store.add(owned)
    store.add(obj("b"))
    assert store.by_index("owner", "u2") == [owned]


def test_ST_13_a_key_function_of_an_index() -> None:
    assert single_key(by_letter)(obj("xyz")) == "x"
    with pytest.raises(ValueError, match="too many keys"):
        single_key(lambda o: ["a", "b"])(obj("a"))
    with pytest.raises(ValueError, match="unexpected empty"):
        single_key(lambda o: [])(obj("a"))


@pytest.mark.parametrize("kind", [DeltaType.SYNC, DeltaType.REPLACED, DeltaType.ADDED, DeltaType.UPDATED])
def test_Q_20_what_is_stored_decides_between_added_and_updated(kind: DeltaType) -> None:
    store = Store()
    first, second = obj("a", "1"), obj("a", "2")
    assert store.apply(Delta(kind, first), initial=True) == [Change("a", None, first, initial=True)]
    assert store.apply(Delta(kind, second), initial=True) == [Change("a", first, second)]


def test_Q_20_deletions_and_bookmarks() -> None:
    store = Store()
    first, last = obj("a", "1"), obj("a", "2")
    store.add(first)
    assert store.apply(Delta(DeltaType.DELETED, last)) == [Change("a", last, None)]
    assert store.apply(Delta(DeltaType.BOOKMARK, None, "9")) == []
    assert store.last_sync_resource_version == "9"


def test_SI_15_a_missed_deletion_tells_the_last_known_object() -> None:
    store = Store()
    known = obj("a", "1")
    store.add(known)
    stale = DeletedFinalStateUnknown("a", obj("a", "0"))
    assert store.apply(Delta(DeltaType.DELETED, stale)) == [Change("a", known, None, final_state_unknown=True)]
    assert store.apply(Delta(DeltaType.DELETED, DeletedFinalStateUnknown("b", None))) == []


def test_Q_15_a_relist_is_compared_with_the_store() -> None:
    store = Store(indexers={"letter": by_letter})
    gone, old, new, added = obj("gone", "1"), obj("kept", "2"), obj("kept", "5"), obj("added", "4")
    store.replace([gone, old], "3")
    changes = store.apply(Delta(DeltaType.REPLACED_ALL, [new, added], "6"))
    assert changes == [
        Change("gone", gone, None, final_state_unknown=True),
        Change("kept", old, new),
        Change("added", None, added),
    ]
    assert store.last_sync_resource_version == "6"
    assert store.list_index_values("letter") == ["k", "a"]


def test_Q_16_a_resync_repeats_everything_stored() -> None:
    store = Store()
    a = obj("a", "1")
    store.add(a)
    assert store.apply(Delta(DeltaType.SYNC_ALL)) == [Change("a", a, a)]


def test_ST_11_everything_is_pushed_after_each_change() -> None:
    pushed: list[list[str]] = []
    store = PushStore(lambda objects: pushed.append([o["metadata"]["name"] for o in objects]))
    store.add(obj("a"))
    store.update(obj("a", "2"))
    store.replace([obj("b"), obj("c")])
    store.delete("b")
    assert pushed == [["a"], ["a"], ["b", "c"], ["c"]]


@given(
    st.lists(
        st.tuples(st.sampled_from("aurd"), st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), max_size=3)),
        max_size=30,
    )
)
def test_indexes_always_equal_a_scan(steps: list[tuple[str, str, list[str]]]) -> None:
    store = Store(indexers={"words": lambda o: o["metadata"].get("labels", {})})
    for step, name, words in steps:
        o = obj(name, labels=dict.fromkeys(words, ""))
        if step == "r":
            store.replace([o], "1")
        elif step == "d":
            store.delete(name)
        else:
            store.add(o)
        for word in "xyz":
            scan = [k for k in store.list_keys() if word in store.get(k)["metadata"].get("labels", {})]
            assert store.index_keys("words", word) == sorted(scan)
        held = {w for o in store.list() for w in o["metadata"].get("labels", {})}
        assert set(store.list_index_values("words")) == held
