"""The events.k8s.io/v1 recorder: creates, makes a series, refreshes and finishes it."""

from __future__ import annotations

from typing import Any

from kmagic.controller.event_series import FINISH_SECONDS, REFRESH_SECONDS
from kmagic.controller.events_v1 import SeriesRecorder
from kmagic.errors import AlreadyExistsError, ConnectError, KubeError
from kmagic.testing.clock import FakeClock
from tests.controller.memory_events import MemoryEvents

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "shop", "uid": "u1"}}
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}


def recorder(events: MemoryEvents, clock: FakeClock, **options: Any) -> SeriesRecorder:
    return SeriesRecorder(events, "my-controller", clock=clock, rng=lambda: 0.0, **options)


async def test_EV_13_an_event_has_an_action_a_related_object_and_its_instance() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock, instance="my-controller-host") as it:
        it.event(POD, "Normal", "Killing", "stopping", action="Stop", related=NODE)
    (event,) = events.all
    assert event["metadata"]["name"].startswith("web-0.")
    assert event["eventTime"] == "2026-01-01T12:00:00.000000Z"
    assert (event["action"], event["reason"], event["note"], event["type"]) == ("Stop", "Killing", "stopping", "Normal")
    assert event["regarding"] == {"kind": "Pod", "namespace": "shop", "name": "web-0", "uid": "u1", "apiVersion": "v1"}
    assert event["related"] == {"kind": "Node", "name": "node-1", "apiVersion": "v1"}
    assert (event["reportingController"], event["reportingInstance"]) == ("my-controller", "my-controller-host")


async def test_EV_13_the_instance_is_the_controller_and_the_host_unless_given() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        it.event(POD, "Normal", "Started", "hello")
    (event,) = events.all
    assert event["reportingInstance"].startswith("my-controller-")
    assert event["action"] == "Started", "the server wants one"


async def test_EV_10_A26_create_then_one_patch_then_only_counting() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        for _ in range(5):
            it.event(POD, "Normal", "Started", "hello")
            await clock.settle()
    assert events.calls == ["create", "patch"]
    assert events.all[0]["series"]["count"] == 2


async def test_EV_11_a_series_is_finished_with_its_last_count_and_begins_anew() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        for _ in range(5):
            it.event(POD, "Normal", "Started", "hello")
        await clock.elapse(2 * FINISH_SECONDS)
        assert events.all[0]["series"]["count"] == 5
        assert events.calls == ["create", "patch", "patch"]
        it.event(POD, "Normal", "Started", "hello")
        await clock.settle()
        assert events.calls[3:] == ["create"]


async def test_EV_11_a_series_that_goes_on_is_refreshed() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        for _ in range(int(REFRESH_SECONDS / 60)):
            it.event(POD, "Normal", "Started", "hello")
            await clock.elapse(60)
        assert events.calls == ["create", "patch", "patch"]
        assert events.all[0]["series"]["count"] == 30


async def test_EV_12_a_series_whose_event_vanished_is_created_and_a_race_for_that_retried() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        it.event(POD, "Normal", "Started", "hello")
        await clock.settle()
        events.stored.clear()
        failures: list[KubeError | None] = [AlreadyExistsError("there is one now"), None]
        events.failing = lambda verb: failures.pop(0) if verb == "create" else None
        it.event(POD, "Normal", "Started", "hello")
        await clock.elapse(10)
    assert events.calls == ["create", "patch", "create", "patch", "create"]
    assert events.all[0]["series"]["count"] == 2


async def test_EV_12_many_events_are_written_side_by_side_and_a_lost_server_is_tried_twelve_times() -> None:
    events, clock = MemoryEvents(), FakeClock()
    events.failing = lambda verb: ConnectError("connection refused")
    async with recorder(events, clock) as it:
        for n in range(8):
            it.event(POD, "Normal", f"Reason{n}", "hello")
        await clock.settle()
        assert len(events.calls) == 8
        await clock.elapse(200)
        assert len(events.calls) == 8 * 12
        assert it.dropped == 8


async def test_EV_01_what_cannot_be_told_is_counted() -> None:
    events = MemoryEvents()
    async with recorder(events, FakeClock()) as it:
        it.event(POD, "Error", "Reason", "message")
        it.event(None, "Normal", "Reason", "message")
    assert it.dropped == 2
    assert events.calls == []
