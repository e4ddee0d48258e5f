"""Series of events.k8s.io/v1, on a given time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kmagic.api.types import JSONObject
from kmagic.controller.event_series import SeriesCache, series_patch

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def event(**fields: object) -> JSONObject:
    return {
        "metadata": {"name": "web-0.1", "namespace": "shop"},
        "eventTime": "2026-01-01T12:00:00.000000Z",
        "type": "Normal",
        "action": "Start",
        "reason": "Started",
        "reportingController": "c",
        "reportingInstance": "c-1",
        "regarding": {"kind": "Pod", "name": "web-0"},
        "note": "hello",
        **fields,
    }


def test_EV_10_first_create_then_a_series_of_two_then_only_counting() -> None:
    cache = SeriesCache()
    assert cache.record(event(), START) == event()
    second = cache.record(event(note="another note"), START)
    assert second is not None
    assert second["metadata"]["name"] == "web-0.1"
    assert series_patch(second) == {"series": {"count": 2, "lastObservedTime": "2026-01-01T12:00:00.000000Z"}}
    assert cache.record(event(), START + timedelta(seconds=1)) is None
    assert cache.active()[0]["series"] == {"count": 3, "lastObservedTime": "2026-01-01T12:00:01.000000Z"}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"type": "Warning"}, id="EV-10 type"),
        pytest.param({"action": "Stop"}, id="EV-10 action"),
        pytest.param({"reason": "Other"}, id="EV-10 reason"),
        pytest.param({"reportingController": "d"}, id="EV-10 controller"),
        pytest.param({"reportingInstance": "c-2"}, id="EV-10 instance"),
        pytest.param({"regarding": {"kind": "Pod", "name": "web-1"}}, id="EV-10 regarding"),
        pytest.param({"related": {"kind": "Node", "name": "n"}}, id="EV-10 related"),
    ],
)
def test_other_events_are_no_part_of_the_series(fields: dict[str, object]) -> None:
    cache = SeriesCache()
    cache.record(event(), START)
    other = event(**fields)
    assert cache.record(other, START) == other
    assert len(cache) == 2


def test_EV_11_what_is_silent_for_six_minutes_is_over_and_series_are_written_a_last_time() -> None:
    cache = SeriesCache()
    cache.record(event(), START)
    cache.record(event(), START + timedelta(minutes=3))
    cache.record(event(reason="Single"), START)
    assert cache.finish(START + timedelta(minutes=6)) == []
    assert len(cache) == 2
    assert cache.finish(START + timedelta(minutes=7)) == [], "a single event needs no last word"
    assert len(cache) == 1
    (last,) = cache.finish(START + timedelta(minutes=10))
    assert last["series"]["count"] == 2
    assert len(cache) == 0
