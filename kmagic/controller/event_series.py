"""The events.k8s.io/v1 events worth a request: the first, the second as a series, then one in half an hour.

Pure: every call is given the time. Events are plain dicts of events.k8s.io/v1.

Source: k8s.io/client-go/tools/events/event_broadcaster.go.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

from kmagic.api import times
from kmagic.api.types import JSONObject

__all__ = ("FINISH_SECONDS", "REFRESH_SECONDS", "SeriesCache", "series_patch")

# How often active series are written, and after which silence one is over.
REFRESH_SECONDS = 30 * 60.0
FINISH_SECONDS = 6 * 60.0

Key: TypeAlias = tuple[str, ...]


class SeriesCache:
    """The events that may become a series, and the series that go on."""

    def __init__(self) -> None:
        self._events: dict[Key, JSONObject] = {}

    def __len__(self) -> int:
        return len(self._events)

    def record(self, event: JSONObject, wall: datetime) -> JSONObject | None:
        """Takes a new event and returns what to write, if anything.

        The first is created. The second makes it a series, which is a patch of the first. Later ones only count.
        """
        key = _key(event)
        known = self._events.get(key)
        if known is None:
            self._events[key] = event
            return event
        stamp = times.format_micro_time(wall)
        series = known.get("series")
        count = series["count"] + 1 if series else 2
        changed = {**known, "series": {"count": count, "lastObservedTime": stamp}}
        self._events[key] = changed
        return None if series else changed

    def active(self) -> list[JSONObject]:
        """The series to write again, so that their counts are seen."""
        return [event for event in self._events.values() if event.get("series")]

    def finish(self, wall: datetime) -> list[JSONObject]:
        """Forgets what was silent for long; returns the series among it, to be written a last time."""
        before = wall - timedelta(seconds=FINISH_SECONDS)
        over = {key: event for key, event in self._events.items() if _last_seen(event) < before}
        for key in over:
            del self._events[key]
        return [event for event in over.values() if event.get("series")]


def series_patch(event: JSONObject) -> JSONObject:
    """Returns the patch with the new count of the event's series."""
    return {"series": event["series"]}


def _last_seen(event: JSONObject) -> datetime:
    series = event.get("series")
    return times.parse_time(series["lastObservedTime"] if series else event["eventTime"])


def _key(event: JSONObject) -> Key:
    about, related = event["regarding"], event.get("related") or {}
    parts = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
    return (
        event["type"],
        event["action"],
        event["reason"],
        event["reportingController"],
        event["reportingInstance"],
        *(about.get(part) or "" for part in parts),
        *(related.get(part) or "" for part in parts),
    )
