from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from kmagic.api.gvk import GroupVersionKind
from kmagic.api.options import ListOptions
from kmagic.cache.list_watch import ListPage, ListWatch
from kmagic.cache.queues import RealFIFO
from kmagic.cache.reflector import Reflector
from kmagic.cache.reflector_state import Phase
from kmagic.cache.store import Store
from kmagic.errors import (
    DecodeError,
    ExpiredError,
    ForbiddenError,
    InternalServerError,
    InvalidError,
    NotFoundError,
    ServiceUnavailableError,
    StatusError,
    TransportError,
)
from kmagic.rest.watch import WatchEvent
from kmagic.testing.clock import FakeClock
from tests.cache.script import EXPIRED, HANG, REFUSED, TOO_LARGE, TOO_MANY, Script, error_event, listed, obj


def reflector(script: Script, store: Any = None, **options: Any) -> Reflector:
    options = {"clock": FakeClock(), "rng": lambda: 0.0, **options}
    return Reflector(script.list_watch, Store() if store is None else store, **options)


def bookmark(version: str, end: str | None = None) -> tuple[str, dict[str, Any]]:
    annotations = {} if end is None else {"k8s.io/initial-events-end": end}
    return "BOOKMARK", obj("", version, annotations=annotations)


@asynccontextmanager
async def running(function: Callable[[], Any]) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(function)
        await anyio.wait_all_tasks_blocked()
        try:
            yield
        finally:
            group.cancel_scope.cancel()


async def test_a_round_lists_watches_and_follows() -> None:
    store = Store()
    script = Script(
        [listed("10", obj("a", "5"), obj("b", "6"))],
        [[("ADDED", obj("c", "11")), ("MODIFIED", obj("a", "12")), ("DELETED", obj("b", "13"))], []],
    )
    r = reflector(script, store)
    await r.list_and_watch()
    assert store.list_keys() == ["a", "c"]
    assert store.get_by_key("a") == obj("a", "12")
    assert r.last_sync_resource_version == "13"
    assert [options.resource_version for options in script.watch_options] == ["10", "13"]


async def test_A1_RF_07_an_expired_list_asks_for_the_newest() -> None:
    script = Script([listed("10", obj("a")), EXPIRED, listed("11", obj("b"))], [[], []])
    r = reflector(script)
    await r.list_and_watch()
    await r.list_and_watch()
    assert script.versions == ["0", "10", ""]
    assert r.last_sync_resource_version == "11"


async def test_A1_RF_12_an_expired_page_becomes_one_full_list_at_the_first_version() -> None:
    script = Script(
        [
            listed("10", *[obj(str(n)) for n in range(4)]),
            listed("11", obj("a"), token="c1"),
            EXPIRED,
            listed("11", obj("b")),
        ],
        [[], []],
    )
    store = Store()
    r = reflector(script, store, page_size=4)
    await r.list_and_watch()
    await r.list_and_watch()
    assert script.versions == ["0", "10", "", "10"]
    assert [options.limit for options in script.list_options] == [4, 4, 4, 0]
    assert script.list_options[2].continue_token == "c1"
    assert store.list_keys() == ["b"]


@pytest.mark.parametrize(
    ("page_size", "tokens", "limits"),
    [
        pytest.param(None, ["", ""], [500, 0], id="A2 RF-08 from the watch cache"),
        pytest.param(None, ["more", "", ""], [500, 500, 500], id="A2 RF-09 without a watch cache"),
        pytest.param(4, ["more", "", ""], [4, 4, 4], id="A2 RF-08 explicit"),
    ],
)
async def test_page_sizes_of_two_lists(page_size: int | None, tokens: list[str], limits: list[int]) -> None:
    script = Script([listed("10", obj(f"o{n}"), token=token) for n, token in enumerate(tokens)], [[], []])
    r = reflector(script, page_size=page_size)
    await r.list_and_watch()
    await r.list_and_watch()
    assert [options.limit for options in script.list_options] == limits


async def test_pages_are_shown_as_they_come_and_stored_as_one() -> None:
    pages: list[tuple[list[str], int]] = []
    store = Store()
    script = Script([listed("10", obj("a"), token="t"), listed("99", obj("b"))], [[]])

    def on_page(page: ListPage) -> None:
        pages.append(([o["metadata"]["name"] for o in page.items], len(store)))

    r = reflector(script, store, on_page=on_page)
    await r.list_and_watch()
    assert pages == [(["a"], 0), (["b"], 0)]
    assert store.list_keys() == ["a", "b"]
    assert r.last_sync_resource_version == "10"


async def test_A3_RF_24_every_kind_of_event_moves_the_version() -> None:
    seen: list[str] = []
    script = Script([listed("10")])
    r = reflector(script)
    note = lambda: seen.append(r.last_sync_resource_version)  # noqa: E731
    events = [("MODIFIED", obj("a", "20")), ("ADDED", obj("b", "30")), ("DELETED", obj("a", "40")), bookmark("50")]
    script.watches.append([step for event in events for step in (event, note)] + [("ADDED", obj("c", "7")), note])
    script.watches.append([])
    await r.list_and_watch()
    assert seen == ["20", "30", "40", "50", "7"]


async def test_RF_25_bookmarks_reach_a_store_that_wants_them_and_nobody_else() -> None:
    store = Store()
    await reflector(Script([listed("10")], [[bookmark("12")], []]), store).list_and_watch()
    assert store.last_sync_resource_version == "12"
    assert len(store) == 0


async def test_A5_RF_03_RF_04_CC_10_watches_ask_for_five_to_ten_minutes_and_bookmarks() -> None:
    for roll, seconds, minimum, expected in [(0.0, 300, 300.0, 300), (0.999, 599, 60.0, 599), (0.5, 900, 600.0, 900)]:
        script = Script([listed("1")], [[]])
        await reflector(script, rng=lambda roll=roll: roll, min_watch_seconds=minimum).list_and_watch()
        assert script.watch_options[0].timeout_seconds == expected == seconds
        assert script.watch_options[0].allow_watch_bookmarks


@pytest.mark.parametrize("error", [REFUSED, TOO_MANY], ids=["A5 RF-29 connection refused", "A5 RF-29 429"])
async def test_a_busy_server_is_asked_again_with_growing_pauses_and_no_list(error: Exception) -> None:
    clock = FakeClock()
    script = Script([listed("10")], [error, error, error, [HANG]])
    r = reflector(script, clock=clock)
    times: list[float] = []
    original = script.watch

    def timed(options: ListOptions) -> Any:
        times.append(clock.now())
        return original(options)

    r = Reflector(ListWatch(script.list, timed), Store(), clock=clock, rng=lambda: 0.0)
    async with running(r.list_and_watch):
        assert r.state.phase is Phase.BACKING_OFF
        await clock.elapse(20)
        assert r.state.phase is Phase.STREAMING
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([0.8, 1.6, 3.2])
    assert len(script.list_options) == 1


async def test_A5_own_backoff() -> None:
    clock = FakeClock()
    script = Script([ServiceUnavailableError("down"), ServiceUnavailableError("down"), listed("1")])
    delays = iter([7.0, 11.0])
    r = reflector(script, clock=clock, backoff=lambda: next(delays), on_error=lambda e: None)
    async with running(r.run):
        await clock.elapse(6.9)
        assert len(script.list_options) == 1
        await clock.elapse(0.2)
        assert len(script.list_options) == 2
        await clock.elapse(11)
        assert r.state.synced


async def test_A6_RF_01_a_round_follows_a_round_whatever_ended_it() -> None:
    clock = FakeClock()
    errors: list[Exception] = []
    script = Script(
        [
            ForbiddenError("no"),
            listed("1", obj("a")),
            listed("2", obj("b")),
            RuntimeError("mine"),
            listed("3", obj("c")),
        ],
        [[], [error_event("Expired", 410)], [HANG]],
    )
    store = Store()
    r = reflector(script, store, clock=clock, on_error=errors.append)
    async with running(r.run):
        await clock.elapse(60)
        assert store.list_keys() == ["c"]
    assert [type(error) for error in errors] == [ForbiddenError, RuntimeError]
    assert r.state.phase is Phase.STOPPED


@pytest.mark.parametrize(
    "ending",
    [[], [ValueError("broken")], [error_event("InternalError", 500)], [HANG]],
    ids=["A6 closed", "A6 broken", "A6 error event", "A6 cancelled"],
)
async def test_watches_are_closed_on_every_exit(ending: list[Any]) -> None:
    script = Script([listed("1")], [ending, []])
    async with running(reflector(script).list_and_watch):
        assert script.open == (1 if ending == [HANG] else 0)
    assert script.open == 0


async def test_CC_02_CC_05_cancelling_ends_a_pause_at_once() -> None:
    script = Script([listed("1")], [TOO_MANY])
    clock = FakeClock()
    async with running(reflector(script, clock=clock).list_and_watch):
        assert clock.sleepers == 1
    assert clock.sleepers == 0


@pytest.mark.parametrize("error", [EXPIRED, TOO_LARGE], ids=["RF-10 expired", "RF-10 too large"])
async def test_only_the_second_refusal_is_told(error: Exception) -> None:
    script = Script([error, NotFoundError("gone")])
    with pytest.raises(NotFoundError, match="gone"):
        await reflector(script).list_and_watch()
    assert script.versions == ["0", ""]


async def test_RF_06_RF_14_errors_of_the_list_come_as_they_are_with_a_note() -> None:
    class OddError(Exception):
        pass

    with pytest.raises(OddError) as caught:
        await reflector(Script([OddError("odd")])).list_and_watch()
    assert caught.value.__notes__ == ["failed to list things"]


async def test_RF_13_a_table_is_refused() -> None:
    script = Script([{"kind": "Table", "metadata": {}, "items": []}])
    with pytest.raises(DecodeError, match="unsupported list gvk"):
        await reflector(script).list_and_watch()


@pytest.mark.parametrize(
    ("expected", "good", "bad"),
    [
        pytest.param(
            GroupVersionKind("apps", "v1", "Deployment"),
            {"apiVersion": "apps/v1", "kind": "Deployment", **obj("good", "11")},
            {"apiVersion": "v1", "kind": "Pod", **obj("bad", "12")},
            id="RF-26 kind",
        ),
        pytest.param(dict, obj("good", "11"), WatchEvent("ADDED", 1), id="RF-26 class"),
    ],
)
async def test_objects_of_another_type_are_skipped(expected: Any, good: Any, bad: Any) -> None:
    store = Store()
    script = Script([listed("10")], [[("ADDED", good), ("ADDED", bad)], []])
    r = reflector(script, store, expected_type=expected)
    await r.list_and_watch()
    assert store.list_keys() == ["good"]
    assert r.last_sync_resource_version == "11"


async def test_RF_27_an_object_that_cannot_be_stored_does_not_end_the_watch() -> None:
    store = Store()
    script = Script(
        [listed("10")], [[("ADDED", {"metadata": {"resourceVersion": "11"}}), ("ADDED", obj("b", "12"))], []]
    )
    await reflector(script, store).list_and_watch()
    assert store.list_keys() == ["b"]


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        pytest.param(error_event("Expired", 410), False, id="RF-28 RF-30 expired"),
        pytest.param(error_event("Gone", 410), False, id="RF-30 gone"),
        pytest.param(error_event("InternalError", 500), True, id="RF-30 internal"),
        pytest.param(("ERROR", InvalidError("x")), True, id="RF-28 an exception as the object"),
        pytest.param(("ERROR", StatusError("x")), True, id="RF-28 anything"),
    ],
)
async def test_an_error_event_ends_the_watch_and_the_round_quietly(event: Any, kept: bool) -> None:
    script = Script([listed("10")], [[("ADDED", obj("a", "11")), event, ("ADDED", obj("never", "12"))]])
    store = Store()
    r = reflector(script, store)
    await r.list_and_watch()
    assert (r.state.last_error is not None) is kept
    assert store.list_keys() == ["a"]
    assert r.last_sync_resource_version == "11"


async def test_an_error_before_the_first_event_of_a_generator_is_one_of_opening() -> None:
    async def refused(options: ListOptions) -> AsyncIterator[Any]:
        raise ForbiddenError("no")
        yield

    r = Reflector(ListWatch(Script([listed("1")]).list, refused), Store(), clock=FakeClock())
    with pytest.raises(ForbiddenError):
        await r.list_and_watch()


async def test_RF_29_a_version_too_old_to_open_a_watch_from_is_the_rounds_error_and_a_list_mends_it() -> None:
    asked: list[ListOptions] = []

    async def refused(options: ListOptions) -> AsyncIterator[Any]:
        raise ExpiredError("too old")
        yield

    async def listing(options: ListOptions) -> Any:
        asked.append(options)
        return listed("10")

    r = Reflector(ListWatch(listing, refused), Store(), clock=FakeClock())
    for _ in range(2):
        with pytest.raises(ExpiredError, match="too old"):
            await r.list_and_watch()
    assert [options.resource_version for options in asked] == ["0", "10"]
    assert r.state.last_error is None


async def test_RF_31_a_watch_cut_by_the_network_goes_on_without_a_list() -> None:
    script = Script(
        [listed("10")], [[("ADDED", obj("a", "11")), TransportError("reset")], [("ADDED", obj("b", "12"))], []]
    )
    store = Store()
    await reflector(script, store).list_and_watch()
    assert [options.resource_version for options in script.watch_options] == ["10", "11", "12"]
    assert len(script.list_options) == 1


async def test_RF_32_a_watch_that_ends_at_once_ends_the_round() -> None:
    script = Script([listed("10")], [[]])
    r = reflector(script)
    await r.list_and_watch()
    assert len(script.watch_options) == 1


async def test_A6_RF_34_resync_while_watching() -> None:
    clock, calls = FakeClock(), []

    class Resynced(Store):
        def resync(self) -> None:
            calls.append(clock.now())

    answers = iter([True, False, True])
    script = Script([listed("10")])
    r = reflector(script, Resynced(), clock=clock, resync_seconds=10, should_resync=lambda: next(answers))
    async with running(r.list_and_watch):
        await clock.elapse(35)
    assert [at - 1000 for at in calls] == [10, 30]


async def test_RF_34_an_error_of_resync_ends_the_watch() -> None:
    class Failing(Store):
        def resync(self) -> None:
            raise RuntimeError("mine")

    clock = FakeClock()
    script = Script([listed("10")])
    r = reflector(script, Failing(), clock=clock, resync_seconds=10)
    async with anyio.create_task_group() as group:
        group.start_soon(r.list_and_watch)
        await clock.elapse(11)
    assert isinstance(r.state.last_error, RuntimeError)


@pytest.mark.parametrize(
    ("error", "level"),
    [
        pytest.param(ServiceUnavailableError("down"), "WARNING", id="RF-33 RF-36 CC-12 logged with what was listed"),
        pytest.param(EXPIRED, "DEBUG", id="RF-33 expiry is everyday life"),
    ],
)
async def test_errors_without_a_handler_are_logged(
    error: Exception, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="kmagic.cache")
    async with running(reflector(Script([error])).run):
        pass
    assert max(caplog.records, key=lambda record: record.levelno).levelname == level
    assert all("things" in record.getMessage() for record in caplog.records)
    assert sum(str(error) in record.getMessage() for record in caplog.records) == 1 + (level == "WARNING")


async def test_RF_35_the_last_version_of_a_new_reflector_is_empty() -> None:
    assert reflector(Script([listed("1")])).last_sync_resource_version == ""


async def test_CC_09_a_silent_watch_is_opened_again_from_the_last_version() -> None:
    clock = FakeClock()
    script = Script([listed("10")], [[("ADDED", obj("a", "11")), HANG], [HANG]])
    r = reflector(script, clock=clock, idle_seconds=90)
    async with running(r.list_and_watch):
        await clock.elapse(80)
        assert len(script.watch_options) == 1
        await clock.elapse(20)
        assert [options.resource_version for options in script.watch_options] == ["10", "11"]
        assert script.open == 1
    assert len(script.list_options) == 1


# watch-list


async def test_RF_15_RF_16_RF_18_A7_a_watch_list_fills_at_its_bookmark_and_streams_on() -> None:
    seen: list[int] = []
    store = Store()
    look = lambda: seen.append(len(store))  # noqa: E731
    script = Script(
        [],
        [
            [
                ("ADDED", obj("a", "1")),
                ("ADDED", obj("b", "2")),
                ("MODIFIED", obj("a", "3")),
                ("DELETED", obj("b", "4")),
                look,
                bookmark("5", "true"),
                look,
                ("ADDED", obj("c", "6")),
            ],
            [],
        ],
    )
    r = reflector(script, store, watch_list=True)
    await r.list_and_watch()
    assert seen == [0, 1]
    assert store.list() == [obj("a", "3"), obj("c", "6")]
    first = script.watch_options[0]
    assert (first.send_initial_events, first.resource_version_match, first.resource_version) == (
        True,
        "NotOlderThan",
        "",
    )
    assert script.list_options == []
    assert [options.resource_version for options in script.watch_options] == ["", "6"]


@pytest.mark.parametrize("value", ["false", "", "True", None], ids=lambda v: f"RF-17 {v}")
async def test_only_the_annotation_true_ends_the_initial_events(value: str | None) -> None:
    store = Store()
    script = Script([listed("9", obj("l"))], [[("ADDED", obj("a", "1")), bookmark("5", value)], []])
    await reflector(script, store, watch_list=True).list_and_watch()
    assert store.list_keys() == ["l"]


@pytest.mark.parametrize(
    "watch",
    [
        pytest.param(InvalidError("sendInitialEvents"), id="RF-19 refused"),
        pytest.param([error_event("Invalid", 422)], id="RF-19 error event"),
        pytest.param([("ADDED", obj("a", "1"))], id="RF-20 D1 ended without bookmark"),
    ],
)
async def test_RF_05_a_server_without_watch_list_is_listed_and_remembered(watch: Any) -> None:
    memory: set[str] = set()
    script = Script([listed("10", obj("l"))], [watch, []])
    await reflector(script, watch_list=True, no_watch_list=memory).list_and_watch()
    assert len(script.list_options) == 1
    assert memory == {"things"}
    other = Script([listed("10", obj("l"))], [[]])
    await reflector(other, watch_list=True, no_watch_list=memory).list_and_watch()
    assert [bool(options.send_initial_events) for options in other.watch_options] == [False]


async def test_RF_22_a_bookmark_that_does_not_come_is_waited_for_ten_seconds_after_the_last_event() -> None:
    clock = FakeClock()
    more = anyio.Event()
    store = Store()

    async def slow(options: ListOptions) -> AsyncIterator[Any]:
        if options.send_initial_events:
            yield "ADDED", obj("a", "1")
            await more.wait()
            yield "ADDED", obj("b", "2")
        await anyio.sleep_forever()

    script = Script([listed("10", obj("l"))])
    r = Reflector(ListWatch(script.list, slow), store, watch_list=True, clock=clock)
    async with running(r.list_and_watch):
        assert r.state.phase is Phase.FILLING
        await clock.elapse(8)
        more.set()
        await clock.elapse(9.5)
        assert r.state.phase is Phase.FILLING
        await clock.elapse(1)
        assert r.state.phase is Phase.STREAMING
        assert store.list_keys() == ["l"]


async def test_RF_21_D1_a_pause_inside_a_watch_list_can_be_cancelled() -> None:
    script = Script([listed("1")], [TOO_MANY])
    clock = FakeClock()
    async with running(reflector(script, clock=clock, watch_list=True).list_and_watch):
        assert clock.sleepers == 1
    assert clock.sleepers == 0


async def test_A7_a_watch_list_with_an_expired_version_asks_for_the_newest() -> None:
    script = Script([], [[("ADDED", obj("a", "1")), bookmark("5", "true")], [], EXPIRED, [bookmark("9", "true"), HANG]])
    r = reflector(script, watch_list=True)
    await r.list_and_watch()
    async with running(r.list_and_watch):
        assert r.last_sync_resource_version == "9"
    assert [options.resource_version for options in script.watch_options] == ["", "5", "5", ""]


async def test_RF_05_watch_lists_are_not_used_unless_asked_for() -> None:
    script = Script([listed("1")], [[]])
    await reflector(script).list_and_watch()
    assert script.watch_options[0].send_initial_events is None


# state


async def test_the_state_tells_what_goes_on() -> None:
    clock, phases = FakeClock(), []
    script = Script([NotFoundError("no such thing"), listed("1")])
    r = reflector(script, clock=clock, on_error=lambda e: None)
    r.observe(lambda state: phases.append(state.phase))
    assert r.state.phase is Phase.NOT_STARTED
    async with running(r.run):
        assert "failing for 0 s: no such thing" in repr(r)
        await clock.elapse(5)
        assert r.state.last_error is None
        assert r.state.synced
    assert list(dict.fromkeys(phases)) == ["listing", "backing off", "streaming", "stopped"]


async def test_a_second_run_goes_on_without_a_list() -> None:
    script = Script([listed("10", obj("a"))], [[("ADDED", obj("b", "11")), HANG], [HANG]])
    store = Store()
    r = reflector(script, store)
    async with running(r.run):
        assert r.last_sync_resource_version == "11"
    async with running(r.run):
        pass
    assert len(script.list_options) == 1
    assert script.watch_options[1].resource_version == "11"


async def test_a_reflector_fills_a_queue() -> None:
    fifo = RealFIFO()
    script = Script([listed("10", obj("a"))], [[("MODIFIED", obj("a", "11")), bookmark("12")], []])
    await reflector(script, fifo).list_and_watch()
    assert [(await fifo.pop()).type.value for _ in range(2)] == ["ReplacedAll", "Updated"]
    assert fifo.has_synced()


async def test_events_of_one_batch_are_stored_in_one_go() -> None:
    flushes: list[int] = []

    class Counting(Store):
        def flush(self) -> None:
            flushes.append(len(self))

    class Batched:
        description = "batched"

        async def list(self, options: ListOptions) -> ListPage:
            return ListPage([], "1")

        @asynccontextmanager
        async def watch(self, options: ListOptions, *, idle_seconds: float | None = None) -> AsyncIterator[Any]:
            async def batches() -> AsyncIterator[Any]:
                if options.resource_version == "1":
                    yield [WatchEvent("ADDED", obj(str(n), str(n + 2))) for n in range(50)]

            yield batches()

    r = Reflector(Batched(), Counting(), clock=FakeClock())
    await r.list_and_watch()
    assert flushes == [0, 50]
    assert r.last_sync_resource_version == "51"


async def test_internal_errors_are_watched_through_where_wanted() -> None:
    script = Script([listed("10")], [[error_event("InternalError", 500)], [error_event("InternalError", 500)], []])
    r = reflector(script, internal_error_seconds=30.0)
    await r.list_and_watch()
    assert len(script.watch_options) == 3
    assert isinstance(r.state.last_error, InternalServerError) or r.state.last_error is None


@pytest.mark.parametrize(
    ("headers_after", "lists"),
    [
        pytest.param(60.0, 1, id="WS_06 headers that come late count as time watched"),
        pytest.param(0.5, 2, id="WS_06 a short wait and a short watch are a short watch"),
    ],
)
async def test_the_time_of_a_watch_begins_with_its_request(headers_after: float, lists: int) -> None:
    """A proxy that holds the headers back until the first event: the watch ends the moment they are there."""
    clock = FakeClock()
    script = Script([listed("10", obj("a"))])

    @asynccontextmanager
    async def held_back(options: ListOptions) -> AsyncIterator[AsyncIterator[Any]]:
        script.watch_options.append(options)
        if len(script.watch_options) > 1:
            await anyio.sleep_forever()
        await clock.sleep(headers_after)
        yield aiter_of(())

    source = ListWatch(list=script.list, watch=held_back, description="things")
    r = Reflector(source, Store(), clock=clock, rng=lambda: 0.0, idle_seconds=None, backoff=lambda: 0.0)
    async with running(r.run):
        await clock.elapse(headers_after)
        assert len(script.list_options) == lists
        assert [options.resource_version for options in script.watch_options] == ["10", "10"]


async def aiter_of(events: Sequence[Any]) -> AsyncIterator[Any]:
    for event in events:
        yield event
