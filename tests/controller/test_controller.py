"""The loop: from changes in a cache to calls of reconcile, with retries, order and an orderly end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from kmagic.api.key import ObjectKey
from kmagic.cache.informer import SharedInformer
from kmagic.controller.controller import Controller
from kmagic.controller.metrics import ADDS, MemoryMetrics
from kmagic.controller.rate_limiters import ItemExponentialFailureRateLimiter
from kmagic.controller.watches import Watch, generation_changed, owned
from kmagic.errors import ForbiddenError, SyncError, WaitError
from kmagic.testing.clock import FakeClock
from kmagic.testing.source import FakeListWatch

WEB = ObjectKey("shop", "web")


def foo(name: str = "web", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Foo", "metadata": {"name": name, "namespace": "shop"}, **more}


def child(name: str, owner: str) -> dict[str, Any]:
    reference = {"kind": "Foo", "name": owner, "uid": owner, "controller": True}
    return {"kind": "Bar", "metadata": {"name": name, "namespace": "shop", "ownerReferences": [reference]}}


class Calls:
    """A reconcile function that remembers its calls and can fail."""

    def __init__(self, clock: FakeClock) -> None:
        self.keys: list[str] = []
        self.times: list[float] = []
        self.answer: Callable[[ObjectKey], float | None] = lambda key: None
        self._clock = clock

    async def __call__(self, key: ObjectKey) -> float | None:
        self.keys.append(str(key))
        self.times.append(self._clock.now())
        return self.answer(key)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(start=0)


@pytest.fixture
def foos() -> FakeListWatch:
    return FakeListWatch(foo())


@pytest.fixture
def calls(clock: FakeClock) -> Calls:
    return Calls(clock)


def make(calls: Any, clock: FakeClock, *sources: Any, **options: Any) -> Controller:
    watches = [SharedInformer(s, clock=clock) if isinstance(s, FakeListWatch) else s for s in sources]
    limiter = ItemExponentialFailureRateLimiter[ObjectKey](1.0, 60.0)
    return Controller(None, calls, watches, clock=clock, rate_limiter=limiter, **options)


async def test_SC_2_every_change_of_a_watched_object_is_a_call(
    clock: FakeClock, foos: FakeListWatch, calls: Calls
) -> None:
    async with make(calls, clock, foos) as controller:
        await clock.settle()
        assert calls.keys == ["shop/web"]
        assert controller.has_synced()
        foos.modify(foo(spec=1))
        await clock.settle()
        foos.add(foo("other"))
        await clock.settle()
        foos.delete(foo("other"))
        await clock.settle()
        assert calls.keys == ["shop/web", "shop/web", "shop/other", "shop/other"]
        assert controller.last_sync_resource_version() == foos.resource_version
        assert controller.status.succeeded == 4


async def test_SC_2_a_change_of_an_owned_object_is_a_call_for_its_owner(
    clock: FakeClock, foos: FakeListWatch, calls: Calls
) -> None:
    bars = FakeListWatch()
    watches = [SharedInformer(foos, clock=clock), owned(SharedInformer(bars, clock=clock), "Foo")]
    async with make(calls, clock, *watches):
        await clock.settle()
        calls.keys.clear()
        bars.add(child("web-1", "web"))
        bars.add({"kind": "Bar", "metadata": {"name": "free", "namespace": "shop"}})
        await clock.settle()
        assert calls.keys == ["shop/web"]
        bars.modify(child("web-1", "other"))
        await clock.settle()
        assert sorted(calls.keys[1:]) == ["shop/other", "shop/web"], "it concerns the old owner and the new"


async def test_SC_2_a_resync_of_an_owned_object_is_no_change_and_one_of_an_own_object_is_a_call(
    clock: FakeClock, foos: FakeListWatch, calls: Calls
) -> None:
    bars = FakeListWatch(child("web-1", "web"))
    own = SharedInformer[Any](foos, clock=clock, resync_seconds=30)
    theirs = SharedInformer[Any](bars, clock=clock, resync_seconds=10)
    async with make(calls, clock, own, owned(theirs, "Foo")):
        await clock.settle()
        calls.keys.clear()
        await clock.elapse(25)
        assert calls.keys == []
        await clock.elapse(10)
        assert calls.keys == ["shop/web"]


async def test_CC_11_a_key_that_fails_comes_back_later_each_time_and_is_forgotten_when_it_succeeds(
    clock: FakeClock, foos: FakeListWatch, calls: Calls
) -> None:
    failing = True

    def answer(key: ObjectKey) -> None:
        if failing:
            raise LookupError("not ready")

    calls.answer = answer
    seen: list[tuple[str, str]] = []
    async with make(calls, clock, foos, on_error=lambda key, error: seen.append((str(key), str(error)))) as controller:
        await clock.elapse(8)
        assert calls.times == [0, 1, 3, 7]
        status = controller.status
        assert (status.failed, status.waiting, status.retries) == (4, 1, {WEB: 4})
        assert status.errors == {WEB: "LookupError: not ready"}
        assert seen[0] == ("shop/web", "not ready")
        failing = False
        await clock.elapse(8)
        assert controller.status.errors == {}
        assert controller.queue.num_requeues(WEB) == 0
        assert calls.times == [0, 1, 3, 7, 15]


async def test_EX6_after_its_last_try_a_key_is_left_alone_until_it_changes(
    clock: FakeClock, foos: FakeListWatch, calls: Calls
) -> None:
    def answer(key: ObjectKey) -> None:
        raise LookupError("never")

    calls.answer = answer
    async with make(calls, clock, foos, max_retries=2) as controller:
        await clock.elapse(100)
        assert len(calls.keys) == 3
        assert controller.status.errors == {WEB: "LookupError: never"}
        foos.modify(foo())
        await clock.settle()
        assert len(calls.keys) == 4


async def test_a_number_of_seconds_brings_the_key_back_without_a_failure(
    clock: FakeClock, foos: FakeListWatch, calls: Calls
) -> None:
    calls.answer = lambda key: 10.0
    async with make(calls, clock, foos) as controller:
        await clock.elapse(25)
        assert calls.times == [0, 10, 20]
        assert controller.status.failed == 0


async def test_SC_1_workers_share_the_keys_and_none_is_worked_on_twice_at_a_time(clock: FakeClock) -> None:
    foos = FakeListWatch(*[foo(f"f{n}") for n in range(6)])
    busy: list[str] = []
    most = 0

    async def reconcile(key: ObjectKey) -> None:
        nonlocal most
        assert str(key) not in busy
        busy.append(str(key))
        most = max(most, len(busy))
        await clock.sleep(1)
        busy.remove(str(key))

    async with make(reconcile, clock, foos, workers=2) as controller:
        await clock.settle()
        foos.modify(foo("f0"))
        await clock.elapse(0.5)
        assert len(controller.status.processing) == 2
        await clock.elapse(10)
    assert most == 2
    assert controller.status.succeeded == 7


async def test_SC_7_stop_ends_run_when_what_is_queued_is_done(clock: FakeClock, foos: FakeListWatch) -> None:
    done: list[str] = []
    controller: Controller

    async def reconcile(key: ObjectKey) -> None:
        controller.stop()
        await clock.sleep(1)
        done.append(str(key))

    controller = make(reconcile, clock, foos)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(controller.run)
        await clock.elapse(2)
    assert done == ["shop/web"]
    assert controller.stopped.is_set()
    with pytest.raises(RuntimeError, match="was stopped; make another"):
        await controller.run()


async def test_CC_05_CC_06_cancelling_ends_a_call_that_is_under_way_and_leaves_no_handler(
    clock: FakeClock, foos: FakeListWatch
) -> None:
    ended: list[str] = []

    async def reconcile(key: ObjectKey) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(str(key))

    informer = SharedInformer[Any](foos, clock=clock)
    controller = make(reconcile, clock, informer)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(controller.run)
        await clock.settle()
        tasks.cancel_scope.cancel()
    assert ended == ["shop/web"]
    assert informer.handlers == ()
    assert not informer.running


async def test_D9_drain_waits_for_keys_that_fail_and_come_back(clock: FakeClock, foos: FakeListWatch) -> None:
    calls = Calls(clock)
    outcomes = iter([LookupError("once")])

    def answer(key: ObjectKey) -> None:
        error = next(outcomes, None)
        if error:
            raise error

    calls.answer = answer
    async with make(calls, clock, foos) as controller:
        await clock.settle()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(controller.drain)
            await clock.elapse(2)
    assert calls.times == [0, 1]


async def test_SC_1_nothing_is_worked_on_before_the_caches_are_filled(clock: FakeClock, calls: Calls) -> None:
    foos = FakeListWatch(foo())
    foos.fail_next_lists(ForbiddenError("foos is forbidden"))
    with pytest.raises(SyncError) as caught:
        await make(calls, clock, foos).run()
    assert isinstance(caught.value.__cause__, ForbiddenError)
    assert calls.keys == []


async def test_a_key_can_be_wanted_by_hand_and_metrics_have_the_controllers_name(
    clock: FakeClock, foos: FakeListWatch, calls: Calls
) -> None:
    metrics = MemoryMetrics()
    async with make(calls, clock, foos, name="foos", metrics=metrics) as controller:
        await clock.settle()
        controller.enqueue(foo("by-hand"))
        controller.enqueue(ObjectKey("shop", "by-key"))
        await clock.settle()
    assert calls.keys == ["shop/web", "shop/by-hand", "shop/by-key"]
    assert metrics.value(ADDS, "foos") == 3


async def test_a_predicate_lets_only_its_changes_count(clock: FakeClock, foos: FakeListWatch, calls: Calls) -> None:
    def numbered(generation: int, spec: int) -> dict[str, Any]:
        made = foo(spec=spec)
        return {**made, "metadata": {**made["metadata"], "generation": generation}}

    watch = Watch(SharedInformer[Any](foos, clock=clock, resync_seconds=30), when=generation_changed)
    async with make(calls, clock, watch):
        await clock.settle()
        foos.modify(numbered(1, 1))
        await clock.settle()
        calls.keys.clear()
        foos.modify(numbered(1, 2))  # its status, say
        await clock.elapse(35)  # and a resync
        assert calls.keys == []
        foos.modify(numbered(2, 2))
        await clock.settle()
        assert calls.keys == ["shop/web"]
        foos.delete(numbered(2, 2))
        await clock.settle()
        assert calls.keys == ["shop/web", "shop/web"]


async def test_a_watch_can_map_whole_objects_to_any_keys(clock: FakeClock, foos: FakeListWatch, calls: Calls) -> None:
    configs = FakeListWatch({"metadata": {"name": "settings", "namespace": "shop"}, "data": {"for": "web other"}})

    def keys(config: dict[str, Any]) -> list[ObjectKey]:
        return [ObjectKey("shop", name) for name in config["data"]["for"].split()]

    async with make(calls, clock, Watch(SharedInformer(configs, clock=clock), keys, raw=False)):
        await clock.settle()
    assert sorted(calls.keys) == ["shop/other", "shop/web"]


def test_without_a_client_only_informers_can_be_watched(calls: Calls, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="watches informers only"):
        make(calls, clock, "foos.example.com")


async def test_a_drain_that_takes_too_long_says_what_is_left(clock: FakeClock, foos: FakeListWatch) -> None:
    begun = anyio.Event()

    async def never(key: ObjectKey) -> None:
        begun.set()
        await anyio.sleep_forever()

    async with Controller(None, never, [SharedInformer(foos, clock=clock)], name="slow", clock=clock) as controller:
        await begun.wait()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(clock.elapse, 6)
            with pytest.raises(
                WaitError, match="'slow' was not done within 5 s: 0 queued, 0 waiting, 1 being worked on"
            ):
                await controller.drain(timeout=5)
            tasks.cancel_scope.cancel()


async def test_a_stop_may_be_awaited(clock: FakeClock, foos: FakeListWatch, calls: Calls) -> None:
    controller = Controller(None, calls, [SharedInformer(foos, clock=clock)], clock=clock)
    await controller.start()
    assert controller.running
    await clock.settle()
    await controller.stop()
    assert (controller.running, calls.keys) == (False, ["shop/web"])
