"""The core/v1 recorder: never waits, writes in order, patches, creates again, drops what is refused."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import pytest

from kmagic.controller.events import EventRecorder
from kmagic.errors import (
    AlreadyExistsError,
    ConnectError,
    DecodeError,
    ForbiddenError,
    InternalServerError,
    KubeError,
    StatusError,
)
from kmagic.testing.clock import FakeClock
from tests.controller.memory_events import MemoryEvents

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-0", "namespace": "shop", "uid": "u1", "resourceVersion": "7"},
}


def recorder(events: MemoryEvents, clock: FakeClock, **options: Any) -> EventRecorder:
    return EventRecorder(events, "my-controller", host="node-1", clock=clock, rng=lambda: 0.5, **options)


async def test_EV_01_A26_an_event_says_who_what_when_and_about_which_object() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        it.event(POD, "Warning", "Broken", "it broke", annotations={"a": "b"}, field_path="spec.containers{web}")
    (event,) = events.all
    nanos = int(clock.wall().timestamp()) * 10**9
    assert event["metadata"].pop("resourceVersion")
    assert event == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"web-0.{nanos:x}", "namespace": "shop", "annotations": {"a": "b"}},
        "involvedObject": {
            "kind": "Pod",
            "namespace": "shop",
            "name": "web-0",
            "uid": "u1",
            "apiVersion": "v1",
            "resourceVersion": "7",
            "fieldPath": "spec.containers{web}",
        },
        "reason": "Broken",
        "message": "it broke",
        "type": "Warning",
        "count": 1,
        "firstTimestamp": "2026-01-01T12:00:00Z",
        "lastTimestamp": "2026-01-01T12:00:00Z",
        "source": {"component": "my-controller", "host": "node-1"},
        "reportingComponent": "my-controller",
        "reportingInstance": "node-1",
    }


async def test_EV_01_events_of_cluster_scoped_objects_are_in_default_and_odd_names_get_a_uuid() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        it.event({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "system:node"}}, "Normal", "Ready", "up")
    ((namespace, name),) = events.stored
    assert namespace == "default"
    assert uuid.UUID(name)


@pytest.mark.parametrize(
    ("obj", "event_type"),
    [
        pytest.param(POD, "Error", id="EV-01 type"),
        pytest.param(None, "Normal", id="EV-01 nothing"),
        pytest.param({"metadata": {"name": "a"}}, "Normal", id="EV-01 no kind"),
    ],
)
async def test_what_cannot_be_told_is_logged_and_dropped(
    obj: object, event_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    events = MemoryEvents()
    async with recorder(events, FakeClock()) as it:
        it.event(obj, event_type, "Reason", "message")
        assert it.dropped == 1
    assert events.calls == []
    assert caplog.records


async def test_EV_03_EV_05_A26_the_same_again_is_patched_and_a_vanished_event_created_anew() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        it.event(POD, "Normal", "Started", "hello")
        it.event(POD, "Normal", "Started", "hello")
        await clock.settle()
        assert events.calls == ["create", "patch"]
        assert [event["count"] for event in events.all] == [2]
        events.stored.clear()
        it.event(POD, "Normal", "Started", "hello")
        await clock.settle()
        assert events.calls[2:] == ["patch", "create"]
        assert [event["count"] for event in events.all] == [3]


async def test_EV_06_a_flood_is_cut_off() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        for _ in range(100):
            it.event(POD, "Normal", "Started", "hello")
        await clock.settle()
    assert len(events.calls) == 25


@pytest.mark.parametrize(
    ("error", "loud"),
    [
        pytest.param(ForbiddenError("no"), True, id="EV-07 A26 forbidden"),
        pytest.param(InternalServerError("oops"), True, id="EV-07 A26 any status"),
        pytest.param(AlreadyExistsError("there"), False, id="EV-07 A26 exists"),
        pytest.param(
            ForbiddenError("ending", status={"details": {"causes": [{"reason": "NamespaceTerminating"}]}}),
            False,
            id="EV-07 A26 namespace ends",
        ),
    ],
)
async def test_a_refused_event_is_dropped_at_once(
    error: StatusError, loud: bool, caplog: pytest.LogCaptureFixture
) -> None:
    events, clock = MemoryEvents(), FakeClock()
    events.failing = lambda verb: error
    caplog.set_level(logging.ERROR)
    async with recorder(events, clock) as it:
        it.event(POD, "Normal", "Started", "hello")
        await clock.elapse(60)
    assert events.calls == ["create"]
    assert bool(caplog.records) == loud


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ConnectError("connection refused"), id="EV-07 A26 network"),
        pytest.param(DecodeError("not an event"), id="EV-07 A26 unexpected object"),
    ],
)
async def test_other_errors_are_tried_twelve_times_ten_seconds_apart(error: KubeError) -> None:
    events, clock = MemoryEvents(), FakeClock()
    events.failing = lambda verb: error
    times: list[float] = []
    start = clock.now()

    def fail(verb: str) -> KubeError:
        times.append(clock.now() - start)
        return error

    events.failing = fail
    async with recorder(events, clock) as it:
        it.event(POD, "Normal", "Started", "hello")
        it.event(POD, "Normal", "Next", "hello")
        await clock.elapse(106)
        assert times[:12] == [0, *range(5, 106, 10)]
        assert it.dropped == 1
        events.failing = lambda verb: None
        await clock.elapse(10)
    assert [event["reason"] for event in events.all] == ["Next"]
