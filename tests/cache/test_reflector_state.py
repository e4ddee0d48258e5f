from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kmagic.api.options import ListOptions
from kmagic.cache import reflector_state as states
from kmagic.cache.reflector_state import (
    End,
    FetchList,
    Listed,
    ListFailed,
    OpenWatch,
    Pause,
    Phase,
    Settings,
    State,
    Waited,
    WatchEnded,
)
from kmagic.errors import (
    BadRequestError,
    ConflictError,
    ExpiredError,
    ForbiddenError,
    GatewayTimeoutError,
    InternalServerError,
    InvalidError,
    NoMatchError,
    NotFoundError,
    ServiceUnavailableError,
    StatusError,
    TransportError,
)
from tests.cache.script import EXPIRED, REFUSED, TOO_LARGE, TOO_MANY

SETTINGS = Settings()
STREAMING = State(phase=Phase.STREAMING, synced=True, resource_version="10", lists=1)
WATCH = OpenWatch(ListOptions(resource_version="10"))


def changed(state: State, **changes: Any) -> State:
    return msgspec.structs.replace(state, **changes)


def ended(state: State = STREAMING, *, settings: Settings = SETTINGS, asked: OpenWatch = WATCH, **how: Any) -> Any:
    how = {"at": 100.0, "opened_at": 50.0, **how}
    return states.step(state, settings, WatchEnded(asked=asked, **how))


@pytest.mark.parametrize(
    ("state", "version"),
    [
        pytest.param(State(), "0", id="RF-07 the first list may come from the cache"),
        pytest.param(STREAMING, "10", id="RF-07 later ones are at least as new as what was seen"),
        pytest.param(changed(STREAMING, unavailable=True), "", id="RF-07 an unavailable version asks for the newest"),
    ],
)
def test_which_version_a_list_asks_for(state: State, version: str) -> None:
    new, action = states.begin(state, SETTINGS, 1.0)
    assert isinstance(action, FetchList)
    assert action.options.resource_version == version
    assert new.phase is Phase.LISTING


@pytest.mark.parametrize(
    ("state", "page_size", "limit"),
    [
        pytest.param(State(), None, 500, id="RF-08 A2 version 0"),
        pytest.param(STREAMING, None, 0, id="RF-08 A2 own version: no paging, so the watch cache may answer"),
        pytest.param(changed(STREAMING, unavailable=True), None, 500, id="RF-08 newest"),
        pytest.param(changed(STREAMING, paginated=True), None, 500, id="RF-08 A2 a server without watch cache"),
        pytest.param(STREAMING, 4, 4, id="RF-08 A2 explicit"),
    ],
)
def test_page_sizes(state: State, page_size: int | None, limit: int) -> None:
    _, action = states.begin(state, Settings(page_size=page_size), 1.0)
    assert isinstance(action, FetchList)
    assert action.options.limit == limit
    # A limit with a version alone would mean exactly that version, again and again.
    at_least = limit and action.options.resource_version not in ("", "0")
    assert action.options.resource_version_match == ("NotOlderThan" if at_least else None)


@pytest.mark.parametrize(
    ("version", "paginated", "remembered"),
    [("0", True, True), ("0", False, False), ("10", True, False), ("", True, False)],
)
def test_RF_09_a_paginated_answer_from_the_cache_is_remembered(version: str, paginated: bool, remembered: bool) -> None:
    asked = ListOptions(resource_version=version)
    state, _ = states.step(State(), SETTINGS, Listed(1.0, "10", paginated, asked))
    assert state.paginated is remembered
    state, _ = states.step(state, SETTINGS, Listed(2.0, "11", False, ListOptions(resource_version="0")))
    assert state.paginated is remembered


@pytest.mark.parametrize("error", [EXPIRED, TOO_LARGE], ids=["RF-10 expired", "RF-10 too large"])
def test_a_refused_version_is_asked_again_as_the_newest(error: Exception) -> None:
    state, action = states.step(STREAMING, SETTINGS, ListFailed(1.0, error, ListOptions(resource_version="10")))
    assert isinstance(action, FetchList)
    assert action.options.resource_version == ""
    state, action = states.step(state, SETTINGS, ListFailed(2.0, error, action.options))
    assert action == End(error)
    state, action = states.begin(state, SETTINGS, 3.0)
    assert isinstance(action, FetchList)
    assert action.options.resource_version == ""
    state, _ = states.step(state, SETTINGS, Listed(4.0, "20", False, action.options))
    assert not state.unavailable


@pytest.mark.parametrize(
    ("error", "too_large"),
    [
        pytest.param(TOO_LARGE, True, id="RF-11 cause type"),
        pytest.param(
            GatewayTimeoutError("x", status={"details": {"causes": [{"message": "Too large resource version"}]}}),
            True,
            id="RF-11 cause message",
        ),
        pytest.param(GatewayTimeoutError("Too large resource version: 5, current: 3"), True, id="RF-11 message"),
        pytest.param(ConflictError("Too large resource version"), False, id="RF-11 another reason"),
        pytest.param(GatewayTimeoutError("timeout"), False, id="RF-11 another timeout"),
        pytest.param(ValueError("Too large resource version"), False, id="RF-11 no status"),
    ],
)
def test_too_large_versions_are_recognised(error: Exception, too_large: bool) -> None:
    assert states.is_too_large(error) is too_large


def test_RF_13_after_a_list_comes_a_watch_from_its_version() -> None:
    before = changed(State(), unavailable=True, last_error=EXPIRED, failing_since=1.0)
    state, action = states.step(before, SETTINGS, Listed(5.0, "12", False, ListOptions()))
    assert action == OpenWatch(ListOptions(resource_version="12", allow_watch_bookmarks=True))
    assert (state.resource_version, state.unavailable, state.last_error, state.phase) == (
        "12",
        False,
        None,
        "streaming",
    )


def test_any_other_list_error_ends_the_round() -> None:
    error = ForbiddenError("no")
    state, action = states.step(State(), SETTINGS, ListFailed(7.0, error, ListOptions(resource_version="0")))
    assert action == End(error)
    assert (state.last_error, state.failing_since) == (error, 7.0)
    state, _ = states.step(state, SETTINGS, ListFailed(9.0, NotFoundError("x"), ListOptions()))
    assert state.failing_since == 7.0


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"events": 5}, id="RF-31 closed by the server"),
        pytest.param({"events": 0, "opened_at": 99.0}, id="RF-31 a second without events is long enough"),
        pytest.param({"events": 1, "opened_at": 99.9}, id="RF-31 short but with events"),
        pytest.param({"events": 1, "error": TransportError("reset")}, id="RF-31 cut by the network"),
        pytest.param({"silent": True, "opened_at": None}, id="a silent watch is opened again"),
    ],
)
def test_a_watch_that_ends_goes_on_from_the_last_version_without_a_list(how: dict[str, Any]) -> None:
    _, action = ended(**how)
    assert action == OpenWatch(ListOptions(resource_version="10", allow_watch_bookmarks=True))


def test_a_watch_that_is_cut_at_once_goes_on_after_a_pause_without_a_list() -> None:
    state, action = ended(opened_at=99.5, error=TransportError("reset"))
    assert action == Pause(WATCH)
    assert state.describe(101.0).endswith("reset")
    _, action = states.step(state, SETTINGS, Waited(102.0, action.then))
    assert action == OpenWatch(ListOptions(resource_version="10", allow_watch_bookmarks=True))


def test_RF_32_a_watch_that_ends_at_once_without_events_needs_a_list() -> None:
    state, action = ended(opened_at=99.5)
    assert action == End(None)
    state, _ = states.begin(state, SETTINGS, 101.0)
    assert state.relists[-1].reason == "the watch ended at once, without an event"


@pytest.mark.parametrize("opened_at", [None, 50.0], ids=["RF-29 at open", "RF-30 in the stream"])
@pytest.mark.parametrize("error", [REFUSED, TOO_MANY], ids=["connection refused", "429"])
def test_a_busy_server_is_watched_again_after_a_pause_without_a_list(error: Exception, opened_at: float | None) -> None:
    state, action = ended(error=error, opened_at=opened_at)
    assert action == Pause(WATCH)
    _, action = states.step(state, SETTINGS, Waited(102.0, action.then))
    assert action == OpenWatch(ListOptions(resource_version="10", allow_watch_bookmarks=True))


def test_RF_29_other_errors_at_open_are_returned() -> None:
    error = ServiceUnavailableError("down")
    state, action = ended(error=error, opened_at=None)
    assert action == End(error)
    assert state.last_error is error


@pytest.mark.parametrize(
    ("opened_at", "told"), [pytest.param(None, EXPIRED, id="RF-29"), pytest.param(50.0, None, id="RF-30")]
)
def test_an_expired_version_relists_from_the_last_version(opened_at: float | None, told: Exception | None) -> None:
    state, action = ended(error=EXPIRED, opened_at=opened_at)
    assert action == End(told)
    assert state.last_error is None
    _, action = states.begin(state, SETTINGS, 101.0)
    assert action == FetchList(ListOptions(resource_version="10", limit=0))


@pytest.mark.parametrize("error", [InternalServerError("no"), InvalidError("no"), ValueError("no")])
def test_RF_30_other_stream_errors_end_the_round_but_are_kept(error: Exception) -> None:
    state, action = ended(error=error)
    assert action == End(None)
    assert state.last_error is error


@pytest.mark.parametrize(
    ("window", "pause_before", "retries"),
    [
        pytest.param(0.0, None, 0, id="A4 RF-30 no window"),
        pytest.param(30.0, None, 31, id="A4 RF-30 half a minute"),
        pytest.param(30.0, 10, 40, id="A4 RF-30 a quiet minute begins a new window"),
    ],
)
def test_internal_errors_are_retried_for_a_while(window: float, pause_before: int | None, retries: int) -> None:
    state, at, count = STREAMING, 100.0, 0
    settings = Settings(internal_error_seconds=window)
    while True:
        state, action = ended(state, settings=settings, at=at, error=InternalServerError("etcdserver: no leader"))
        if isinstance(action, End):
            break
        count, at = count + 1, at + 1.0
        if pause_before is not None and count == pause_before - 1:
            at += 60.0
    assert count == retries


@pytest.mark.parametrize(
    ("state", "version"),
    [
        pytest.param(State(), "", id="RF-15 RF-38 first"),
        pytest.param(changed(STREAMING, watch_list=True), "10", id="RF-15 later"),
        pytest.param(changed(STREAMING, watch_list=True, unavailable=True), "", id="RF-15 unavailable"),
    ],
)
def test_what_a_watch_list_asks_for(state: State, version: str) -> None:
    new, action = states.begin(state, Settings(watch_list=True), 1.0)
    assert action == OpenWatch(
        ListOptions(
            resource_version=version,
            resource_version_match="NotOlderThan",
            allow_watch_bookmarks=True,
            send_initial_events=True,
        ),
        initial=True,
    )
    assert new.phase is Phase.FILLING


def filling() -> tuple[State, OpenWatch]:
    state, action = states.begin(State(), Settings(watch_list=True), 1.0)
    assert isinstance(action, OpenWatch)
    return state, action


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"error": InvalidError("sendInitialEvents is forbidden")}, id="RF-19 not supported"),
        pytest.param({"events": 3}, id="RF-20 D1 ended without its bookmark"),
        pytest.param({"silent": True}, id="RF-22 the bookmark does not come"),
        pytest.param({"error": BadRequestError("no")}, id="RF-19 bad request"),
        pytest.param({"error": TransportError("reset")}, id="RF-19 cut"),
    ],
)
def test_a_watch_list_that_does_not_work_is_given_up_for_good(how: dict[str, Any]) -> None:
    state, asked = filling()
    state, action = ended(state, settings=Settings(watch_list=True), asked=asked, **how)
    assert action == FetchList(ListOptions(resource_version="0", limit=500))
    assert state.watch_list is False
    _, action = states.begin(state, Settings(watch_list=True), 2.0)
    assert isinstance(action, FetchList)


@pytest.mark.parametrize("error", [REFUSED, TOO_MANY])
def test_RF_19_a_busy_server_gets_the_watch_list_again(error: Exception) -> None:
    state, asked = filling()
    state, action = ended(state, asked=asked, error=error, opened_at=None)
    assert action == Pause(asked)
    _, action = states.step(state, SETTINGS, Waited(3.0, asked))
    assert action == asked


def test_RF_19_an_expired_watch_list_asks_for_the_newest_once() -> None:
    state, _ = states.begin(changed(STREAMING, watch_list=True), Settings(watch_list=True), 1.0)
    state, action = ended(state, error=EXPIRED, asked=OpenWatch(ListOptions(resource_version="10"), initial=True))
    assert isinstance(action, OpenWatch)
    assert (action.initial, action.options.resource_version) == (True, "")
    _, action = ended(state, error=EXPIRED, asked=action)
    assert isinstance(action, FetchList)


def test_forbidden_says_nothing_about_watch_lists() -> None:
    state, asked = filling()
    state, action = ended(state, asked=asked, error=ForbiddenError("no"), opened_at=None)
    assert isinstance(action, FetchList)
    assert state.watch_list is None


def test_RF_18_the_bookmark_makes_the_watch_an_ordinary_one() -> None:
    state, _ = filling()
    state = states.filled(state, 5.0, "33")
    assert (state.resource_version, state.synced, state.phase) == ("33", True, "streaming")


@pytest.mark.parametrize(
    ("before", "version", "only_added", "after"),
    [
        pytest.param("10", "12", True, "12", id="RF-23 stored"),
        pytest.param("", "12", True, "", id="RF-23 synthetic additions from nothing"),
        pytest.param("0", "12", True, "0", id="RF-23 synthetic additions from the cache"),
        pytest.param("0", "12", False, "12", id="RF-23 anything else ends them"),
        pytest.param("10", "7", False, "7", id="RF-24 the last one counts, not the highest"),
        pytest.param("10", "", False, "10", id="RF-23 no version"),
    ],
)
def test_the_version_after_events(before: str, version: str, only_added: bool, after: str) -> None:
    state = states.receive(
        changed(STREAMING, resource_version=before), 5.0, version, only_added=only_added, bookmark=False
    )
    assert state.resource_version == after
    assert (state.last_event_at, state.last_bookmark_at) == (5.0, None)


def test_a_stopped_reflector_goes_on_from_its_version_unless_it_is_unavailable() -> None:
    stopped = states.stop(STREAMING, 5.0)
    assert stopped.phase is Phase.STOPPED
    _, action = states.begin(stopped, SETTINGS, 6.0, resume=True)
    assert action == OpenWatch(ListOptions(resource_version="10", allow_watch_bookmarks=True))
    for state in (changed(stopped, unavailable=True), State()):
        assert isinstance(states.begin(state, SETTINGS, 6.0, resume=True)[1], FetchList)


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (ForbiddenError("x"), True),
        (NotFoundError("x"), True),
        (NoMatchError("x"), True),
        (EXPIRED, False),
        (REFUSED, False),
        (ServiceUnavailableError("x"), False),
        (StatusError("x"), False),
    ],
)
def test_waiting_does_not_help_against_some_errors(error: Exception, permanent: bool) -> None:
    assert states.is_permanent(error) is permanent


def test_relists_are_counted_and_the_latest_remembered() -> None:
    state = STREAMING
    for n in range(15):
        state, _ = ended(state, error=ExpiredError(str(n)))
        state, _ = states.begin(state, SETTINGS, float(n))
    assert (state.lists, len(state.relists)) == (16, 10)
    assert state.relists[-1].at == 14.0


def test_a_state_describes_itself() -> None:
    state = changed(STREAMING, since=10.0, last_event_at=15.0)
    assert state.describe(20.0) == "streaming for 10 s, last event 5 s ago"
    state = states.failed(states.pause(State(), 10.0), 8.0, ForbiddenError("not you"))
    assert state.describe(20.0) == "backing off for 10 s, failing for 12 s: not you"
