"""Events: equal ones are one, and the oldest go first."""

from typing import Any

import pytest

from kmagic.sandbox.controllers import events


def test_an_equal_event_is_counted_and_another_is_not(still: Any) -> None:
    node = still.store.get("nodes", "", "node-1").decode()
    for message in ("a", "a", "b"):
        events.record(still, node, "Tested", message, component="test", warning=True)
    found = {stored.decode()["message"]: stored.decode() for stored in still.store.list("events")}
    assert {message: event["count"] for message, event in found.items()} == {"a": 2, "b": 1}
    assert found["a"]["involvedObject"]["uid"] == node["metadata"]["uid"]
    assert found["a"]["lastTimestamp"] > found["a"]["firstTimestamp"]
    assert (found["a"]["type"], found["a"]["metadata"]["namespace"]) == ("Warning", "default")


def test_the_oldest_go_when_there_are_too_many(still: Any) -> None:
    node = still.store.get("nodes", "", "node-1").decode()
    for number in range(events.MAX_EVENTS + events.SPARE + 1):
        events.record(still, node, "Tested", str(number), component="test")
    messages = {stored.decode()["message"] for stored in still.store.list("events")}
    assert len(messages) == events.MAX_EVENTS + 1
    assert "0" not in messages
    assert str(events.MAX_EVENTS + events.SPARE) in messages


@pytest.mark.parametrize("told", [{}, {"host": "node-1", "field_path": "spec.containers{web}"}])
def test_an_event_is_what_the_server_makes_of_it(still: Any, told: dict[str, str]) -> None:
    node = still.store.get("nodes", "", "node-1").decode()
    events.record(still, node, "Tested", "a", component="test", **told)
    [recorded] = [stored.decode() for stored in still.store.list("events")]
    sent = {name: value for name, value in recorded.items() if name != "metadata"}
    sent["metadata"] = {"name": "sent", "namespace": "default"}
    made = still.create(sent, manager="test").decode()
    for event in (recorded, made):
        for field in ("name", "uid", "creationTimestamp", "resourceVersion"):
            del event["metadata"][field]
        for entry in event["metadata"]["managedFields"]:
            del entry["time"]
    assert recorded == made
