from __future__ import annotations

from typing import Any

import anyio
import pytest

from kmagic.cache import DeltaFIFO, FIFOClosedError, RealFIFO, Store
from kmagic.cache.delta import Delta

A: dict[str, Any] = {"metadata": {"name": "a"}}
B: dict[str, Any] = {"metadata": {"name": "b"}}


@pytest.mark.parametrize("kind", [RealFIFO, DeltaFIFO])
async def test_Q_10_pop_waits_for_something(kind: Any) -> None:
    fifo, popped = kind(), []

    async def consume() -> None:
        popped.append(await fifo.pop())

    async with anyio.create_task_group() as group:
        group.start_soon(consume)
        group.start_soon(consume)
        await anyio.wait_all_tasks_blocked()
        assert popped == []
        fifo.add(A)
        await anyio.wait_all_tasks_blocked()
        assert len(popped) == 1
        fifo.add(B)
    assert len(popped) == 2


@pytest.mark.parametrize("kind", [RealFIFO, DeltaFIFO])
async def test_Q_10_close_wakes_who_waits(kind: Any) -> None:
    fifo, closed = kind(), []

    async def consume() -> None:
        try:
            await fifo.pop()
        except FIFOClosedError as error:
            closed.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(consume)
        await anyio.wait_all_tasks_blocked()
        fifo.close()
    assert len(closed) == 1


@pytest.mark.parametrize("kind", [RealFIFO, DeltaFIFO])
async def test_Q_10_errors_of_the_process_are_the_callers_and_nothing_comes_back(kind: Any) -> None:
    fifo = kind()
    fifo.add(A)

    def fail(item: Any, initial: bool) -> None:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError):
        await fifo.pop(fail)
    assert len(fifo) == 0


async def test_Q_17_batches_can_be_waited_for() -> None:
    fifo = RealFIFO()
    async with anyio.create_task_group() as group:

        async def consume() -> None:
            batch: list[Delta] = await fifo.pop_batch()
            assert [delta.object for delta in batch] == [A, B]

        group.start_soon(consume)
        await anyio.wait_all_tasks_blocked()
        fifo.add(A)
        fifo.add(B)


async def test_A11_a_consumer_keeps_a_store_through_a_queue() -> None:
    store = Store()
    fifo = DeltaFIFO(known_objects=store)

    def process(deltas: list[Delta], initial: bool) -> None:
        for delta in deltas:
            store.apply(delta, initial=initial)

    fifo.replace([A, B])
    for _ in range(2):
        await fifo.pop(process)
    fifo.replace([B])
    for _ in range(2):
        await fifo.pop(process)
    assert store.list_keys() == ["b"]
    assert fifo.has_synced()
