from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Any

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kmagic.cache.entry import Entry
from kmagic.cache.informer import SharedInformer
from kmagic.errors import ExpiredError, ForbiddenError, KubeError, NotFoundError, ServiceUnavailableError, SyncError
from kmagic.testing.clock import FakeClock
from kmagic.testing.source import FakeListWatch
from tests.cache.script import Script, listed


def obj(name: str, value: Any = 0, namespace: str = "shop", **meta: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, **meta}, "value": value}


def informer(source: Any, clock: FakeClock | None = None, **options: Any) -> SharedInformer[dict[str, Any]]:
    return SharedInformer(source, clock=clock or FakeClock(), rng=lambda: 0.0, **options)


class Log:
    """What a handler was told."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_add": lambda new, initial: self.seen.append(("add", new["metadata"]["name"], new["value"])),
            "on_update": lambda old, new: self.seen.append(
                ("update", new["metadata"]["name"], old["value"], new["value"])
            ),
            "on_delete": lambda old: self.seen.append(("delete", old["metadata"]["name"], old["value"])),
        }

    def take(self) -> list[Any]:
        seen, self.seen = self.seen, []
        return seen


async def settle() -> None:
    await anyio.wait_all_tasks_blocked()


async def test_A11_SI_13_store_and_handlers_follow_the_source() -> None:
    source, log = FakeListWatch(obj("a", 1)), Log()
    async with informer(source) as i:
        i.add_handler(**log.callbacks())
        await i.wait_synced(5)
        await settle()
        source.modify(obj("a", 2))
        source.add(obj("b", 1))
        source.delete(obj("a"))
        await settle()
        assert log.seen == [("add", "a", 1), ("update", "a", 1, 2), ("add", "b", 1), ("delete", "a", 2)]
        assert i.store.list_keys() == ["shop/b"]
        assert i.last_sync_resource_version == source.resource_version


async def test_SI_13_the_store_is_never_behind_a_handler() -> None:
    source = FakeListWatch()
    i = informer(source)
    found: list[bool] = []
    i.add_handler(
        on_add=lambda new: found.append("shop/a" in i.store),
        on_delete=lambda old: found.append("shop/a" not in i.store),
    )
    async with i:
        source.add(obj("a"))
        await settle()
        source.delete(obj("a"))
        await settle()
    assert found == [True, True]


async def test_SI_05_A12_a_handler_added_later_is_told_what_is_there_as_initial() -> None:
    source = FakeListWatch(obj("a"), obj("b"))
    async with informer(source) as i:
        await i.wait_synced(5)
        seen: list[Any] = []
        registration = i.add_handler(on_add=lambda new, initial: seen.append((new["metadata"]["name"], initial)))
        assert not registration.synced
        source.add(obj("c"))
        await registration.wait_synced()
        await settle()
        assert seen == [("a", True), ("b", True), ("c", False)]


async def test_SI_30_nothing_is_delivered_before_it_runs() -> None:
    source, log = FakeListWatch(obj("a")), Log()
    i = informer(source)
    i.add_handler(**log.callbacks())
    await settle()
    assert (log.seen, source.lists) == ([], [])
    async with i:
        await settle()
    assert log.seen == [("add", "a", 0)]


async def test_SI_06_A12_the_same_function_twice_is_called_twice() -> None:
    source, seen = FakeListWatch(obj("a")), []
    async with informer(source) as i:
        one, two = (i.add_handler(on_add=seen.append) for _ in range(2))
        assert one is not two
        await i.wait_synced(5)
        await settle()
    assert len(seen) == 2


async def test_SI_18_A12_removed_handlers_hear_nothing_and_removing_again_is_fine() -> None:
    source, seen = FakeListWatch(), []
    async with informer(source) as i:
        registration = i.add_handler(on_add=seen.append)
        await i.wait_synced(5)
        i.remove_handler(registration)
        i.remove_handler(registration)
        source.add(obj("a"))
        await settle()
        assert seen == []
        assert i.handlers == ()
        foreign = informer(FakeListWatch()).add_handler(on_add=seen.append)
        with pytest.raises(ValueError, match="not a handler of this informer"):
            i.remove_handler(foreign)


async def test_SI_26_CC_04_a_handler_may_add_and_remove_handlers_and_read() -> None:
    source, log = FakeListWatch(obj("a")), []
    i = informer(source)

    def on_add(new: dict[str, Any]) -> None:
        log.append(("first", len(i.store.list())))
        registration.remove()
        i.add_handler(on_add=lambda new: log.append(("second", new["metadata"]["name"])))

    registration = i.add_handler(on_add=on_add)
    async with i:
        await i.wait_synced(5)
        await settle()
        source.add(obj("b"))
        await settle()
    assert log == [("first", 1), ("second", "a"), ("second", "b")]


async def test_A13_SI_19_states_of_its_life() -> None:
    source = FakeListWatch(obj("a"))
    i = informer(source)
    assert (i.has_synced, i.running, i.stopped, i.last_sync_resource_version) == (False, False, False, "")
    async with i:
        await i.wait_synced(5)
        assert (i.has_synced, i.running, i.stopped) == (True, True, False)
    assert (i.running, i.stopped) == (False, True)
    assert i.store.list_keys() == ["shop/a"]


async def test_SI_02_transform_and_error_handler_are_for_before_the_start() -> None:
    async with informer(FakeListWatch()) as i:
        await settle()
        with pytest.raises(KubeError, match="informer has already started"):
            i.set_transform(lambda o: o)
        with pytest.raises(KubeError, match="informer has already started"):
            i.set_error_handler(print)


async def test_SI_03_indexers_before_and_after_the_start() -> None:
    source = FakeListWatch(obj("a", 1), obj("b", 2))
    i = informer(source, indexers={"value": lambda o: [str(o["value"])]})
    async with i:
        await i.wait_synced(5)
        i.add_indexers({"letter": lambda o: [o["metadata"]["name"][0]]})
        assert [o["metadata"]["name"] for o in i.store.by_index("value", "2")] == ["b"]
        assert i.store.index_keys("letter", "a") == ["shop/a"]
        with pytest.raises(ValueError, match="indexer conflict"):
            i.add_indexers({"letter": lambda o: []})
    i.close()
    with pytest.raises(KubeError, match="has stopped already"):
        i.add_indexers({"late": lambda o: []})


async def test_SI_04_A13_a_closed_informer_takes_no_handlers_and_a_stopped_one_does() -> None:
    source, seen = FakeListWatch(obj("a")), []
    i = informer(source)
    async with i:
        await i.wait_synced(5)
    i.add_handler(on_add=seen.append)
    async with i:
        await settle()
    assert len(seen) == 1
    i.close()
    with pytest.raises(KubeError, match="has stopped already"):
        i.add_handler(on_add=seen.append)


async def test_SI_01_a_second_run_stands_by_and_takes_over() -> None:
    source, log = FakeListWatch(obj("a")), Log()
    i = informer(source)
    i.add_handler(**log.callbacks())
    first = anyio.CancelScope()

    async def run_first() -> None:
        with first:
            await i.run()

    async with anyio.create_task_group() as group:
        group.start_soon(run_first)
        await settle()
        group.start_soon(i.run)
        await settle()
        assert len(source.watches) == 1
        first.cancel()
        await settle()
        source.add(obj("b"))
        await settle()
        group.cancel_scope.cancel()
    assert log.seen == [("add", "a", 0), ("add", "b", 0)]
    assert len(source.lists) == 1


async def test_a_stopped_informer_runs_again_and_misses_nothing() -> None:
    source, log = FakeListWatch(obj("a", 1), obj("b", 1)), Log()
    i = informer(source)
    i.add_handler(**log.callbacks())
    async with anyio.create_task_group() as group:
        group.start_soon(i.run)
        await i.wait_synced(5)
        await settle()
        i.stop()
    log.take()
    source.modify(obj("a", 2))
    source.delete(obj("b"))
    async with i:
        await settle()
    assert log.take() == [("delete", "b", 1), ("update", "a", 1, 2)]
    source.expire()
    source.add_unseen(obj("c", 1))
    source.delete_unseen(obj("a"))
    source.expire()
    async with i:
        await settle()
        await i._core.clock.elapse(5)  # type: ignore[attr-defined]
    assert sorted(log.take()) == [("add", "c", 1), ("delete", "a", 2)]


async def test_Q_15_SI_15_a_relist_deletes_what_vanished_with_its_last_state() -> None:
    clock = FakeClock()
    source = FakeListWatch(obj("a", 1), obj("b", 1))
    seen: list[Any] = []
    i = informer(source, clock)
    i.add_handler(
        on_update=lambda old, new: seen.append(("update", new["metadata"]["name"])),
        on_delete=lambda old, final_state_unknown: seen.append(
            (old["metadata"]["name"], old["value"], final_state_unknown)
        ),
    )
    async with i:
        await i.wait_synced(5)
        source.delete_unseen(obj("a"))
        source.expire()
        await clock.elapse(2)
        source.reset_watches()
        await clock.elapse(5)
        source.delete(obj("b"))
        await settle()
    assert seen == [("a", 1, True), ("b", 1, False)]
    assert i.state.relists[0].reason == "the version to watch from is too old"


async def test_SI_11_a_relist_without_news_tells_nobody() -> None:
    clock, log = FakeClock(), Log()
    source = FakeListWatch(obj("a", 1), obj("b", 1))
    async with informer(source, clock) as i:
        i.add_handler(**log.callbacks())
        await i.wait_synced(5)
        await settle()
        log.take()
        source.modify_unseen(obj("a", 2))
        source.expire()
        source.reset_watches()
        await clock.elapse(5)
    assert log.seen == [("update", "a", 1, 2)]


async def test_SI_10_A15_each_handler_is_resynced_by_its_own_period() -> None:
    clock = FakeClock()
    logs = {seconds: Log() for seconds in (None, 0.0, 10.0, 25.0)}
    async with informer(FakeListWatch(obj("a")), clock, resync_seconds=60) as i:
        registrations = {
            seconds: i.add_handler(resync_seconds=seconds, **log.callbacks()) for seconds, log in logs.items()
        }
        await i.wait_synced(5)
        await clock.elapse(65)
    assert [r.resync_seconds for r in registrations.values()] == [60.0, 0.0, 10.0, 25.0]
    updates = {seconds: sum(call[0] == "update" for call in log.seen) for seconds, log in logs.items()}
    assert updates == {None: 1, 0.0: 0, 10.0: 6, 25.0: 2}


async def test_SI_08_SI_09_a_handler_added_later_to_an_informer_without_resync_keeps_its_period() -> None:
    clock, log = FakeClock(), Log()
    async with informer(FakeListWatch(obj("a")), clock) as i:
        await i.wait_synced(5)
        await clock.elapse(3)
        i.add_handler(resync_seconds=30, **log.callbacks())
        await clock.elapse(61)
    assert [call[0] for call in log.seen] == ["add", "update", "update"]


async def test_SI_07_periods_under_a_second_are_raised(caplog: pytest.LogCaptureFixture) -> None:
    i = informer(FakeListWatch(), resync_seconds=0.2)
    assert i.add_handler(on_add=print).resync_seconds == 1.0
    assert i.add_handler(on_add=print, resync_seconds=0.5).resync_seconds == 1.0
    assert "too short" in caplog.text


async def test_A14_SI_20_objects_are_transformed_before_they_are_stored() -> None:
    source = FakeListWatch(obj("a", 1))
    i = informer(source, transform=lambda o: {**o, "value": o["value"] * 10})
    async with i:
        await i.wait_synced(5)
        source.add(obj("b", 2))
        await settle()
        assert [o["value"] for o in i.store.list()] == [10, 20]


async def test_A14_CC_11_an_error_handler_gets_list_errors_instead_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    source, errors = FakeListWatch(), []
    source.fail_next_lists(ServiceUnavailableError("down"))
    i = informer(source)
    i.set_error_handler(errors.append)
    with caplog.at_level(logging.INFO):
        async with i:
            await settle()
    assert [str(error) for error in errors] == ["down"]
    assert caplog.text == ""


async def test_errors_are_logged_without_a_handler(caplog: pytest.LogCaptureFixture) -> None:
    source = FakeListWatch()
    source.fail_next_lists(ServiceUnavailableError("down"))
    async with informer(source):
        await settle()
    assert "failed to list or watch FakeListWatch: down" in caplog.text


@pytest.mark.parametrize("error", [ForbiddenError("not you"), NotFoundError("no such resource")])
async def test_SI_21_waiting_for_what_cannot_come_ends_at_once_with_the_reason(error: KubeError) -> None:
    source = FakeListWatch()
    source.fail_next_lists(error, error, error)
    async with informer(source) as i:
        with anyio.fail_after(2), pytest.raises(SyncError, match=str(error)) as caught:
            await i.wait_synced()
        assert caught.value.__cause__ is error


async def test_SI_21_waiting_too_long_tells_the_last_error_and_the_state() -> None:
    clock, source = FakeClock(), FakeListWatch()
    error = ServiceUnavailableError("down")
    source.fail_next_lists(*[error] * 100)
    i = informer(source, clock)
    i.set_error_handler(lambda e: None)
    problems: list[SyncError] = []

    async def wait() -> None:
        try:
            await i.wait_synced(30)
        except SyncError as problem:
            problems.append(problem)

    async with i, anyio.create_task_group() as group:
        group.start_soon(wait)
        await clock.elapse(29)
        assert problems == []
        await clock.elapse(2)
    assert problems[0].__cause__ is error
    assert "did not fill within 30 s: backing off for" in str(problems[0])


async def test_passing_errors_are_waited_through() -> None:
    clock, source = FakeClock(), FakeListWatch(obj("a"))
    source.fail_next_lists(ServiceUnavailableError("down"), ExpiredError("x"))
    i = informer(source, clock)
    i.set_error_handler(lambda e: None)
    async with i:
        await clock.elapse(10)
        await i.wait_synced(1)
        assert i.state.last_error is None


async def test_FA_09_waiting_for_an_informer_that_nobody_runs_is_an_error() -> None:
    with anyio.fail_after(2), pytest.raises(SyncError, match="is not running"):
        await informer(FakeListWatch()).wait_synced()


async def test_SI_29_CC_06_leaving_ends_every_task_and_drops_what_waits() -> None:
    # The leak check of every test sees to the tasks.
    gate = anyio.Event()
    source = FakeListWatch(obj("a"), obj("b"))

    async def on_add(new: Any) -> None:
        await gate.wait()

    async with informer(source) as i:
        i.add_handler(on_add=on_add)
        await i.wait_synced(5)
        await settle()
    assert not i.running


async def test_CC_03_one_slow_handler_holds_up_nobody() -> None:
    gate, log = anyio.Event(), Log()

    async def slow(new: Any) -> None:
        await gate.wait()

    source = FakeListWatch(obj("a"))
    async with informer(source) as i:
        i.add_handler(on_add=slow)
        i.add_handler(**log.callbacks())
        await i.wait_synced(5)
        source.add(obj("b"))
        await settle()
        assert [call[1] for call in log.seen] == ["a", "b"]


async def test_SI_28_readers_and_handlers_own_what_they_get_so_there_is_no_mutation_to_detect() -> None:
    source = FakeListWatch(obj("a", [1]))
    async with informer(source) as i:
        i.add_handler(on_add=lambda new: new["value"].append("harmed"))
        await i.wait_synced(5)
        await settle()
        got = i.store.get_by_key("shop/a")
        assert got is not None
        got["value"].append("harmed too")
        assert i.store.list()[0]["value"] == [1]


async def test_shared_informers_have_one_cache_and_handlers_of_their_own() -> None:
    source, log = FakeListWatch(obj("a")), Log()
    one = informer(source)
    two = one.share()
    kept = two.add_handler(**log.callbacks())
    gone = one.add_handler(on_add=print)
    async with one:
        await two.wait_synced(5)
        await settle()
        assert two.store.list_keys() == ["shop/a"]
        with pytest.raises(ValueError, match="not a handler"):
            one.remove_handler(kept)
        one.close()
        assert gone.removed
        source.add(obj("b"))
        await settle()
        assert [call[1] for call in log.seen] == ["a", "b"]
    assert len(source.lists) == 1


async def test_watch_lists_fill_informers() -> None:
    script = Script([listed("1")], [[("ADDED", obj("a", 1, resourceVersion="4")), _end("5")], []])
    i = informer(script.list_watch, watch_list=True)
    async with i:
        await i.wait_synced(5)
        assert i.store.list_keys() == ["shop/a"]
        assert i.store.last_sync_resource_version == "5"


def _end(version: str) -> tuple[str, Any]:
    meta = {"resourceVersion": version, "annotations": {"k8s.io/initial-events-end": "true"}}
    return "BOOKMARK", {"metadata": meta}


async def test_D5_a_handler_that_fails_on_its_first_object_is_still_synced() -> None:
    def fail(new: Any) -> None:
        raise RuntimeError("mine")

    async with informer(FakeListWatch(obj("a"))) as i:
        registration = i.add_handler(on_add=fail, on_error=lambda e: None)
        with anyio.fail_after(2):
            await registration.wait_synced()


async def test_Q_21_Q_22_one_object_that_cannot_be_stored_keeps_nobody_out() -> None:
    source = FakeListWatch()
    i = informer(source, indexers={"odd": lambda o: o["value"]["missing"]})
    async with i:
        await i.wait_synced(5)
        source.add(obj("bad", {}))
        source.add(obj("good", {"missing": ["x"]}))
        await settle()
        assert i.store.list_keys() == ["shop/good"]


async def test_a_repr_says_how_it_is() -> None:
    async with informer(FakeListWatch(obj("a"))) as i:
        await i.wait_synced(5)
        assert repr(i) == "<SharedInformer of FakeListWatch: 1 objects, 0 handlers, streaming for 0 s>"


async def test_entries_of_a_plain_source_are_read_as_dicts() -> None:
    entry = Entry.parse(b'{"metadata":{"name":"a","resourceVersion":"1"},"x":1}')
    async with informer(Script([listed("1", entry)]).list_watch) as i:
        await i.wait_synced(5)
        assert i.store.get_by_key("a") == {"metadata": {"name": "a", "resourceVersion": "1"}, "x": 1}


class Model(RuleBasedStateMachine):
    """An informer against the source it follows, through changes, missed changes, closed watches and expiries.

    A mirror that only hears the handler must become what the source has.
    """

    names = st.sampled_from("abcd")
    portal: BlockingPortal
    running: Future[None]

    def __init__(self) -> None:
        super().__init__()
        self.source = FakeListWatch()
        self.clock = FakeClock()
        self.truth: dict[str, Any] = {}
        self.mirror: dict[str, Any] = {}
        self.informer = informer(self.source, self.clock)
        self.informer.add_handler(on_add=self.on_add, on_update=self.on_update, on_delete=self.on_delete, limit=3)
        self.count = 0
        self.start()

    def on_add(self, new: Any) -> None:
        name = new["metadata"]["name"]
        assert name not in self.mirror
        self.mirror[name] = new["value"]

    def on_update(self, old: Any, new: Any) -> None:
        name = new["metadata"]["name"]
        assert self.mirror[name] == old["value"]
        self.mirror[name] = new["value"]

    def on_delete(self, old: Any) -> None:
        del self.mirror[old["metadata"]["name"]]

    def start(self) -> None:
        self.running = self.portal.start_task_soon(self.informer.run)
        self.portal.call(settle)

    def stop(self) -> None:
        self.portal.call(self.informer.stop)
        self.running.result(timeout=10)

    @rule(name=names, seen=st.booleans())
    def change(self, name: str, seen: bool) -> None:
        self.count += 1
        verb = "modify" if name in self.truth else "add"
        getattr(self.source, verb if seen else f"{verb}_unseen")(obj(name, self.count))
        self.truth[name] = self.count
        if not seen:
            self.lose()

    @rule(name=names, seen=st.booleans())
    def delete(self, name: str, seen: bool) -> None:
        if name in self.truth:
            (self.source.delete if seen else self.source.delete_unseen)(obj(name))
            del self.truth[name]
            if not seen:
                self.lose()

    def lose(self) -> None:
        """What no watch was told can only come with a list."""
        self.source.expire()
        self.source.reset_watches()

    @rule()
    def reset(self) -> None:
        self.source.reset_watches()

    @rule()
    def bookmark(self) -> None:
        self.source.bookmark()

    @rule()
    def restart(self) -> None:
        self.stop()
        self.start()

    @rule()
    def fail(self) -> None:
        self.source.fail_next_lists(ServiceUnavailableError("down"))
        self.source.fail_next_watches(ServiceUnavailableError("down"))
        self.source.reset_watches()

    @invariant()
    def follows(self) -> None:
        self.portal.call(self.catch_up)
        assert self.mirror == self.truth
        assert {o["metadata"]["name"]: o["value"] for o in self.informer.store.list()} == self.truth

    async def catch_up(self) -> None:
        await settle()
        # Longer than the longest pause twice, so that a list and a watch that fail are both behind.
        await self.clock.elapse(90)

    def teardown(self) -> None:
        self.stop()


@pytest.mark.timeout(300)
def test_A11_whatever_happens_the_informer_ends_up_with_what_the_source_has() -> None:
    with start_blocking_portal() as portal:

        class Running(Model):
            pass

        Running.portal = portal
        logging.getLogger("kmagic.cache").setLevel(logging.CRITICAL)
        try:
            run_state_machine_as_test(
                Running, settings=settings(max_examples=15, stateful_step_count=12, deadline=None)
            )
        finally:
            logging.getLogger("kmagic.cache").setLevel(logging.NOTSET)


async def test_a_cache_that_nobody_followed_for_a_while_is_not_synced_before_it_is_filled_again() -> None:
    source = FakeListWatch(obj("a", 1))
    i = informer(source)
    async with i:
        await i.wait_synced(5)
    assert i.store.list_keys() == ["shop/a"], "what was known can still be read"
    source.add(obj("b", 1))
    i.start()
    await i.wait_synced(5)
    assert sorted(i.store.list_keys()) == ["shop/a", "shop/b"]
    await i.stop()


async def test_who_takes_over_from_another_goes_on_without_a_list() -> None:
    source = FakeListWatch(obj("a", 1))
    first = informer(source)
    second = first.share()
    first.start()
    await first.wait_synced(5)
    second.start()
    await settle()
    await first.stop()
    await second.wait_synced(5)
    assert second.running
    assert len(source.lists) == 1
    await second.stop()
