"""The thread bridge: results, errors, interrupts and shutdown cross it whole."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from kmagic.errors import LoopThreadError
from kmagic.sync.runtime import Runtime


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime("test-loop")
    yield runtime
    runtime.stop()


def test_run_returns_the_result_and_raises_the_error(runtime: Runtime) -> None:
    async def answer() -> int:
        return 42

    async def fail() -> None:
        raise ValueError("no")

    assert runtime.run(answer()) == 42
    with pytest.raises(ValueError, match="no"):
        runtime.run(fail())


def test_blocking_on_the_loop_thread_is_refused_instead_of_deadlocking(runtime: Runtime) -> None:
    async def inner() -> int:
        return 1

    async def outer() -> int:
        return runtime.run(inner())

    with pytest.raises(LoopThreadError, match="event loop"):
        runtime.run(outer())


def test_an_interrupt_cancels_the_coroutine_before_the_prompt_returns(runtime: Runtime) -> None:
    started, cancelled = threading.Event(), threading.Event()

    async def long() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def interrupt() -> None:
        started.wait()
        signal.pthread_kill(main_thread, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        runtime.run(long())
    thread.join()
    assert cancelled.wait(2)


def test_stop_ends_the_thread_and_every_task_and_the_runtime_can_start_again(runtime: Runtime) -> None:
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    runtime.spawn(forever, "forever")
    runtime.stop()
    assert ended.is_set()
    assert not runtime.running

    async def answer() -> int:
        return 1

    assert runtime.run(answer()) == 1


def test_iterating_stops_the_source_when_the_consumer_leaves_early(runtime: Runtime) -> None:
    closed = threading.Event()

    async def numbers() -> AsyncIterator[int]:
        try:
            n = 0
            while True:
                yield n
                n += 1
        finally:
            closed.set()

    seen = []
    for n in runtime.iterate(numbers()):
        seen.append(n)
        if n == 20:
            break
    assert seen == list(range(21))
    assert closed.wait(2)


def test_an_error_of_the_source_reaches_the_consumer_after_the_items_before_it(runtime: Runtime) -> None:
    async def two_then_fail() -> AsyncIterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    for_one: list[int] = []
    with pytest.raises(ValueError, match="broken"):
        for n in runtime.iterate(two_then_fail()):
            for_one.append(n)
    assert for_one == [1, 2]


def test_a_context_manager_is_entered_and_left_by_one_task(runtime: Runtime) -> None:
    tasks: list[object] = []

    @asynccontextmanager
    async def manager() -> AsyncIterator[str]:
        tasks.append(asyncio.current_task())
        try:
            yield "value"
        except KeyError:
            tasks.append("saw the error")
            raise
        finally:
            tasks.append(asyncio.current_task())

    with runtime.enter(manager()) as value:
        assert value == "value"
    assert tasks[0] is tasks[1]

    with pytest.raises(KeyError), runtime.enter(manager()):
        raise KeyError("inside")
    assert tasks[3] == "saw the error"


def test_an_error_on_entry_is_raised_to_the_caller(runtime: Runtime) -> None:
    @asynccontextmanager
    async def manager() -> AsyncIterator[None]:
        raise ValueError("cannot enter")
        yield

    with pytest.raises(ValueError, match="cannot enter"), runtime.enter(manager()):
        pass
