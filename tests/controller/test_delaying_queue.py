"""The delaying queue: items come at their time, the earlier of two, and a drain waits for them."""

from __future__ import annotations

import anyio

from kmagic.controller.delaying_queue import DelayingQueue
from kmagic.testing.clock import FakeClock


async def test_A22_an_item_comes_at_its_time() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    queue.add_after("foo", 0.050)
    assert queue.len() == 0
    clock.advance(0.049)
    assert queue.len() == 0
    clock.advance(0.002)
    assert queue.len() == 1
    assert await queue.get() == ("foo", False)
    queue.done("foo")
    clock.advance(10)
    assert queue.len() == 0
    assert queue.waiting == 0


async def test_WQ_06_A22_of_two_times_the_earlier_counts() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    queue.add_after("foo", 0.050)
    queue.add_after("foo", 0.070)
    assert queue.waiting == 1
    clock.advance(0.060)
    assert await queue.get() == ("foo", False)
    queue.done("foo")
    clock.advance(0.020)
    assert queue.len() == 0

    queue.add_after("foo", 0.050)
    queue.add_after("foo", 0.030)
    clock.advance(0.040)
    assert await queue.get() == ("foo", False)
    queue.done("foo")
    clock.advance(0.020)
    assert queue.len() == 0


async def test_A22_two_fire_early() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    queue.add_after("foo", 1.0)
    queue.add_after("bar", 0.050)
    queue.add_after("third", 0.010)
    clock.advance(0.060)
    assert [await queue.get() for _ in range(2)] == [("third", False), ("bar", False)]
    clock.advance(2)
    assert await queue.get() == ("foo", False)


async def test_A22_items_come_in_the_order_of_their_times() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    for name, seconds in [("foo", 1.0), ("bar", 0.5), ("third", 0.25)]:
        queue.add_after(name, seconds)
    clock.advance(2)
    assert [(await queue.get())[0] for _ in range(3)] == ["third", "bar", "foo"]


async def test_WQ_06_no_delay_means_now_and_nothing_is_taken_after_shut_down() -> None:
    queue = DelayingQueue[str](clock=FakeClock())
    queue.add_after("now", 0)
    queue.add_after("past", -1)
    assert queue.len() == 2
    queue.shut_down()
    queue.add_after("late", 0)
    queue.add_after("later", 1)
    assert queue.len() == 2
    assert queue.waiting == 0


async def test_WQ_07_a_waiting_worker_wakes_by_itself_and_for_an_earlier_item() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    got: list[tuple[float, str | None]] = []

    async def worker() -> None:
        item, _ = await queue.get()
        got.append((clock.now(), item))

    start = clock.now()
    queue.add_after("late", 5)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker)
        tasks.start_soon(worker)
        await clock.settle()
        queue.add_after("early", 1)
        await clock.elapse(10)
    assert got == [(start + 1, "early"), (start + 5, "late")]
    assert clock.sleepers == 0


async def test_WQ_07_shut_down_drops_waiting_items_and_wakes_the_workers() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    queue.add_after("due", 1)
    queue.add_after("never", 5)
    clock.advance(1)
    queue.shut_down()
    assert await queue.get() == ("due", False)
    assert await queue.get() == (None, True)
    assert queue.waiting == 0


async def test_D9_a_drain_waits_for_the_delayed_items() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    queue.add_after("a", 30)
    seen: list[str] = []
    drained = anyio.Event()

    async def worker() -> None:
        async for item in queue:
            seen.append(item)
            queue.done(item)

    async def drain() -> None:
        await queue.shut_down_with_drain()
        drained.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker)
        tasks.start_soon(drain)
        await clock.elapse(29)
        assert not drained.is_set()
        queue.add_after("refused", 0)
        await clock.elapse(2)
        assert drained.is_set()
    assert seen == ["a"]


async def test_many_replaced_times_leave_one_item() -> None:
    clock = FakeClock()
    queue = DelayingQueue[str](clock=clock)
    for seconds in range(100, 0, -1):
        queue.add_after("a", seconds)
    assert queue.waiting == 1
    clock.advance(1)
    assert await queue.get() == ("a", False)
    queue.done("a")
    clock.advance(1000)
    assert queue.len() == 0
