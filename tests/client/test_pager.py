from __future__ import annotations

from typing import Any

import anyio
import pytest

from kmagic.api.options import ListOptions
from kmagic.client.codec import ResourceList
from kmagic.client.pager import Pager
from kmagic.errors import ExpiredError, ForbiddenError, ProtocolError


class Lists:
    """Numbers in pages; a token expires where it is told to."""

    def __init__(self, count: int, *, expire_at: int | None = None) -> None:
        self.count, self.expire_at = count, expire_at
        self.asked = []

    async def __call__(self, options: ListOptions) -> ResourceList:
        self.asked.append(options)
        start = int(options.continue_token or 0)
        if options.continue_token and start == self.expire_at:
            raise ExpiredError("too old")
        size = options.limit or self.count
        stop = min(start + size, self.count)
        token = str(stop) if stop < self.count else ""
        return ResourceList(
            list(range(start, stop)), resource_version=f"rv{start}", continue_token=token, kind="NumberList"
        )


async def test_MI_04_one_page_is_the_servers_own_list() -> None:
    lists = Lists(3)
    found = await Pager(lists, page_size=5).list()
    assert (found.items, found.resource_version) == ([0, 1, 2], "rv0")
    assert [options.limit for options in lists.asked] == [5]


async def test_MI_04_pages_are_joined_with_the_first_ones_version() -> None:
    lists = Lists(11)
    options = ListOptions(resource_version="10", resource_version_match="Exact", label_selector="x")
    found = await Pager(lists, page_size=5).list(options)
    assert found.items == list(range(11))
    assert (found.resource_version, found.continue_token, found.kind) == ("rv0", "", "NumberList")
    assert [(asked.resource_version, asked.resource_version_match) for asked in lists.asked] == [
        ("10", "Exact"),
        (None, None),
        (None, None),
    ]
    assert {asked.label_selector for asked in lists.asked} == {"x"}


async def test_MI_04_the_default_is_500_and_a_given_limit_wins() -> None:
    lists = Lists(3)
    await Pager(lists).list()
    await Pager(lists).list(ListOptions(limit=2))
    assert [options.limit for options in lists.asked] == [500, 2, 2]


async def test_MI_04_page_size_0_asks_for_all_at_once() -> None:
    lists = Lists(1000)
    assert len(await Pager(lists, page_size=0).list()) == 1000
    assert len(lists.asked) == 1


async def test_MI_04_an_expired_token_lists_all_at_the_original_version() -> None:
    lists = Lists(11, expire_at=5)
    found = await Pager(lists, page_size=5).list(ListOptions(resource_version="10"))
    assert found.items == list(range(11))
    last = lists.asked[-1]
    assert (last.limit, last.continue_token, last.resource_version) == (None, None, "10")


async def test_MI_04_or_fails_if_told_to() -> None:
    with pytest.raises(ExpiredError):
        await Pager(Lists(11, expire_at=5), page_size=5, full_list_if_expired=False).list()


async def test_MI_04_an_error_of_the_first_page_is_raised() -> None:
    async def refuse(options: Any) -> None:
        raise ExpiredError("x")

    with pytest.raises(ExpiredError):
        await Pager(refuse).list()


async def test_pages_one_by_one() -> None:
    assert [page.items for page in [page async for page in Pager(Lists(5), page_size=2).pages()]] == [
        [0, 1],
        [2, 3],
        [4],
    ]


async def test_MI_05_each_item_in_order_and_the_version_only_on_the_first_page() -> None:
    lists, seen = Lists(11), []

    async def handle(item: Any) -> None:
        seen.append(item)

    await Pager(lists, page_size=2).each(handle, ListOptions(resource_version="10"))
    assert seen == list(range(11))
    assert [options.resource_version for options in lists.asked] == ["10", *[None] * 5]


async def test_MI_05_pages_are_read_ahead_but_not_without_end() -> None:
    lists, gate = Lists(1000), anyio.Event()

    async def handle(item: Any) -> None:
        await gate.wait()

    async with anyio.create_task_group() as group:
        group.start_soon(lambda: Pager(lists, page_size=1).each(handle))
        await anyio.wait_all_tasks_blocked()
        # Ten wait, one is handled, one is on its way.
        assert 10 <= len(lists.asked) <= 12
        group.cancel_scope.cancel()


async def test_MI_05_an_error_of_the_handler_or_a_page_ends_it() -> None:
    async def handle(item: Any) -> None:
        if item == 3:
            raise ForbiddenError("stop")

    with pytest.raises(ForbiddenError):
        await Pager(Lists(1000), page_size=2).each(handle)

    async def accept(item: Any) -> None:
        pass

    with pytest.raises(ExpiredError):
        await Pager(Lists(11, expire_at=4), page_size=2).each(accept)


async def circle(options: ListOptions) -> ResourceList:
    return ResourceList([1], resource_version="1", continue_token="again", kind="NumberList")


async def test_pages_in_a_circle_are_an_error_however_they_are_read() -> None:
    async def each(item: Any) -> None:
        pass

    with pytest.raises(ProtocolError, match="has no end"):
        await Pager(circle).list()
    with pytest.raises(ProtocolError, match="has no end"):
        await Pager(circle).each(each)
    seen = []
    with pytest.raises(ProtocolError, match="has no end"):
        async for page in Pager(circle).pages():
            seen.append(page)
    assert len(seen) == 2
