"""A signal wakes all who wait, and one more look where nobody did."""

from __future__ import annotations

import anyio
import pytest

from kmagic.aio.signal import Signal


async def test_all_who_wait_are_woken_and_the_next_wait_is_a_new_one() -> None:
    signal, woken = Signal(), []

    async def wait(name: str) -> None:
        await signal.wait()
        woken.append(name)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait, "a")
        tasks.start_soon(wait, "b")
        await anyio.wait_all_tasks_blocked()
        signal.notify()
        await anyio.wait_all_tasks_blocked()
        assert sorted(woken) == ["a", "b"]
        tasks.start_soon(wait, "c")
        await anyio.wait_all_tasks_blocked()
        assert "c" not in woken
        signal.notify()


async def test_a_notification_without_a_waiter_is_kept_once() -> None:
    signal = Signal()
    signal.notify()
    signal.notify()
    await signal.wait()
    with anyio.move_on_after(0.01) as scope:
        await signal.wait()
    assert scope.cancelled_caught


async def test_what_comes_after_the_last_waiter_gave_up_is_for_the_next() -> None:
    signal = Signal()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await signal.wait()
    signal.notify()
    await signal.wait()


@pytest.mark.parametrize("notified", [False, True])
def test_it_can_be_made_and_notified_without_a_loop_and_tells_its_state(notified: bool) -> None:
    signal = Signal()
    if notified:
        signal.notify()
    assert repr(signal) == f"<Signal, {'notified' if notified else 'quiet'}>"
