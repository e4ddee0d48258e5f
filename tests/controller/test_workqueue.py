"""The work queue: each item once, never twice at the same time, nothing lost at the end."""

from __future__ import annotations

import asyncio
import gc
import weakref

import anyio
import pytest

from kmagic.controller.workqueue import FIFOOrder, WorkQueue
from kmagic.testing.clock import FakeClock


async def take(queue: WorkQueue[str]) -> str:
    with anyio.fail_after(5):
        item, shutdown = await queue.get()
    assert not shutdown
    assert item is not None
    return item


@pytest.mark.parametrize("drain", [False, True], ids=["shut down", "shut down with drain"])
async def test_A21_every_item_is_processed_once_by_one_of_many_workers(drain: bool) -> None:
    queue = WorkQueue[int]()
    processed: list[int] = []
    busy: set[int] = set()

    async def producer(first: int) -> None:
        for item in range(first, 500, 10):
            queue.add(item)
            await anyio.lowlevel.checkpoint()

    async def worker() -> None:
        async for item in queue:
            assert item not in busy
            busy.add(item)
            await anyio.lowlevel.checkpoint()
            processed.append(item)
            busy.remove(item)
            queue.done(item)

    async with anyio.create_task_group() as workers:
        for _ in range(10):
            workers.start_soon(worker)
        async with anyio.create_task_group() as producers:
            for first in range(10):
                producers.start_soon(producer, first)
        if drain:
            await queue.shut_down_with_drain()
            assert len(processed) == 500
        else:
            queue.shut_down()
        queue.add(-1)
    assert sorted(processed) == list(range(500))


async def test_WQ_01_an_item_added_twice_is_queued_once_and_touched() -> None:
    touched: list[str] = []

    class Order(FIFOOrder[str]):
        def touch(self, item: str) -> None:
            touched.append(item)

    queue = WorkQueue[str](order=Order())
    queue.add("a")
    queue.add("b")
    queue.add("a")
    assert queue.len() == 2
    assert touched == ["a"]
    assert await take(queue) == "a"
    queue.add("a")  # while it is processed: dirty
    queue.add("a")
    assert touched == ["a"]


async def test_WQ_02_get_waits_and_says_shutdown_only_when_empty() -> None:
    queue = WorkQueue[str]()
    got: list[tuple[str | None, bool]] = []

    async def getter() -> None:
        got.append(await queue.get())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(getter)
        await anyio.wait_all_tasks_blocked()
        assert got == []
        queue.add("a")
    queue.add("b")
    queue.shut_down()
    got += [await queue.get(), await queue.get()]
    assert got == [("a", False), ("b", False), (None, True)]


async def test_WQ_03_A21_adds_while_processing_cause_exactly_one_more_run() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    assert await take(queue) == "a"
    for _ in range(5):
        queue.add("a")
    assert queue.len() == 0
    assert queue.processing == {"a"}
    queue.done("a")
    assert queue.len() == 1
    assert await take(queue) == "a"
    queue.done("a")
    assert queue.len() == 0


async def test_A21_adds_before_processing_collapse() -> None:
    queue = WorkQueue[str]()
    for _ in range(5):
        queue.add("bar")
    assert queue.len() == 1
    assert await take(queue) == "bar"
    queue.done("bar")
    assert queue.len() == 0


async def test_A21_an_item_that_is_added_again_while_processed_comes_after_the_others() -> None:
    queue = WorkQueue[str]()
    queue.add("foo")
    assert await take(queue) == "foo"
    queue.add("foo")
    queue.add("bar")
    queue.done("foo")
    assert await take(queue) == "bar"
    assert await take(queue) == "foo"


async def test_WQ_04_len_counts_queued_items_only() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    queue.add("b")
    assert queue.len() == len(queue) == 2
    await take(queue)
    assert queue.len() == 1


async def test_WQ_05_after_shut_down_nothing_is_accepted_and_what_is_queued_is_drained() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    assert not queue.shutting_down()
    queue.shut_down()
    assert queue.shutting_down()
    queue.add("b")
    assert await take(queue) == "a"
    assert await queue.get() == (None, True)


async def test_WQ_05_drain_waits_for_the_processing_and_for_what_was_added_again_meanwhile() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    await take(queue)
    queue.add("a")
    drained = anyio.Event()

    async def drain() -> None:
        await queue.shut_down_with_drain()
        drained.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(drain)
        await anyio.wait_all_tasks_blocked()
        queue.done("a")
        await anyio.wait_all_tasks_blocked()
        assert not drained.is_set()
        assert await take(queue) == "a"
        queue.done("a")
        await anyio.wait_all_tasks_blocked()
        assert drained.is_set()
    assert await queue.get() == (None, True)


async def test_WQ_05_a_later_shut_down_ends_the_drain() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    await take(queue)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(queue.shut_down_with_drain)
        tasks.start_soon(queue.shut_down_with_drain)
        await anyio.wait_all_tasks_blocked()
        queue.shut_down()
    assert queue.shutting_down()


async def test_WQ_05_all_waiting_workers_end_at_shut_down() -> None:
    queue = WorkQueue[str]()
    ended: list[bool] = []

    async def worker() -> None:
        ended.append((await queue.get())[1])

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(worker)
        await anyio.wait_all_tasks_blocked()
        queue.shut_down()
    assert ended == [True] * 3


async def test_draining_an_idle_queue_returns_at_once() -> None:
    queue = WorkQueue[str]()
    with anyio.fail_after(1):
        await queue.shut_down_with_drain()


async def test_a_getter_that_is_cancelled_when_it_was_its_turn_passes_it_on() -> None:
    # asyncio's own cancellation, as of asyncio.wait_for: it arrives although the item came first.
    queue = WorkQueue[str]()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(take(queue))
        await anyio.wait_all_tasks_blocked()
        second = tasks.create_task(take(queue))
        await anyio.wait_all_tasks_blocked()
        queue.add("a")  # wakes the first
        first.cancel()
    assert first.cancelled()
    assert second.result() == "a"


async def test_A21_a_processed_item_is_not_kept_alive() -> None:
    class Item:
        pass

    queue = WorkQueue[Item]()
    item = Item()
    gone = weakref.ref(item)
    queue.add(item)
    taken, _ = await queue.get()
    assert taken is item
    queue.done(item)
    del item, taken
    gc.collect()
    assert gone() is None


async def test_CC_01_a_worker_that_never_waits_still_lets_others_run() -> None:
    queue = WorkQueue[int](clock=FakeClock())
    for item in range(100):
        queue.add(item)
    others = 0

    async def other() -> None:
        nonlocal others
        while queue.len():
            others += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(other)
        while queue.len():
            await queue.get()
    assert others > 50
