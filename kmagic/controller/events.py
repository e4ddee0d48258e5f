"""Events of core/v1: what a controller tells about an object, seen with `kubectl describe`.

`event` never waits and never fails: it puts the event into a bounded buffer, and a task writes it, combines similar
ones, and tries again when the server is away.

Source: k8s.io/client-go/tools/record/event.go.
"""

from __future__ import annotations

import itertools
import logging
import random
import socket
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import anyio
import anyio.abc

from kmagic.api import names, times
from kmagic.api.clock import Clock
from kmagic.api.types import JSONObject
from kmagic.controller.deadline import within
from kmagic.controller.event_correlator import CorrelatorOptions, EventCorrelator, event_name
from kmagic.controller.reference import object_reference
from kmagic.controller.task_group import leave
from kmagic.errors import AlreadyExistsError, KubeError, NotFoundError, StatusError
from kmagic.transport.clock import SystemClock

__all__ = ("EventRecorder", "EventSink", "Events", "Recorder", "RecorderTask")

log = logging.getLogger(__name__)

EVENT_TYPES = ("Normal", "Warning")


class Recorder(Protocol):
    """What code that tells events needs."""

    def event(self, obj: Any, event_type: str, reason: str, message: str, /) -> None:
        """Tells an event; never waits and never fails."""
        ...


class EventSink(Protocol):
    """Events of one namespace."""

    async def create(self, obj: Any, /) -> Any:
        """Creates an event."""
        ...

    async def patch(self, name: str, patch: JSONObject, /, *, type: str) -> Any:  # noqa: A002  # the resource's word
        """Changes one."""
        ...


class Events(Protocol):
    """Events of any namespace: ``client.core_v1.events`` or ``client.events_v1.events``."""

    def __call__(self, namespace: str, /) -> EventSink:
        """Those of one namespace."""
        ...


class RecorderTask:
    """The buffer and the writing tasks behind both kinds of recorder.

    Use the recorder as an async context manager: events told before are written once it runs; leaving it writes
    what is buffered, for at most `flush_seconds`, and then drops the rest.

    Args:
        clock: Tells and waits.
        rng: Random numbers in [0, 1), to spread retries.
        tries: How often an event is sent at most.
        retry_seconds: Between two tries.
        buffer_size: Events that may wait; more are dropped and counted.
        flush_seconds: How long leaving may take.
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
        self.dropped = 0
        self._clock: Clock = clock or SystemClock()
        self._rng = rng
        self._tries = tries
        self._retry_seconds = retry_seconds
        self._buffer_size = buffer_size
        self._flush_seconds = flush_seconds
        self._buffer: deque[JSONObject] = deque()
        self._news = anyio.Event()
        self._closed = False
        self._idle = 0
        self._drained = anyio.Event()
        self._tasks: anyio.abc.TaskGroup | None = None
        self._serial = itertools.count()

    async def __aenter__(self) -> Self:
        if self._tasks is not None:
            raise RuntimeError("the recorder is running already")
        self._closed = False
        self._idle = 0
        self._drained = anyio.Event()
        self._tasks = await anyio.create_task_group().__aenter__()
        for _ in range(self.workers):
            self._tasks.start_soon(self._work)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        tasks, self._tasks = self._tasks, None
        assert tasks is not None
        self._closed = True
        self._news.set()
        with anyio.CancelScope(shield=True):
            await within(self._clock, self._flush_seconds, self._drained.wait)
        self.dropped += len(self._buffer)
        self._buffer.clear()
        return await leave(tasks, error)

    def _put(self, event: JSONObject) -> None:
        if self._closed:
            self.dropped += 1
            log.error("Unable to record event (will not retry!): the recorder was closed")
        elif len(self._buffer) >= self._buffer_size:
            self.dropped += 1
            log.error("Unable to record event: too many queued, dropped %d so far", self.dropped)
        else:
            self._buffer.append(event)
            self._news.set()

    async def _work(self) -> None:
        while True:
            if self._buffer:
                await self._record(self._buffer.popleft())
                continue
            self._idle += 1
            if self._closed and self._idle == self.workers:
                self._drained.set()
            if self._news.is_set():
                self._news = anyio.Event()
            await (anyio.sleep_forever() if self._closed else self._news.wait())
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


class EventRecorder(RecorderTask):
    """Tells events of core/v1.

    ```python
    async with EventRecorder(client.core_v1.events, component="my-controller") as recorder:
        recorder.event(pod, "Normal", "Synced", "synced successfully")
    ```

    Args:
        events: Where to write, for any namespace: ``client.core_v1.events``.
        component: Who tells: the controller's name.
        host: Where it runs; "" for a controller that runs anywhere.
        options: What is similar, and how much is too much.
        settings: `RecorderTask`'s: ``clock= rng= tries= retry_seconds= buffer_size= flush_seconds=``.
    """

    def __init__(
        self,
        events: Events,
        component: str,
        *,
        host: str = "",
        options: CorrelatorOptions | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._events = events
        self._component = component
        self._host = host
        self._correlator = EventCorrelator(options or CorrelatorOptions())

    def event(
        self,
        obj: Any,
        event_type: str,
        reason: str,
        message: str,
        *,
        annotations: Mapping[str, str] | None = None,
        field_path: str = "",
    ) -> None:
        """Tells an event; never waits and never fails: what cannot be told is logged and counted in `dropped`.

        Args:
            obj: What it is about: a dict, a model, or an ObjectReference.
            event_type: ``"Normal"`` or ``"Warning"``.
            reason: One word in CamelCase, for machines.
            message: A sentence, for people.
            annotations: Of the event.
            field_path: The part of the object that is meant.
        """
        if event_type not in EVENT_TYPES:
            log.error("Unsupported event type: %r", event_type)
            self.dropped += 1
            return
        try:
            reference = object_reference(obj, field_path=field_path)
        except ValueError as error:
            log.error("Could not construct reference, will not report event %r %r: %s", event_type, reason, error)
            self.dropped += 1
            return
        self._put(self._event(reference, event_type, reason, message, dict(annotations or {})))

    def _event(
        self, reference: JSONObject, event_type: str, reason: str, message: str, annotations: dict[str, str]
    ) -> JSONObject:
        wall = self._clock.wall()
        name = event_name(reference["name"], wall, next(self._serial) % 1000)
        head: JSONObject = {
            "name": name if names.is_dns_subdomain(name) else str(uuid.uuid4()),
            "namespace": reference.get("namespace") or "default",
        }
        if annotations:
            head["annotations"] = annotations
        stamp = times.format_time(wall)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": head,
            "involvedObject": reference,
            "reason": reason,
            "message": message,
            "type": event_type,
            "count": 1,
            "firstTimestamp": stamp,
            "lastTimestamp": stamp,
            "source": {"component": self._component, "host": self._host},
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }

    async def _record(self, event: JSONObject) -> None:
        result = self._correlator.correlate(event, now=self._clock.now(), wall=self._clock.wall())
        if result.skip:
            return

        async def attempt() -> bool:
            return await self._write(result.event, result.patch)

        # The first wait is random so that controllers which lost the same server do not come back together.
        await self._send(attempt, lambda n: self._retry_seconds * (self._rng() if n == 0 else 1.0))

    async def _write(self, event: JSONObject, patch: JSONObject | None) -> bool:
        """Writes once; False when it is worth another try."""
        sink = self._events(event["metadata"]["namespace"])
        try:
            if patch is not None:
                try:
                    self._correlator.update(
                        as_dict(await sink.patch(event["metadata"]["name"], patch, type="strategic"))
                    )
                    return True
                except NotFoundError:  # events live an hour
                    pass
            self._correlator.update(as_dict(await sink.create(typed(sink, without_version(event)))))
        except StatusError as error:
            log_refusal(error)
        except KubeError as error:
            log.info("Unable to write event (may retry after sleeping): %s", error)
            return False
        return True


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


def this_host() -> str:
    """The machine's name."""
    return socket.gethostname()
