"""One counter, a window of history, states of the past."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic.sandbox.status import APIError
from kmagic.sandbox.storage.store import MAX_BACKLOG, Store, Stored


def obj(name: str, namespace: str = "n", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "X", "metadata": {"name": name, "namespace": namespace, "uid": name}, **fields}


def names(items: list[Stored]) -> list[str]:
    return [item.name for item in items]


def test_every_write_gets_the_next_revision_whatever_the_resource() -> None:
    store = Store()
    revisions = [store.put(resource, obj("a")).revision for resource in ("x", "y", "x")]
    revisions.append(store.delete("x", "n", "a").revision)
    assert revisions == [2, 3, 4, 5]
    assert store.get("y", "n", "a").decode()["metadata"]["resourceVersion"] == "3"


def test_readers_own_what_they_decode() -> None:
    store = Store()
    stored = store.put("x", obj("a", spec={"n": 1}))
    stored.decode()["spec"]["n"] = 2
    assert store.get("x", "n", "a").decode()["spec"] == {"n": 1}


def test_lists_are_in_key_order() -> None:
    store = Store()
    for namespace, name in (("b", "a"), ("a", "z"), ("a", "b")):
        store.put("x", obj(name, namespace))
    assert [item.key for item in store.list("x")] == [("a", "b"), ("a", "z"), ("b", "a")]
    assert names(store.list("x", "a")) == ["b", "z"]
    assert (store.count("x"), store.count("x", "a"), store.count("y")) == (3, 2, 0)


def test_a_subscription_begins_in_the_past() -> None:
    store = Store()
    start = store.put("x", obj("a")).revision
    store.put("x", obj("b"))
    woken = []
    subscription = store.subscribe("x", start, lambda: woken.append(1))
    store.put("x", obj("a", v=2))
    store.delete("x", "n", "b")
    store.put("y", obj("c"))
    events = subscription.take()
    assert [(event.type, event.stored.name) for event in events] == [
        ("ADDED", "b"),
        ("MODIFIED", "a"),
        ("DELETED", "b"),
    ]
    assert events[2].previous.name == "b"
    assert len(woken) == 2
    store.unsubscribe("x", subscription)
    store.put("x", obj("d"))
    assert subscription.take() == []


def test_what_fell_out_of_the_window_is_expired() -> None:
    store = Store(window=2)
    first = store.put("x", obj("a")).revision
    for _ in range(3):
        store.put("x", obj("a"))
    store.subscribe("x", first + 1, lambda: None)
    with pytest.raises(APIError) as caught:
        store.subscribe("x", first, lambda: None)
    assert (caught.value.code, caught.value.reason) == (410, "Expired")
    assert "too old resource version" in str(caught.value)


def test_compaction_forgets_history_and_snapshots() -> None:
    store = Store()
    store.put("x", obj("a"))
    store.keep("x")
    before = store.revision
    store.put("x", obj("b"))
    store.compact()
    for call in (lambda: store.at("x", before), lambda: store.subscribe("x", before, lambda: None)):
        with pytest.raises(APIError):
            call()


def test_a_version_of_the_future_is_too_large() -> None:
    with pytest.raises(APIError) as caught:
        Store().at("x", 99)
    assert caught.value.code == 504
    assert caught.value.details["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_a_watcher_that_does_not_read_is_closed() -> None:
    store = Store(window=10)
    subscription = store.subscribe("x", store.revision, lambda: None)
    for _ in range(MAX_BACKLOG + 1):
        store.put("x", obj("a"))
    assert subscription.closed


def test_owners_are_indexed() -> None:
    store = Store()
    owned = obj("child")
    owned["metadata"]["ownerReferences"] = [{"uid": "u1"}, {"uid": "u2"}]
    first = store.put("x", owned)
    assert (store.owned_by("u1"), store.owned_by("u2")) == ([first], [first])
    released = obj("child")
    released["metadata"]["ownerReferences"] = [{"uid": "u2"}]
    second = store.put("x", released)
    assert (store.owned_by("u1"), store.owned_by("u2")) == ([], [second])
    store.delete("x", "n", "child")
    assert store.owned_by("u2") == []


def test_what_no_owner_controls_is_indexed_from_the_first_question_on() -> None:
    store = Store()
    store.put("x", obj("early"))
    assert [found.name for found in store.uncontrolled("x", "n")] == ["early"]
    assert store.uncontrolled("x", "other") == []
    late = store.put("x", obj("late"))
    changed = obj("early")
    changed["metadata"]["ownerReferences"] = [{"uid": "u1"}]  # an owner that does not control it
    early = store.put("x", changed)
    assert store.uncontrolled("x", "n") == [early, late]
    adopted = obj("early")
    adopted["metadata"]["ownerReferences"] = [{"uid": "u1", "kind": "K", "name": "o", "controller": True}]
    controller = store.put("x", adopted).controller
    assert controller is not None
    assert (controller.uid, controller.kind, controller.name) == ("u1", "K", "o")
    assert store.uncontrolled("x", "n") == [late]
    store.delete("x", "n", "late")
    assert store.uncontrolled("x", "n") == []
    released = store.put("x", obj("early"))
    assert store.uncontrolled("x", "n") == [released]


def test_dropping_a_resource_deletes_its_objects_and_ends_its_watches() -> None:
    store = Store()
    store.put("x", obj("a"))
    subscription = store.subscribe("x", store.revision, lambda: None)
    store.drop("x")
    assert store.list("x") == []
    assert subscription.closed
    assert [event.type for event in subscription.take()] == ["DELETED"]


def test_a_watch_asked_for_before_the_drop_does_not_follow_what_is_gone() -> None:
    store = Store()
    store.begin("x")
    since = store.put("x", obj("a")).revision
    store.drop("x")
    with pytest.raises(APIError, match="too old resource version"):
        store.subscribe("x", since, lambda: None)
    store.begin("x")
    assert not store.subscribe("x", store.revision, lambda: None).closed


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=30), st.integers(0, 30))
def test_the_state_at_a_revision_is_what_a_list_gave_then(steps: Any, when: Any) -> None:
    store, past = Store(), {1: []}
    for name, deletes in steps:
        if deletes:
            store.delete("x", "n", name)
        else:
            store.put("x", obj(name))
        past[store.revision] = [(item.name, item.revision) for item in store.list("x")]
    revision = min(1 + when, store.revision)
    assert [(item.name, item.revision) for item in store.at("x", revision)] == past[revision]
