"""The buffer of a recorder: bounded, never waits, written when the recorder is left."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from kmagic.api.types import JSONObject
from kmagic.controller.events import EventRecorder
from kmagic.controller.recorder_task import as_dict, typed, without_version
from kmagic.errors import ConnectError
from kmagic.models.events_v1 import Event
from kmagic.testing.clock import FakeClock
from tests.controller.memory_events import MemoryEvents

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "shop", "uid": "u1"}}


def recorder(events: MemoryEvents, clock: FakeClock, **options: Any) -> EventRecorder:
    return EventRecorder(events, "my-controller", host="node-1", clock=clock, rng=lambda: 0.5, **options)


async def test_EV_02_a_full_buffer_drops_and_never_waits() -> None:
    events, clock = MemoryEvents(), FakeClock()
    it = recorder(events, clock, buffer_size=2)
    for n in range(5):
        it.event(POD, "Normal", "Started", f"message {n}")
    assert it.dropped == 3
    async with it:
        await clock.settle()
    assert [event["message"] for event in events.all] == ["message 0", "message 1"]


async def test_EV_02_after_closing_an_event_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    it = recorder(MemoryEvents(), FakeClock())
    async with it:
        pass
    it.event(POD, "Normal", "Started", "late")
    assert it.dropped == 1
    assert "will not retry" in caplog.text


async def test_EV_08_leaving_writes_what_is_buffered_but_does_not_wait_for_a_server_that_is_away() -> None:
    events, clock = MemoryEvents(), FakeClock()
    async with recorder(events, clock) as it:
        for n in range(3):
            it.event(POD, "Normal", "Started", f"message {n}")
    assert len(events.all) == 3

    events.failing = lambda verb: ConnectError("connection refused")
    start = clock.now()
    async with anyio.create_task_group() as tasks:
        async with recorder(events, clock) as it:
            for n in range(3):
                it.event(POD, "Normal", "Started", f"message {n}")
            await clock.settle()  # the first waits for its next try
            tasks.start_soon(clock.elapse, 60)
        assert clock.now() == start + 5
        assert it.dropped == 3
        tasks.cancel_scope.cancel()


async def test_the_bodys_own_error_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with recorder(MemoryEvents(), FakeClock()):
            raise LookupError("mine")


async def test_a_recorder_runs_once_at_a_time() -> None:
    it = recorder(MemoryEvents(), FakeClock())
    async with it:
        with pytest.raises(RuntimeError, match="running already"):
            await it.__aenter__()


def test_events_go_to_a_client_in_its_own_form_and_come_back_as_dicts() -> None:
    class Sink:
        """A typed client's resource."""

        class codec:  # noqa: N801  # the resource's own name
            @staticmethod
            def from_dict(data: JSONObject) -> Event:
                return Event.from_dict(data)

    event = {"metadata": {"name": "a", "resourceVersion": "7"}, "reason": "Seen"}
    made = typed(Sink(), event)  # type: ignore[arg-type]
    assert isinstance(made, Event)
    assert as_dict(made)["reason"] == "Seen"
    assert as_dict(event) == event
    assert typed(MemoryEvents()("shop"), event) is event
    assert without_version(event)["metadata"] == {"name": "a"}
