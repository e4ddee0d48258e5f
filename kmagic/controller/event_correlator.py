"""The core/v1 events that are worth a request: similar ones are combined, equal ones counted, floods cut off.

Pure: every call is given the time. Events are plain dicts of core/v1.

Source: k8s.io/client-go/tools/record/events_cache.go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from kmagic.api import times
from kmagic.api.types import JSONObject
from kmagic.rest.throttle import Limiter

__all__ = ("Correlation", "CorrelatorOptions", "EventCorrelator", "event_name", "spam_key")

V = TypeVar("V")

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorrelatorOptions:
    """The limits of a correlator.

    Attributes:
        cache_size: Number of different events that are remembered; the least recent is forgotten first.
        max_events: From this many different messages on, similar events become one.
        max_interval: Seconds of silence after which counting messages begins again.
        burst: Events of one object that may be written at once.
        qps: Events of one object a second after that: one in five minutes.
        spam_key: Gives the key by which floods are counted.
    """

    cache_size: int = 4096
    max_events: int = 10
    max_interval: float = 600.0
    burst: int = 25
    qps: float = 1 / 300
    spam_key: Callable[[JSONObject], Key] | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """The decision about an event.

    Attributes:
        event: The event to create, or the result of the patch on the stored event.
        patch: The change to the event of that name; None to create it.
        skip: True to write nothing.
    """

    event: JSONObject
    patch: JSONObject | None
    skip: bool = False


@dataclass(slots=True)
class _Aggregate:
    messages: set[str] = field(default_factory=set)
    last: float = float("-inf")


@dataclass(frozen=True, slots=True)
class _Stored:
    count: int
    first_timestamp: str
    name: str
    resource_version: str


class EventCorrelator:
    """Remembers the events that were written, and decides about the next."""

    def __init__(self, options: CorrelatorOptions | None = None) -> None:
        self._options = options = options or CorrelatorOptions()
        self._spam_key = options.spam_key or spam_key
        self._aggregates = _Recent[_Aggregate](options.cache_size)
        self._stored = _Recent[_Stored](options.cache_size)
        self._buckets = _Recent[Limiter](options.cache_size)

    def correlate(self, event: JSONObject, *, now: float, wall: datetime) -> Correlation:
        """Takes a new event and says what to write.

        Args:
            event: A new core/v1 Event, not yet sent.
            now: Monotonic seconds.
            wall: The time of day.
        """
        combined, key = self._aggregate(event, now, wall)
        observed, patch = self._count(combined, key)
        return Correlation(observed, patch, skip=not self._allowed(event, now))

    def update(self, answer: JSONObject) -> None:
        """Takes the server's answer, whose name and version the next patch needs."""
        self._stored.put(_count_key(answer), _stored(answer))

    def _aggregate(self, event: JSONObject, now: float, wall: datetime) -> tuple[JSONObject, Key]:
        key = _aggregate_key(event)
        found = self._aggregates.get(key)
        if found is None or now - found.last > self._options.max_interval:
            found = _Aggregate()
        found.messages.add(event["message"])
        found.last = now
        self._aggregates.put(key, found)
        if len(found.messages) < self._options.max_events:
            return event, _count_key(event)
        found.messages.pop()  # the set stays at its size
        stamp = times.format_time(wall)
        combined = {
            **event,
            "metadata": {
                "name": event_name(event["involvedObject"]["name"], wall),
                "namespace": event["metadata"]["namespace"],
            },
            "message": f"(combined from similar events): {event['message']}",
            "count": 1,
            "firstTimestamp": stamp,
            "lastTimestamp": stamp,
        }
        return combined, key

    def _count(self, event: JSONObject, key: Key) -> tuple[JSONObject, JSONObject | None]:
        before = self._stored.get(key)
        patch = None
        if before is not None:
            head = {**event["metadata"], "name": before.name, "resourceVersion": before.resource_version}
            event = {
                **event,
                "metadata": head,
                "firstTimestamp": before.first_timestamp,
                "count": before.count + 1,
            }
            patch = {name: event[name] for name in ("count", "lastTimestamp", "message")}
        self._stored.put(key, _stored(event))
        return event, patch

    def _allowed(self, event: JSONObject, now: float) -> bool:
        key = self._spam_key(event)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = Limiter(self._options.qps, self._options.burst)
            self._buckets.put(key, bucket)
        return bucket.take(now)


class _Recent(Generic[V]):
    """A map that forgets the least recently used."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[Key, V] = OrderedDict()

    def get(self, key: Key) -> V | None:
        if key in self._items:
            self._items.move_to_end(key)
        return self._items.get(key)

    def put(self, key: Key, value: V) -> None:
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > self._size:
            self._items.popitem(last=False)


def event_name(involved: str, wall: datetime, serial: int = 0) -> str:
    """``web-0.18dc3f2b1c5e8a00``: the object's name and the nanoseconds of the moment in hexadecimal.

    Args:
        involved: Name of the event's object.
        wall: The moment, to the microsecond.
        serial: 0 to 999, in place of the nanoseconds.
    """
    micros = int(wall.timestamp()) * 1_000_000 + wall.microsecond
    return f"{involved}.{micros * 1000 + serial:x}"


def spam_key(event: JSONObject) -> Key:
    """Returns the key of the event's object and its source; floods are counted by it."""
    return (*_source(event), *_involved(event), event["type"])


def _aggregate_key(event: JSONObject) -> Key:
    return (
        *_source(event),
        *_involved(event),
        event["type"],
        event["reason"],
        event.get("reportingComponent") or "",
        event.get("reportingInstance") or "",
    )


def _count_key(event: JSONObject) -> Key:
    field_path = event["involvedObject"].get("fieldPath") or ""
    return (*_source(event), *_involved(event), field_path, event["type"], event["reason"], event["message"])


def _source(event: JSONObject) -> Key:
    source = event.get("source") or {}
    return (source.get("component") or "", source.get("host") or "")


def _involved(event: JSONObject) -> Key:
    about = event["involvedObject"]
    return tuple(about.get(name) or "" for name in ("kind", "namespace", "name", "uid", "apiVersion"))


def _stored(event: JSONObject) -> _Stored:
    return _Stored(
        event.get("count") or 1,
        event.get("firstTimestamp") or "",
        event["metadata"]["name"],
        event["metadata"].get("resourceVersion") or "",
    )
