"""The priority queue: urgent first, fair among equals, raised by a second add."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kmagic.controller.priority_queue import LOW_PRIORITY, PriorityOrder, PriorityQueue
from kmagic.controller.rate_limiters import ItemExponentialFailureRateLimiter
from kmagic.testing.clock import FakeClock


async def test_WQ_13_urgent_items_overtake_and_equals_keep_their_order() -> None:
    queue = PriorityQueue[str]()
    queue.add("resync-1", priority=LOW_PRIORITY)
    queue.add("resync-2", priority=LOW_PRIORITY)
    queue.add("change-1")
    queue.add("urgent", priority=10)
    queue.add("change-2")
    got = [await queue.get_with_priority() for _ in range(5)]
    assert got == [
        ("urgent", 10, False),
        ("change-1", 0, False),
        ("change-2", 0, False),
        ("resync-1", LOW_PRIORITY, False),
        ("resync-2", LOW_PRIORITY, False),
    ]
    queue.shut_down()
    assert await queue.get_with_priority() == (None, 0, True)


async def test_a_second_add_raises_and_never_lowers() -> None:
    queue = PriorityQueue[str]()
    queue.add("a", priority=1)
    queue.add("b", priority=2)
    queue.add("a", priority=3)
    queue.add("a", priority=0)
    assert queue.len() == 2
    assert await queue.get_with_priority() == ("a", 3, False)
    queue.done("a")
    queue.add("a")
    assert await queue.get() == ("b", False)
    assert await queue.get_with_priority() == ("a", 0, False)


async def test_an_add_while_processing_keeps_its_priority_for_the_next_run() -> None:
    queue = PriorityQueue[str]()
    queue.add("a")
    await queue.get()
    queue.add("a", priority=7)
    queue.add("b", priority=5)
    queue.done("a")
    assert await queue.get_with_priority() == ("a", 7, False)


async def test_a_retry_keeps_the_priority_of_the_failed_run() -> None:
    clock = FakeClock()
    queue = PriorityQueue[str](ItemExponentialFailureRateLimiter(1.0, 60.0), clock=clock)
    queue.add("resync", priority=LOW_PRIORITY)
    await queue.get()
    queue.add_rate_limited("resync")
    queue.done("resync")
    clock.advance(1)
    queue.add("change")
    assert await queue.get() == ("change", False)
    assert await queue.get_with_priority() == ("resync", LOW_PRIORITY, False)
    queue.add_after("later", 1, priority=3)
    clock.advance(1)
    assert await queue.get_with_priority() == ("later", 3, False)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 3)), min_size=1))
def test_the_order_pops_the_highest_wanted_priority_first(adds: list[tuple[int, int]]) -> None:
    order = PriorityOrder[int]()
    wanted: dict[int, int] = {}
    for item, priority in adds:
        order.want(item, priority)
        if item in wanted:
            order.touch(item)
        else:
            order.push(item)
        wanted[item] = max(priority, wanted.get(item, priority))
    assert len(order) == len(wanted)
    popped = [order.pop_with_priority() for _ in wanted]
    assert dict(popped) == wanted
    assert [priority for _, priority in popped] == sorted(wanted.values(), reverse=True)
