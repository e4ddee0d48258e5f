"""Events as the cells of a table, for a page; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from kmagic.api import times
from kmagic.views.text import escaped

__all__ = ("events_rows",)


def events_rows(events: Iterable[Mapping[str, Any]], now: datetime) -> list[tuple[str, ...]]:
    """The cells of a table of events with its heads, oldest first, those that repeat with their count.

    Args:
        events: core/v1 or events.k8s.io/v1, in any order.
        now: The moment to which ages refer; aware.
    """
    rows: list[tuple[str, ...]] = [("TYPE", "REASON", "AGE", "FROM", "MESSAGE")]
    for event in sorted(events, key=_last_seen):
        series = event.get("series") or {}
        count = event.get("count") or series.get("count") or event.get("deprecatedCount") or 1
        age = times.age(_last_seen(event), now) if _last_seen(event) else "<unknown>"
        source = event.get("source") or event.get("deprecatedSource") or {}
        sender = event.get("reportingComponent") or event.get("reportingController") or source.get("component") or ""
        said = escaped((event.get("message") or event.get("note") or "").strip())
        shown_age = f"{age} (x{count})" if count > 1 else age
        rows.append((str(event.get("type") or ""), str(event.get("reason") or ""), shown_age, str(sender), said))
    return rows


def _last_seen(event: Mapping[str, Any]) -> str:
    series = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("deprecatedLastTimestamp")
        or event.get("eventTime")
        or event.get("firstTimestamp")
        or ""
    )
