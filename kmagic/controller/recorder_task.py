"""The buffer and the writing tasks behind every kind of event recorder, and what a recorder needs of a client.

Source: k8s.io/client-go/tools/record/event.go, k8s.io/client-go/tools/events/event_broadcaster.go.
"""

from __future__ import annotations

import itertools
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import anyio

from kmagic.aio.deadline import within
from kmagic.aio.signal import Signal
from kmagic.aio.tasks import Background
from kmagic.api.clock import Clock
from kmagic.api.options import PatchType
from kmagic.api.types import JSONObject
from kmagic.errors import AlreadyExistsError, StatusError
from kmagic.transport.clock import SystemClock

__all__ = (
    "EVENT_TYPES",
    "EventSink",
    "Events",
    "Recorder",
    "RecorderTask",
    "as_dict",
    "log_refusal",
    "typed",
    "without_version",
)

log: logging.Logger = logging.getLogger(__name__)

EVENT_TYPES = ("Normal", "Warning")


class Recorder(Protocol):
    """The recorder as code that reports events needs it."""

    def event(self, obj: Any, event_type: str, reason: str, message: str, /) -> None:
        """Records an event; never waits and never fails."""
        ...


class EventSink(Protocol):
    """Events of one namespace."""

    async def create(self, obj: Any, /) -> Any:
        """Creates an event."""
        ...

    async def patch(self, name: str, patch: JSONObject, /, *, type: PatchType) -> Any:  # noqa: A002  # the resource's word
        """Changes one."""
        ...


class Events(Protocol):
    """Events of any namespace: ``client.core_v1.events`` or ``client.events_v1.events``."""

    def __call__(self, namespace: str, /) -> EventSink:
        """Those of one namespace."""
        ...


class RecorderTask:
    """The buffer and the writing tasks behind both kinds of recorder.

    Use the recorder as an async context manager: events recorded before are written once it runs; leaving it writes
    what is buffered, for at most `flush_seconds`, and then drops the rest.

    Args:
        clock: Gives the time and sleeps.
        rng: Random numbers in [0, 1), to spread retries.
        tries: Number of times that an event is sent at most.
        retry_seconds: Seconds between two tries.
        buffer_size: Events that may wait; more are dropped and counted.
        flush_seconds: Seconds that leaving may take.
    """

    workers = 1

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        rng: Callable[[], float] = random.random,
        tries: int = 12,
        retry_seconds: float = 10.0,
        buffer_size: int = 1000,
        flush_seconds: float = 5.0,
    ) -> None:
        self.dropped: int = 0
        self._clock: Clock = clock or SystemClock()
        self._rng = rng
        self._tries = tries
        self._retry_seconds = retry_seconds
        self._buffer_size = buffer_size
        self._flush_seconds = flush_seconds
        self._buffer: deque[JSONObject] = deque()
        self._news = Signal()
        self._closed = False
        self._idle = 0
        self._drained = Signal()
        self._background = Background("event recorder")
        self._serial = itertools.count()

    async def start(self) -> None:
        """Begins to send recorded events."""
        self._background.start()
        self._closed = False
        self._idle = 0
        for _ in range(self.workers):
            self._background.spawn(self._work)

    async def stop(self) -> None:
        """Sends what waits, as far as time allows, and ends. Does nothing when it is not running."""
        if not self._background.running:
            return
        self._closed = True
        self._news.notify()
        with anyio.CancelScope(shield=True):
            await within(self._clock, self._flush_seconds, self._flushed)
            self.dropped += len(self._buffer)
            self._buffer.clear()
            await self._background.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _flushed(self) -> None:
        while self._buffer or self._idle < self.workers:
            await self._drained.wait()

    def drop(self, count: int = 1) -> None:
        """Counts events that could not be written."""
        self.dropped += count

    def _put(self, event: JSONObject) -> None:
        if self._closed:
            self.dropped += 1
            log.error("Unable to record event (will not retry!): the recorder was closed")
        elif len(self._buffer) >= self._buffer_size:
            self.dropped += 1
            log.error("Unable to record event: too many queued, dropped %d so far", self.dropped)
        else:
            self._buffer.append(event)
            self._news.notify()

    async def _work(self) -> None:
        while True:
            if self._buffer:
                await self._record(self._buffer.popleft())
                continue
            self._idle += 1
            self._drained.notify()
            await self._news.wait()
            self._idle -= 1

    async def _record(self, event: JSONObject) -> None:
        raise NotImplementedError

    async def _send(self, attempt: Callable[[], Any], delay: Callable[[int], float]) -> None:
        """Calls `attempt` until it returns True, or often enough."""
        for n in range(self._tries):
            if await attempt():
                return
            if self._closed:
                break
            if n + 1 < self._tries:
                await self._clock.sleep(delay(n))
        self.dropped += 1
        log.error("Unable to write event (retry limit exceeded!)")


def as_dict(event: Any) -> JSONObject:
    """A server's answer as a plain dict."""
    return dict(event) if isinstance(event, Mapping) else event.to_dict()


def typed(sink: EventSink, event: JSONObject) -> Any:
    """The event as this client takes it."""
    codec = getattr(sink, "codec", None)
    return event if codec is None else codec.from_dict(event)


def without_version(event: JSONObject) -> JSONObject:
    """The event as it can be created."""
    head = {key: value for key, value in event["metadata"].items() if key != "resourceVersion"}
    return {**event, "metadata": head}


def log_refusal(error: StatusError) -> None:
    """A refused event is dropped: quietly when it is there already or its namespace is going away."""
    ending = any(cause.get("reason") == "NamespaceTerminating" for cause in error.causes)
    level = logging.DEBUG if ending or isinstance(error, AlreadyExistsError) else logging.ERROR
    log.log(level, "Server rejected event (will not retry!): %s", error)
