"""The list and watch without a server keep what a reflector relies on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from kmagic.api.options import ListOptions
from kmagic.errors import ForbiddenError
from kmagic.testing.source import FakeListWatch


def pod(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop"}, **more}


async def take(events: AsyncIterator[Any], count: int) -> list[tuple[str, str, str]]:
    """(type, name, version) of the next events."""
    found = []
    with anyio.fail_after(2):
        while len(found) < count:
            kind, obj = await anext(events)
            head = obj["metadata"]
            found.append((kind, head.get("name", ""), head["resourceVersion"]))
    return found


async def test_a_list_has_the_present_version_and_a_watch_goes_on_from_there() -> None:
    source = FakeListWatch(pod("a"), pod("b"), kind="Pod")
    listed = await source.list(ListOptions())
    assert listed["kind"] == "PodList"
    assert [item["metadata"]["name"] for item in listed["items"]] == ["a", "b"]
    version = listed["metadata"]["resourceVersion"]
    assert version == "2"
    async with aclosing(await source.watch(ListOptions(resource_version=version))) as events:  # type: ignore[type-var]
        source.add(pod("c"))
        source.modify(pod("a", spec=1))
        source.delete(pod("b"))
        assert await take(events, 3) == [("ADDED", "c", "3"), ("MODIFIED", "a", "4"), ("DELETED", "b", "5")]
    assert source.watches[0].resource_version == "2"


async def test_two_watches_see_the_same_and_changes_nobody_is_told_are_in_the_next_list() -> None:
    source = FakeListWatch()
    async with aclosing(await source.watch(ListOptions())) as one, aclosing(await source.watch(ListOptions())) as two:  # type: ignore[type-var]
        source.add_unseen(pod("silent"))
        source.add(pod("a"))
        assert await take(one, 1) == await take(two, 1) == [("ADDED", "a", "2")]
    source.delete_unseen(pod("a"))
    listed = await source.list(ListOptions())
    assert [item["metadata"]["name"] for item in listed["items"]] == ["silent"]


async def test_watches_end_when_reset_and_bookmarks_tell_the_version() -> None:
    source = FakeListWatch(pod("a"))
    async with aclosing(await source.watch(ListOptions(resource_version="1"))) as events:  # type: ignore[type-var]
        async with anyio.create_task_group() as tasks:
            found: list[Any] = []

            async def read() -> None:
                found.extend([event async for event in events])

            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            source.add_unseen(pod("b"))
            source.bookmark()
            await anyio.wait_all_tasks_blocked()
            source.reset_watches()
        assert found == [("BOOKMARK", {"metadata": {"resourceVersion": "2"}})]


async def test_an_old_version_is_expired_and_errors_can_be_planned() -> None:
    source = FakeListWatch(pod("a"), pod("b"))
    source.expire()
    async with aclosing(await source.watch(ListOptions(resource_version="1"))) as events:  # type: ignore[type-var]
        kind, status = await anext(events)
    assert (kind, status["code"], status["reason"]) == ("ERROR", 410, "Expired")
    source.fail_next_lists(ForbiddenError("no"))
    source.fail_next_watches(ForbiddenError("no"))
    with pytest.raises(ForbiddenError):
        await source.list(ListOptions())
    with pytest.raises(ForbiddenError):
        await source.watch(ListOptions())
    assert len((await source.list(ListOptions()))["items"]) == 2
