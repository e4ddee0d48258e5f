from __future__ import annotations

from typing import Any

import anyio
import pytest

from kmagic.cache.informer import SharedInformer
from kmagic.cache.until import until_with_sync
from kmagic.errors import ForbiddenError, SyncError, WaitError
from kmagic.rest.watch import WatchEvent
from kmagic.testing.clock import FakeClock
from kmagic.testing.source import FakeListWatch


def obj(value: int) -> dict[str, Any]:
    return {"metadata": {"name": "a"}, "value": value}


def at_least(value: int) -> Any:
    return lambda event: event.type != "DELETED" and event.object["value"] >= value


async def test_MI_07_conditions_hold_one_after_another_and_share_their_event() -> None:
    source, clock = FakeListWatch(obj(1)), FakeClock()
    found: list[WatchEvent[Any] | None] = []

    async def wait() -> None:
        informer = SharedInformer(source, clock=clock)
        found.append(await until_with_sync(informer, at_least(1), at_least(3), at_least(3), clock=clock))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        source.modify(obj(2))
        await anyio.wait_all_tasks_blocked()
        assert found == []
        source.modify(obj(3))
    assert found[0] is not None
    assert (found[0].type, found[0].object["value"]) == ("MODIFIED", 3)


async def test_MI_07_a_precondition_on_the_filled_store() -> None:
    informer = SharedInformer(FakeListWatch(obj(1)), clock=FakeClock())
    assert await until_with_sync(informer, precondition=lambda store: len(store) == 1) is None
    assert not informer.running


async def test_MI_07_deletions_give_the_last_object() -> None:
    source = FakeListWatch(obj(1))
    found: list[Any] = []

    async def wait() -> None:
        informer = SharedInformer(source, clock=FakeClock())
        found.append(await until_with_sync(informer, lambda event: event.type == "DELETED"))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        source.delete(obj(1))
    assert found[0].object["value"] == 1


async def test_MI_07_too_late() -> None:
    clock = FakeClock()
    problems: list[Exception] = []

    async def wait() -> None:
        try:
            await until_with_sync(SharedInformer(FakeListWatch(), clock=clock), at_least(1), timeout=10, clock=clock)
        except WaitError as error:
            problems.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await clock.elapse(11)
    assert "timed out after 10 s" in str(problems[0])


async def test_MI_07_errors_end_the_wait() -> None:
    def broken(event: Any) -> bool:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        await until_with_sync(SharedInformer(FakeListWatch(obj(1)), clock=FakeClock()), broken)
    source = FakeListWatch()
    source.fail_next_lists(ForbiddenError("not you"))
    with pytest.raises(SyncError, match="not you"):
        await until_with_sync(SharedInformer(source, clock=FakeClock()), at_least(1))
