"""The next action of a reflector: a pure function of its state and of what it has just seen.

Theory. A *round* lists (or lets a watch begin with what exists) and then watches until something makes a new list
necessary. Between rounds there is always a back-off.

    begin ─► FetchList ─Listed─► OpenWatch ─WatchEnded─┬─ closed by the server, silent: OpenWatch from the last version
      │         │ListFailed                            ├─ refused connection, 429, cut at once: Pause, then OpenWatch
      │         ├─ expired, too large: FetchList ""    ├─ 410, anything unexpected: End, relist after a back-off
      │         └─ else: End(error)                    └─ could not be opened: End(error)
      └─(watch-list)─► OpenWatch(initial) ─bookmark─► the same watch streams on
                          └─ no bookmark in time, ended without one, not supported: FetchList, and never again

A version the server no longer has (or does not have yet) is *unavailable*: the next list asks for the newest.

Source: k8s.io/client-go/tools/cache/reflector.go
"""

from __future__ import annotations

import enum
from typing import TypeAlias, assert_never

import msgspec

from kmagic.api.options import ListOptions
from kmagic.errors import (
    BadRequestError,
    ConnectError,
    ExpiredError,
    ForbiddenError,
    GatewayTimeoutError,
    InternalServerError,
    MethodNotAllowedError,
    NoMatchError,
    NotAcceptableError,
    NotFoundError,
    StatusError,
    TooManyRequestsError,
    TransportError,
    UnauthorizedError,
)

__all__ = (
    "Action",
    "End",
    "FetchList",
    "ListFailed",
    "Listed",
    "OpenWatch",
    "Pause",
    "Phase",
    "Relist",
    "Settings",
    "State",
    "Waited",
    "WatchEnded",
    "begin",
    "failed",
    "filled",
    "is_permanent",
    "is_too_large",
    "pause",
    "receive",
    "step",
    "stop",
)

DEFAULT_PAGE_SIZE = 500
# A watch that ends sooner without a single event says that the server cannot watch now.
_SHORT_WATCH_SECONDS = 1.0
_REMEMBERED_RELISTS = 10
# After so long without an internal error the next one is a first one again.
_INTERNAL_ERRORS_RESET_SECONDS = 60.0


class Phase(enum.StrEnum):
    """The phase of a reflector."""

    NOT_STARTED = "not started"
    LISTING = "listing"
    FILLING = "waiting for the bookmark that ends the initial events"
    STREAMING = "streaming"
    BACKING_OFF = "backing off"
    STOPPED = "stopped"


class Relist(msgspec.Struct, frozen=True):
    """A list after the first one, and why it was needed."""

    at: float
    reason: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a reflector, which do not change while it runs.

    Attributes:
        page_size: Objects a page; None: client-go's rules.
        first_version: ``"0"`` lets the first list come from the server's cache, in one piece; ``""`` comes in pages.
        watch_list: Whether to begin with a watch that sends what exists.
        internal_error_seconds: For how long an internal error in a watch is answered by watching again at once.
    """

    page_size: int | None = None
    first_version: str = "0"
    watch_list: bool = False
    internal_error_seconds: float = 0.0


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a reflector; times are monotonic seconds of its clock.

    Attributes:
        phase: The present phase.
        since: Time at which the phase began.
        resource_version: The last version that was seen and stored; "" before the first list.
        unavailable: The server refused that version.
        paginated: A list from the server's cache came in pages, so it has no watch cache.
        watch_list: None until decided; False once the server turned out not to support it.
        synced: There was a complete list.
        relists: The latest ones, newest last; `lists` counts them all, with the first.
        last_event_at: Of an event or bookmark.
        last_error: Of the list or watch; None again once a list or watch works.
        failing_since: Time of the first failure since the last success.
    """

    phase: Phase = Phase.NOT_STARTED
    since: float = 0.0
    resource_version: str = ""
    unavailable: bool = False
    paginated: bool = False
    watch_list: bool | None = None
    synced: bool = False
    lists: int = 0
    watches: int = 0
    relists: tuple[Relist, ...] = ()
    last_event_at: float | None = None
    last_bookmark_at: float | None = None
    last_error: Exception | None = None
    failing_since: float | None = None
    internal_errors_since: float | None = None
    internal_error_at: float | None = None
    reason: str = ""

    def describe(self, now: float) -> str:
        """One sentence for people: what it does, since when, and what went wrong."""
        text = f"{self.phase} for {max(0.0, now - self.since):.0f} s"
        if self.phase is Phase.STREAMING and self.last_event_at is not None:
            text += f", last event {max(0.0, now - self.last_event_at):.0f} s ago"
        if self.last_error is not None and self.failing_since is not None:
            text += f", failing for {max(0.0, now - self.failing_since):.0f} s: {self.last_error}"
        return text


class FetchList(msgspec.Struct, frozen=True):
    """List with these options; pages follow where the answer says so."""

    options: ListOptions


class OpenWatch(msgspec.Struct, frozen=True):
    """Watch with these options (the timeout is the driver's).

    Attributes:
        initial: It begins with what exists, up to a bookmark that says so.
    """

    options: ListOptions
    initial: bool = False


class Pause(msgspec.Struct, frozen=True):
    """Back off, then do this."""

    then: OpenWatch


class End(msgspec.Struct, frozen=True):
    """The round is over; a new one begins after a back-off.

    Attributes:
        error: The error for the round's caller; None for the ordinary end of a watch.
    """

    error: Exception | None = None


class Listed(msgspec.Struct, frozen=True):
    """A list came and was stored."""

    at: float
    resource_version: str
    paginated: bool
    asked: ListOptions


class ListFailed(msgspec.Struct, frozen=True):
    """A list did not come."""

    at: float
    error: Exception
    asked: ListOptions


class WatchEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A watch is over.

    Attributes:
        error: None when the server closed it.
        opened_at: None when it never was open.
        events: Number of events that came.
        silent: It was given up because nothing came for too long.
        asked: The watch that ended.
    """

    at: float
    asked: OpenWatch
    opened_at: float | None
    events: int = 0
    error: Exception | None = None
    silent: bool = False


class Waited(msgspec.Struct, frozen=True):
    """A pause is over."""

    at: float
    then: OpenWatch


Action: TypeAlias = FetchList | OpenWatch | Pause | End
Seen: TypeAlias = Listed | ListFailed | WatchEnded | Waited


def begin(state: State, settings: Settings, at: float, *, resume: bool = False) -> tuple[State, Action]:
    """Starts a round.

    Args:
        state: From the round before.
        settings: The reflector's settings.
        at: Present time, monotonic seconds.
        resume: Whether to watch from the last version if there is one: the server still knows every change since.
    """
    if resume and state.synced and state.resource_version and not state.unavailable:
        return _watch(state, at)
    if state.watch_list is None:
        state = _with(state, watch_list=settings.watch_list)
    if state.watch_list:
        return _watch_list(state, at)
    return _list(state, settings, at)


def step(state: State, settings: Settings, seen: Seen) -> tuple[State, Action]:
    """The next state and action after something was seen; a pure function."""
    match seen:
        case Listed():
            state = _healthy(
                state,
                synced=True,
                unavailable=False,
                resource_version=seen.resource_version,
                paginated=state.paginated or (seen.paginated and seen.asked.resource_version == "0"),
            )
            return _watch(state, seen.at)
        case ListFailed():
            return _list_failed(state, settings, seen)
        case WatchEnded():
            return _watch_ended(state, settings, seen)
        case Waited():
            return _watch_list(state, seen.at) if seen.then.initial else _watch(state, seen.at)
        case _:
            assert_never(seen)


def receive(state: State, at: float, version: str, *, only_added: bool, bookmark: bool) -> State:
    """The state after a batch of events was stored.

    Args:
        state: The state before the batch.
        at: Present time, monotonic seconds.
        version: Of the last event that has one, "" if none has. The last one counts, not the highest.
        only_added: All events were ADDED. In a watch from "" or "0" these come in any order, so they say nothing.
        bookmark: There was a bookmark among them.
    """
    if not version or (only_added and state.resource_version in ("", "0")):
        version = state.resource_version
    return _with(
        state,
        resource_version=version,
        last_event_at=at,
        last_bookmark_at=at if bookmark else state.last_bookmark_at,
        last_error=None,
        failing_since=None,
    )


def filled(state: State, at: float, version: str) -> State:
    """The state after the bookmark that ends a watch's initial events, when they have been stored."""
    state = _healthy(state, synced=True, unavailable=False, resource_version=version)
    return _with(_counted(state, at), phase=Phase.STREAMING, since=at)


def pause(state: State, at: float) -> State:
    """The state while waiting for the next try."""
    return _with(state, phase=Phase.BACKING_OFF, since=at)


def stop(state: State, at: float) -> State:
    """The state after the reflector was stopped."""
    return _with(state, phase=Phase.STOPPED, since=at)


def failed(state: State, at: float, error: Exception) -> State:
    """The state after an error that ends a round."""
    since = state.failing_since if state.failing_since is not None else at
    return _with(state, last_error=error, failing_since=since)


def is_too_large(error: Exception) -> bool:
    """Returns whether the server does not have so new a version yet."""
    if not isinstance(error, StatusError):
        return False
    causes = error.causes
    if any(cause.get("reason") == "ResourceVersionTooLarge" for cause in causes):
        return True
    text = "Too large resource version"
    return isinstance(error, GatewayTimeoutError) and (
        any(cause.get("message") == text for cause in causes) or text in error.message
    )


def is_permanent(error: Exception) -> bool:
    """Returns whether waiting alone will not help: no rights, no such resource, not what the server understands."""
    return isinstance(
        error,
        ForbiddenError
        | UnauthorizedError
        | NotFoundError
        | MethodNotAllowedError
        | NotAcceptableError
        | BadRequestError
        | NoMatchError,
    )


def _list(state: State, settings: Settings, at: float) -> tuple[State, FetchList]:
    version = "" if state.unavailable else state.resource_version if state.synced else settings.first_version
    if settings.page_size is not None:
        limit = settings.page_size
    elif state.paginated:
        limit = DEFAULT_PAGE_SIZE
    else:
        # With a version of our own only an unlimited list is answered from the server's cache.
        limit = DEFAULT_PAGE_SIZE if version in ("", "0") else 0
    # Servers read a limit with a version as exactly that version: a watch refused it as too old, so would the next.
    match = "NotOlderThan" if limit and version not in ("", "0") else None
    state = _with(_counted(state, at), phase=Phase.LISTING, since=at)
    return state, FetchList(ListOptions(resource_version=version, resource_version_match=match, limit=limit))


def _counted(state: State, at: float) -> State:
    relists = state.relists
    if state.lists:
        relists = (*relists[1 - _REMEMBERED_RELISTS :], Relist(at, state.reason or "restarted"))
    return _with(state, lists=state.lists + 1, relists=relists, reason="")


def _watch(state: State, at: float) -> tuple[State, OpenWatch]:
    state = _with(state, phase=Phase.STREAMING, since=at, watches=state.watches + 1)
    return state, OpenWatch(ListOptions(resource_version=state.resource_version, allow_watch_bookmarks=True))


def _watch_list(state: State, at: float) -> tuple[State, OpenWatch]:
    options = ListOptions(
        # Never "0": the initial events must be consistent.
        resource_version="" if state.unavailable else state.resource_version,
        resource_version_match="NotOlderThan",
        allow_watch_bookmarks=True,
        send_initial_events=True,
    )
    state = _with(state, phase=Phase.FILLING, since=at, watches=state.watches + 1)
    return state, OpenWatch(options, initial=True)


def _list_failed(state: State, settings: Settings, seen: ListFailed) -> tuple[State, Action]:
    version_refused = isinstance(seen.error, ExpiredError) or is_too_large(seen.error)
    if version_refused and not state.unavailable:
        state = _with(state, unavailable=True, reason="the server refused the last version")
        return _list(state, settings, seen.at)
    return failed(state, seen.at, seen.error), End(seen.error)


def _watch_ended(state: State, settings: Settings, seen: WatchEnded) -> tuple[State, Action]:
    error = seen.error
    if error is not None and _busy(error):
        return failed(state, seen.at, error), Pause(seen.asked)
    if seen.asked.initial and state.phase is Phase.FILLING:
        return _filling_ended(state, settings, seen)
    if seen.opened_at is None and error is not None and not isinstance(error, ExpiredError):
        return _with(failed(state, seen.at, error), reason=f"the watch could not be opened: {error}"), End(error)
    if isinstance(error, InternalServerError) and settings.internal_error_seconds:
        state = _internal_error(state, seen.at)
        if seen.at - (state.internal_errors_since or 0.0) <= settings.internal_error_seconds:
            return _watch(state, seen.at)
        state = _with(state, internal_errors_since=None)
    if error is None or isinstance(error, TransportError):
        # Closed by the server, cut by the network, or silent for too long: nothing is lost, go on from where it was.
        opened_at = seen.opened_at if seen.opened_at is not None else seen.at
        if seen.silent or seen.events or seen.at - opened_at >= _SHORT_WATCH_SECONDS:
            return _watch(state, seen.at)
        if error is not None:
            # Upstream lists again here too; a network that cuts says nothing about the version, so it costs a pause.
            return failed(state, seen.at, error), Pause(seen.asked)
        return _with(state, reason="the watch ended at once, without an event"), End()
    if isinstance(error, ExpiredError):
        # An error of the round only where the server would not even open the watch; a new list mends both.
        state = _with(state, reason="the version to watch from is too old")
        return state, End(error if seen.opened_at is None else None)
    return failed(_with(state, reason=f"the watch ended with an error: {error}"), seen.at, error), End()


def _internal_error(state: State, at: float) -> State:
    since, last = state.internal_errors_since, state.internal_error_at
    quiet = last is None or at - last >= _INTERNAL_ERRORS_RESET_SECONDS
    return _with(state, internal_errors_since=at if since is None or quiet else since, internal_error_at=at)


def _filling_ended(state: State, settings: Settings, seen: WatchEnded) -> tuple[State, Action]:
    error = seen.error
    if error is not None and (isinstance(error, ExpiredError) or is_too_large(error)) and not state.unavailable:
        return _watch_list(_with(state, unavailable=True), seen.at)
    # Upstream opens such a watch again and again; one stream without its bookmark is enough to know.
    state = _with(state, watch_list=False)
    if error is not None and is_permanent(error) and not isinstance(error, BadRequestError):
        state = _with(state, watch_list=None)  # says nothing about watch-lists
    return _list(state, settings, seen.at)


def _busy(error: Exception) -> bool:
    return isinstance(error, ConnectError | TooManyRequestsError)


def _healthy(
    state: State, *, synced: bool, unavailable: bool, resource_version: str, paginated: bool | None = None
) -> State:
    return _with(
        state,
        synced=synced,
        unavailable=unavailable,
        resource_version=resource_version,
        paginated=state.paginated if paginated is None else paginated,
        last_error=None,
        failing_since=None,
    )


def _with(state: State, **changes: object) -> State:
    return msgspec.structs.replace(state, **changes)
