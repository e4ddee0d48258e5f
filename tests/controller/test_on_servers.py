"""Election and events as a server sees them: the fakes of the other tests keep to what is true here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from kmagic.client.client import AsyncClient
from kmagic.controller.events import EventRecorder
from kmagic.controller.events_v1 import SeriesRecorder, recorder_for
from kmagic.controller.leader_election import LeaderElector

# Long enough that a slow machine loses no lease, so only its release hands it on at once.
PATIENT = {"lease_duration": 60.0, "renew_deadline": 40.0, "retry_period": 0.1}


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 40) -> None:
    with anyio.fail_after(seconds):
        while not await condition():  # noqa: ASYNC110  # a server tells no event
            await anyio.sleep(0.02)


@pytest.mark.parametrize("form", ["models", "dicts"])
async def test_LE_09_LE_12_the_lease_goes_from_one_leader_to_the_next(client: AsyncClient, ns: str, form: str) -> None:
    leases: Any = client.coordination_v1.leases(ns) if form == "models" else client.resource("leases", namespace=ns)
    active: list[str] = []
    seen: dict[str, list[str]] = {"first": [], "second": []}

    async def candidate(identity: str, scope: anyio.CancelScope) -> None:
        with scope:
            async with LeaderElector(leases, "lock", identity=identity, on_new_leader=seen[identity].append, **PATIENT):
                active.append(identity)
                await anyio.sleep_forever()

    first, second = anyio.CancelScope(), anyio.CancelScope()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(candidate, "first", first)
        await until(lambda: _is(active, ["first"]))
        tasks.start_soon(candidate, "second", second)
        await until(lambda: _is(seen["second"], ["first"]))
        assert active == ["first"]
        spec = (await client.resource("leases", namespace=ns).get("lock"))["spec"]
        assert (spec["holderIdentity"], spec["leaseDurationSeconds"], spec["leaseTransitions"]) == ("first", 60, 0)
        first.cancel()
        await until(lambda: _is(active, ["first", "second"]), seconds=30)
        second.cancel()
    spec = (await client.resource("leases", namespace=ns).get("lock"))["spec"]
    assert spec.get("holderIdentity", "") == ""
    assert spec["leaseTransitions"] == 1


async def _is(left: object, right: object) -> bool:
    return left == right


@pytest.mark.parametrize("form", ["models", "dicts"])
async def test_EV_05_a_repeated_event_is_one_with_a_count(client: AsyncClient, ns: str, form: str) -> None:
    events: Any = client.core_v1.events if form == "models" else client.resource("events")
    config = await client.resource("configmaps", namespace=ns).create({"metadata": {"name": "subject"}})
    async with EventRecorder(events, component="tester") as recorder:
        recorder.event(config, "Normal", "Seen", "I saw it")
        recorder.event(config, "Normal", "Seen", "I saw it")
        recorder.event(config, "Warning", "Gone", "it went")
    assert recorder.dropped == 0
    found = await client.resource("events", namespace=ns).list(field_selector="involvedObject.name=subject")
    assert {(e["reason"], e["type"], e["count"], e["source"]["component"]) for e in found} == {
        ("Seen", "Normal", 2, "tester"),
        ("Gone", "Warning", 1, "tester"),
    }


async def test_EV_10_EV_13_a_repeated_event_is_a_series(client: AsyncClient, ns: str) -> None:
    config = await client.resource("configmaps", namespace=ns).create({"metadata": {"name": "subject"}})
    async with SeriesRecorder(client.events_v1.events, "example.com/tester") as recorder:
        recorder.event(config, "Normal", "Seen", "I saw it", action="Look")
        recorder.event(config, "Normal", "Seen", "I saw it", action="Look")
        await until(lambda: _series_count(client, ns, 2))
    assert recorder.dropped == 0


async def _series_count(client: AsyncClient, ns: str, count: int) -> bool:
    found = await client.events_v1.events(ns).list()
    return [e.series.count for e in found if e.series] == [count]


async def test_EV_14_the_newer_events_are_used_where_the_server_has_them(client: AsyncClient, ns: str) -> None:
    config = await client.resource("configmaps", namespace=ns).create({"metadata": {"name": "subject"}})
    recorder = await recorder_for(client, "tester")
    assert isinstance(recorder, SeriesRecorder)
    async with recorder:
        recorder.event(config, "Normal", "Seen", "I saw it")
    (event,) = await client.events_v1.events(ns).list()
    assert (event.reporting_controller, event.reason, event.note) == ("tester", "Seen", "I saw it")
