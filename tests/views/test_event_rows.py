"""Events as cells: oldest first, with their count and who saw them."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.event_rows import events_rows


def test_events_of_both_kinds_are_in_the_order_of_their_last_time() -> None:
    now = datetime(2026, 1, 1, 1, tzinfo=UTC)
    old = {
        "type": "Warning",
        "reason": "BackOff",
        "message": "again",
        "lastTimestamp": "2026-01-01T00:30:00Z",
        "count": 3,
    }
    new = {
        "type": "Normal",
        "reason": "Pulled",
        "note": "there",
        "eventTime": "2026-01-01T00:59:00.000000Z",
        "reportingController": "kubelet",
    }
    assert events_rows([new, old], now) == [
        ("TYPE", "REASON", "AGE", "FROM", "MESSAGE"),
        ("Warning", "BackOff", "30m (x3)", "", "again"),
        ("Normal", "Pulled", "60s", "kubelet", "there"),
    ]
    assert len(events_rows([], now)) == 1
