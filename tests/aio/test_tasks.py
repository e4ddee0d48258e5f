"""Errors come out of task groups as they were raised; tasks in the background end with their owner."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import anyio
import pytest

from kmagic.aio.tasks import Background, Later, first_error, task_group


async def fail(error: BaseException) -> None:
    await anyio.lowlevel.checkpoint()
    raise error


class TestTaskGroup:
    @pytest.mark.parametrize("error", [LookupError("mine"), KeyboardInterrupt()], ids=type)
    async def test_the_bodys_own_error_comes_out_as_it_is(self, error: BaseException) -> None:
        with pytest.raises(type(error)) as caught:
            async with task_group() as tasks:
                tasks.start_soon(anyio.sleep_forever)
                await anyio.lowlevel.checkpoint()
                raise error
        assert caught.value is error

    async def test_it_comes_out_even_when_a_task_fails_as_well(self) -> None:
        async def fail_when_cancelled() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                raise OSError("late")

        mine = LookupError("mine")
        with pytest.raises(LookupError) as caught:
            async with task_group() as tasks:
                tasks.start_soon(fail_when_cancelled)
                await anyio.wait_all_tasks_blocked()
                raise mine
        assert caught.value is mine

    async def test_a_tasks_error_cancels_the_body_and_comes_out_as_it_is(self) -> None:
        error = LookupError("its own")
        with pytest.raises(LookupError) as caught:
            async with task_group() as outer:
                async with task_group() as tasks:
                    tasks.start_soon(fail, error)
                    await anyio.sleep_forever()
                outer.cancel_scope.cancel()
        assert caught.value is error

    async def test_cancellation_from_outside_and_by_the_group_are_what_they_are(self) -> None:
        with anyio.CancelScope() as scope:
            async with task_group():
                scope.cancel()
                await anyio.sleep_forever()
            raise AssertionError("the cancellation goes on")
        assert scope.cancelled_caught
        async with task_group() as tasks:
            tasks.cancel_scope.cancel()
            await anyio.sleep_forever()


class TestFirstError:
    async def test_results_come_in_the_order_of_the_works(self) -> None:
        first_done = anyio.Event()

        async def slow() -> str:
            await first_done.wait()
            return "slow"

        async def fast() -> str:
            first_done.set()
            return "fast"

        assert await first_error([slow, fast]) == ["slow", "fast"]
        assert await first_error([]) == []

    async def test_one_error_ends_all_and_comes_out_as_it_is(self) -> None:
        error = LookupError("mine")
        with pytest.raises(LookupError) as caught:
            await first_error([anyio.sleep_forever, lambda: fail(error)])
        assert caught.value is error


class TestBackground:
    async def test_one_task_starts_it_another_stops_it(self) -> None:
        background, ended = Background("test"), []

        async def work() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                ended.append("work")

        async def start() -> None:
            background.start()
            background.spawn(work)

        await asyncio.create_task(start())
        await anyio.wait_all_tasks_blocked()
        assert background.running
        await asyncio.create_task(background.stop())
        assert (ended, background.running) == (["work"], False)

    async def test_it_starts_again_but_not_twice_and_does_nothing_where_it_does_not_run(self) -> None:
        background = Background("test")
        await background.stop()
        with pytest.raises(RuntimeError, match="test is not running"):
            background.spawn(anyio.sleep_forever)
        for _ in range(2):
            background.start()
            with pytest.raises(RuntimeError, match="running already"):
                background.start()
            await background.stop()

    async def test_an_error_ends_all_and_is_raised_once_by_stop(self) -> None:
        background, error = Background("test"), LookupError("mine")
        background.start()
        background.spawn(anyio.sleep_forever)
        background.spawn(fail, error)
        await background.wait()
        with pytest.raises(LookupError) as caught:
            await background.stop()
        assert caught.value is error
        await background.stop()

    async def test_a_task_of_its_own_that_stops_it_is_cancelled_with_the_others(self) -> None:
        background = Background("test")
        background.start()
        background.spawn(background.stop)
        with anyio.fail_after(10):
            await background.wait()

    async def test_who_is_being_cancelled_still_waits_for_the_end(self) -> None:
        background, ended = Background("test"), []

        async def work() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.lowlevel.checkpoint()
                ended.append("work")

        background.start()
        background.spawn(work)
        await anyio.wait_all_tasks_blocked()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await background.stop()
        assert ended == ["work"]

    def test_one_that_is_never_stopped_ends_with_the_loop(self) -> None:
        script = (
            "import asyncio, anyio\n"
            "from kmagic.aio.tasks import Background\n"
            "async def main():\n"
            "    background = Background('left')\n"
            "    background.start(); background.spawn(anyio.sleep_forever)\n"
            "    await asyncio.sleep(0)\n"
            "asyncio.run(main())\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
        assert (done.stdout, done.stderr) == ("", "")


async def test_later_may_be_awaited() -> None:
    done = []

    async def rest() -> None:
        done.append(True)

    await Later(rest)
    assert done == [True]
