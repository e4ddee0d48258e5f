from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.cache.delta import Change
from kmagic.cache.entry import Entry
from kmagic.cache.forms import PlainForm
from kmagic.cache.handlers import Callbacks, Overflow, Registration, coalesce
from kmagic.testing.clock import FakeClock


def obj(name: str, value: Any = 0) -> dict[str, Any]:
    return {"metadata": {"name": name}, "value": value}


def added(name: str, value: Any = 0, *, initial: bool = False) -> Change:
    return Change(name, None, obj(name, value), initial)


def updated(name: str, before: Any, after: Any) -> Change:
    return Change(name, obj(name, before), obj(name, after))


def deleted(name: str, value: Any = 0, *, unknown: bool = False) -> Change:
    return Change(name, obj(name, value), None, final_state_unknown=unknown)


class Calls:
    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def on_add(self, new: Any) -> None:
        self.seen.append(("add", new["metadata"]["name"], new["value"]))

    def on_update(self, old: Any, new: Any) -> None:
        self.seen.append(("update", new["metadata"]["name"], old["value"], new["value"]))

    def on_delete(self, old: Any) -> None:
        self.seen.append(("delete", old["metadata"]["name"], old["value"]))

    def registration(self, *, where: Any = None, **options: Any) -> Registration:
        return Registration(Callbacks(self.on_add, self.on_update, self.on_delete, where), PlainForm(), **options)


@asynccontextmanager
async def delivering(*registrations: Registration) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        for registration in registrations:
            group.start_soon(registration.deliver)
        await anyio.wait_all_tasks_blocked()
        try:
            yield
            await anyio.wait_all_tasks_blocked()
        finally:
            group.cancel_scope.cancel()


async def test_SI_13_changes_come_one_after_another_in_order() -> None:
    calls = Calls()
    registration = calls.registration()
    async with delivering(registration):
        for change in (added("a", 1), updated("a", 1, 2), deleted("a", 2), added("b", 3)):
            registration.offer(change)
    assert calls.seen == [("add", "a", 1), ("update", "a", 1, 2), ("delete", "a", 2), ("add", "b", 3)]


async def test_CC_08_coroutine_callbacks_are_awaited_before_the_next_change() -> None:
    log: list[str] = []
    gate = anyio.Event()

    async def on_add(new: Any) -> None:
        log.append(f"begin {new['value']}")
        await gate.wait()
        log.append(f"end {new['value']}")

    registration = Registration(Callbacks(on_add=on_add), PlainForm())
    async with delivering(registration):
        registration.offer(added("a", 1))
        registration.offer(added("b", 2))
        registration.source_synced()
        await anyio.wait_all_tasks_blocked()
        assert log == ["begin 1"]
        gate.set()
    assert log == ["begin 1", "end 1", "begin 2", "end 2"]


async def test_every_callback_owns_its_object() -> None:
    kept = obj("a", [1])
    seen: list[Any] = []

    def harm(new: Any) -> None:
        seen.append(new)
        new["value"].append("harmed")

    one, two = (Registration(Callbacks(on_add=harm), PlainForm()) for _ in range(2))
    async with delivering(one, two):
        for registration in (one, two):
            registration.offer(Change("a", None, kept))
    assert kept == obj("a", [1])
    assert seen[0] is not seen[1]


async def test_raw_handlers_get_what_the_cache_keeps() -> None:
    entry = Entry.parse(b'{"metadata":{"name":"a"}}')
    seen: list[Any] = []
    raw = Registration(Callbacks(on_add=seen.append, raw=True), PlainForm())
    async with delivering(raw):
        raw.offer(Change("a", None, entry))
    assert seen == [entry]


async def test_SI_16_D5_one_failing_callback_harms_nobody_and_does_not_block_being_synced() -> None:
    errors: list[Exception] = []
    calls = Calls()

    def fail(new: Any) -> None:
        raise RuntimeError(new["metadata"]["name"])

    clock = FakeClock()
    failing = Registration(Callbacks(on_add=fail), PlainForm(), on_error=errors.append, clock=clock)
    healthy = calls.registration()
    async with delivering(failing, healthy):
        for registration in (failing, healthy):
            registration.offer(added("a", initial=True))
            registration.offer(added("b", initial=True))
            registration.source_synced()
        await clock.elapse(0.9)
        assert [str(error) for error in errors] == ["a"]
        assert [call[1] for call in calls.seen] == ["a", "b"]
        await clock.elapse(0.2)
    assert [str(error) for error in errors] == ["a", "b"]
    assert [call[1] for call in calls.seen] == ["a", "b"]
    assert failing.synced
    assert healthy.synced


async def test_a_handler_that_is_removed_while_it_pauses_ends_at_once() -> None:
    errors: list[Exception] = []

    def fail(new: Any) -> None:
        raise RuntimeError("mine")

    registration = Registration(Callbacks(on_add=fail), PlainForm(), on_error=errors.append, clock=FakeClock())
    async with delivering(registration):
        registration.offer(added("a"))
        registration.offer(added("b"))
        await anyio.wait_all_tasks_blocked()
        await registration.aclose()
    assert len(errors) == 1


async def test_SI_22_errors_are_logged_with_the_handlers_name_and_without_the_object(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(new: Any) -> None:
        raise RuntimeError("mine")

    registration = Registration(Callbacks(on_add=fail), PlainForm())
    async with delivering(registration):
        registration.offer(added("a", "hunter2"))
    assert "fail failed on <Change a added>" in caplog.text
    assert "hunter2" not in caplog.text


async def test_SI_17_synced_after_the_source_and_every_initial_addition_returned() -> None:
    gate = anyio.Event()

    async def on_add(new: Any) -> None:
        await gate.wait()

    registration = Registration(Callbacks(on_add=on_add), PlainForm())
    async with delivering(registration):
        registration.offer(added("a", initial=True))
        assert not registration.synced
        registration.source_synced()
        await anyio.wait_all_tasks_blocked()
        assert not registration.synced
        gate.set()
        await registration.wait_synced()
    assert registration.synced


async def test_SI_17_without_initial_objects_synced_with_the_source() -> None:
    registration = Calls().registration()
    assert not registration.synced
    registration.source_synced()
    assert registration.synced


async def test_SI_24_a_second_parameter_of_on_add_tells_the_initial_list() -> None:
    seen: list[Any] = []
    one = Registration(Callbacks(on_add=lambda new, initial: seen.append(initial)), PlainForm())
    two = Registration(
        Callbacks(on_add=lambda new, is_in_initial_list=None: seen.append(is_in_initial_list)), PlainForm()
    )
    three = Registration(Callbacks(on_add=lambda new, box=seen: box.append("box")), PlainForm())
    async with delivering(one, two, three):
        for registration in (one, two, three):
            registration.offer(added("a", initial=True))
            registration.offer(added("b"))
    assert seen == [True, False, True, False, "box", "box"]


async def test_SI_15_a_second_parameter_of_on_delete_tells_a_missed_deletion() -> None:
    seen: list[Any] = []
    registration = Registration(
        Callbacks(on_delete=lambda old, final_state_unknown: seen.append((old["value"], final_state_unknown))),
        PlainForm(),
    )
    plain = Registration(Callbacks(on_delete=lambda old: seen.append(old["value"])), PlainForm())
    async with delivering(registration, plain):
        for each in (registration, plain):
            each.offer(deleted("a", 1))
            each.offer(deleted("b", 2, unknown=True))
    assert seen == [(1, False), (2, True), 1, 2]


@pytest.mark.parametrize(
    ("change", "call"),
    [
        pytest.param(updated("a", 0, 1), ("add", "a", 1), id="SI-23 begins to match"),
        pytest.param(updated("a", 1, 0), ("delete", "a", 1), id="SI-23 ceases to match"),
        pytest.param(updated("a", 1, 2), ("update", "a", 1, 2), id="SI-23 matches still"),
        pytest.param(updated("a", 0, 0), None, id="SI-23 never matched"),
        pytest.param(added("a", 0), None, id="SI-23 added without matching"),
        pytest.param(deleted("a", 0), None, id="SI-23 deleted without matching"),
        pytest.param(deleted("a", 1, unknown=True), ("delete", "a", 1), id="SI-23 missed deletion"),
    ],
)
async def test_filtered_handlers(change: Change, call: tuple[Any, ...] | None) -> None:
    calls = Calls()
    registration = calls.registration(where=lambda o: o["value"] > 0)
    async with delivering(registration):
        registration.offer(change)
    assert calls.seen == ([call] if call else [])


async def test_SI_12_a_slow_handler_is_bounded_by_joining_changes() -> None:
    calls = Calls()
    registration = calls.registration(limit=10)
    for n in range(10_000):
        registration.offer(updated("a", n, n + 1))
    registration.offer(added("b"))
    assert registration.pending < 25
    async with delivering(registration):
        pass
    values = [call[2:] for call in calls.seen if call[0] == "update"]
    # No state between is lost: each begins where the one before ended, from the first to the last.
    assert values[0][0] == 0
    assert values[-1][1] == 10_000
    assert all(a[1] == b[0] for a, b in itertools.pairwise(values))


async def test_a_blocking_handler_makes_the_watch_wait() -> None:
    gate = anyio.Event()

    async def on_add(new: Any) -> None:
        await gate.wait()

    registration = Registration(Callbacks(on_add=on_add), PlainForm(), limit=2, overflow=Overflow.BLOCK)
    async with delivering(registration):
        for name in "abc":
            registration.offer(added(name))
        await anyio.wait_all_tasks_blocked()
        assert registration.full
        gate.set()
        with anyio.fail_after(2):
            await registration.wait_room()
        assert not registration.full


async def test_initial_additions_that_were_joined_still_count() -> None:
    registration = Calls().registration(limit=2)
    for change in (
        added("a", initial=True),
        updated("a", 0, 1),
        updated("a", 1, 2),
        deleted("a", 2),
        added("b", initial=True),
    ):
        registration.offer(change)
    registration.source_synced()
    assert not registration.synced
    async with delivering(registration):
        pass
    assert registration.synced


async def test_SI_18_a_removed_handler_gets_nothing_more() -> None:
    calls = Calls()
    removed: list[Registration] = []
    registration = calls.registration(on_remove=removed.append)
    registration.offer(added("a"))
    registration.remove()
    registration.remove()
    registration.offer(added("b"))
    async with delivering(registration):
        pass
    assert calls.seen == []
    assert removed == [registration]


async def test_SI_18_A16_closing_waits_for_the_callback_that_runs() -> None:
    gate, done = anyio.Event(), anyio.Event()

    async def on_add(new: Any) -> None:
        await gate.wait()
        done.set()

    registration = Registration(Callbacks(on_add=on_add), PlainForm())
    async with delivering(registration):
        registration.offer(added("a"))
        await anyio.wait_all_tasks_blocked()
        async with anyio.create_task_group() as group:
            group.start_soon(registration.aclose)
            await anyio.wait_all_tasks_blocked()
            assert not done.is_set()
            gate.set()
        assert done.is_set()
    await registration.aclose()


async def test_SI_18_A16_a_callback_that_waits_for_its_own_end_is_told() -> None:
    errors: list[Exception] = []
    registration: Registration

    async def on_add(new: Any) -> None:
        await registration.aclose()

    registration = Registration(Callbacks(on_add=on_add), PlainForm(), on_error=errors.append)
    async with delivering(registration):
        registration.offer(added("a"))
    assert "wait for its own end" in str(errors[0])


async def test_a_callback_that_was_cancelled_is_called_again_with_the_same_change() -> None:
    seen: list[str] = []
    gate = anyio.Event()

    async def on_add(new: Any) -> None:
        seen.append(new["metadata"]["name"])
        await gate.wait()

    registration = Registration(Callbacks(on_add=on_add), PlainForm())
    async with delivering(registration):
        registration.offer(added("a", initial=True))
        registration.source_synced()
    assert not registration.synced
    gate.set()
    async with delivering(registration):
        await registration.wait_synced()
    assert seen == ["a", "a"]


async def test_callbacks_that_are_missing_are_not_called() -> None:
    registration = Registration(Callbacks(), PlainForm())
    async with delivering(registration):
        for change in (added("a"), updated("a", 1, 2), deleted("a")):
            registration.offer(change)
    assert registration.pending == 0
    assert registration.name == "handler"


async def test_others_get_a_turn_during_a_long_backlog() -> None:
    turns: list[int] = []
    calls = Calls()
    registration = calls.registration()
    for n in range(1000):
        registration.offer(added(str(n)))

    async def other() -> None:
        while len(calls.seen) < 1000:
            turns.append(len(calls.seen))
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(registration.deliver)
        await other()
        group.cancel_scope.cancel()
    assert len(turns) >= 5


@pytest.mark.parametrize(
    ("changes", "joined"),
    [
        pytest.param([added("a", 1), updated("a", 1, 2)], [added("a", 2)], id="add, update"),
        pytest.param([updated("a", 1, 2), updated("a", 2, 3)], [updated("a", 1, 3)], id="update, update"),
        pytest.param([updated("a", 1, 2), deleted("a", 2)], [Change("a", obj("a", 1), None)], id="update, delete"),
        pytest.param([added("a", 1), deleted("a", 1)], [], id="add, delete"),
        pytest.param([deleted("a", 1), added("a", 5)], [updated("a", 1, 5)], id="SI-14 delete, add"),
        pytest.param([added("a", 1), added("b", 1), updated("a", 1, 2)], [added("b", 1), added("a", 2)], id="two"),
        pytest.param([added("a", 1, initial=True), updated("a", 1, 2)], [added("a", 2, initial=True)], id="initial"),
    ],
)
def test_joining(changes: list[Change], joined: list[Change]) -> None:
    found = coalesce(changes)
    if [c.new for c in joined] == [None]:
        assert [c.new for c in found] == [None]
    else:
        assert found == joined


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=30), st.lists(st.booleans(), max_size=30)
)
def test_joined_changes_lead_to_the_same_state(steps: list[tuple[str, int]], cuts: list[bool]) -> None:
    state: dict[str, Any] = {}
    changes: list[Change] = []
    for key, value in steps:
        old, new = state.get(key), None if value == 0 else obj(key, value)
        if old is None and new is None:
            continue
        changes.append(Change(key, old, new))
        state = {**state, key: new} if new is not None else {k: v for k, v in state.items() if k != key}
    seen: dict[str, Any] = {}
    for change in coalesce(changes):
        assert (change.old is None) == (change.key not in seen) or change.old == seen.get(change.key)
        if change.new is None:
            seen.pop(change.key, None)
        else:
            seen[change.key] = change.new
    assert seen == state
