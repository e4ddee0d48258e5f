"""The watch stream: past events, new ones, bookmarks and the watch-list's initial events, as encoded lines.

Source: staging/src/k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go and
staging/src/k8s.io/apiserver/pkg/endpoints/handlers/watch.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.aio.signal import Signal
from kmagic.sandbox.status import APIError
from kmagic.sandbox.storage.store import Stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from kmagic.sandbox.endpoints.negotiation import Form
    from kmagic.sandbox.storage.store import Event, Store

__all__ = ("WatchRequest", "stream")

# The real watch cache sends a bookmark about every minute.
BOOKMARK_SECONDS = 60.0

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode

# Lines joined into one write, so that a burst does not become one write an event.
MAX_CHUNK_EVENTS = 500


class WatchRequest(msgspec.Struct, frozen=True):
    """The options of a watch.

    Attributes:
        since: Send events after this revision; None: begin with the current objects as ADDED.
        initial: With ``since`` None: end the initial events with the bookmark that says so.
        bookmarks: Whether bookmarks may be sent.
        timeout: Seconds after which the server ends the stream.
    """

    resource: str
    matches: Callable[[Stored], bool]
    since: int | None
    initial: bool
    bookmarks: bool
    timeout: float


async def stream(
    store: Store, request: WatchRequest, form: Form, convert: Callable[[Stored], Stored]
) -> AsyncIterator[bytes]:
    """The lines of a watch; ends at the timeout or when the store closes the subscription.

    A version that is too old is answered inside the stream, by one ERROR event, as the watch cache does.

    Args:
        store: The store of the objects.
        request: The options of the watch.
        form: The form of an event's object.
        convert: Brings an object to the version that was asked for.
    """
    news = Signal()
    objects: Iterable[Stored] = store.list(request.resource) if request.since is None else ()
    start = store.revision if request.since is None else request.since
    try:
        subscription = store.subscribe(request.resource, start, news.notify)
    except APIError as error:
        yield b'{"type":"ERROR","object":' + encode(error.status) + b"}\n"
        return
    try:
        first = True
        for chunk in _initial_lines(map(convert, filter(request.matches, objects)), request, form, start):
            first = False
            yield chunk
        loop = asyncio.get_running_loop()
        end = loop.time() + request.timeout
        bookmark = loop.time() + BOOKMARK_SECONDS
        while True:
            lines = []
            for event in subscription.take():
                if line := _line(event, request.matches, form, convert, first=first):
                    lines.append(line)
                    first = False
            for chunk in _chunks(lines):
                yield chunk
            if subscription.closed or loop.time() >= end:
                break
            woken = await _woken(news, min(end, bookmark) if request.bookmarks else end)
            if not woken and request.bookmarks and loop.time() >= bookmark:
                yield form.bookmark(store.revision)
                bookmark = loop.time() + BOOKMARK_SECONDS
        if request.bookmarks and not subscription.closed:
            yield form.bookmark(store.revision)
    finally:
        store.unsubscribe(request.resource, subscription)


async def _woken(news: Signal, deadline: float) -> bool:
    """Waits for news; False when the deadline of the loop's clock comes first."""
    try:
        async with asyncio.timeout_at(deadline):
            await news.wait()
    except TimeoutError:
        return False
    return True


def _initial_lines(objects: Iterable[Stored], request: WatchRequest, form: Form, revision: int) -> list[bytes]:
    lines: list[bytes] = []
    for stored in objects:
        lines.append(form.event("ADDED", stored, first=not lines))
    chunks = _chunks(lines)
    if request.initial:
        chunks.append(form.bookmark(revision, initial_end=True))
    return chunks


def _chunks(lines: list[bytes]) -> list[bytes]:
    return [b"".join(lines[at : at + MAX_CHUNK_EVENTS]) for at in range(0, len(lines), MAX_CHUNK_EVENTS)]


def _line(
    event: Event, matches: Callable[[Stored], bool], form: Form, convert: Callable[[Stored], Stored], *, first: bool
) -> bytes:
    """A change as a filtered watcher sees it, b"" when it does not see it at all."""
    before = event.previous is not None and matches(event.previous)
    if event.type == "DELETED":
        return form.change("DELETED", convert(event.stored), first=first) if before else b""
    if matches(event.stored):
        return form.change("MODIFIED" if before else "ADDED", convert(event.stored), first=first)
    if not before or event.previous is None:
        return b""
    # It left the selection: the watcher gets what it knew, with the version of the change.
    obj = event.previous.decode()
    obj["metadata"]["resourceVersion"] = str(event.revision)
    return form.event("DELETED", convert(Stored(event.stored.resource, obj, event.revision)), first=first)
