from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kmagic.sandbox.controllers.cron_job import next_time


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        ("* * * * *", "2026-01-01T00:00:30", "2026-01-01T00:01:00"),
        ("*/15 * * * *", "2026-01-01T00:14:00", "2026-01-01T00:15:00"),
        ("0 3 * * *", "2026-01-01T03:00:00", "2026-01-02T03:00:00"),
        ("30 2 29 2 *", "2026-03-01T00:00:00", "2028-02-29T02:30:00"),
        ("0 0 * * mon", "2026-01-01T00:00:00", "2026-01-05T00:00:00"),
        ("0 0 * * 7", "2026-01-01T00:00:00", "2026-01-04T00:00:00"),
        ("0 0 13 * fri", "2026-01-01T00:00:00", "2026-01-02T00:00:00"),
        ("5,10 1-3 1 jan *", "2026-01-01T01:06:00", "2026-01-01T01:10:00"),
        ("@hourly", "2026-01-01T00:30:00", "2026-01-01T01:00:00"),
    ],
)
def test_the_next_time_of_a_schedule(schedule: str, after: str, due: str) -> None:
    found = next_time(schedule, datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_time_zone_shifts_the_schedule() -> None:
    found = next_time("0 9 * * *", datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("Asia/Tokyo"))
    assert found == datetime(2026, 1, 2, 0, 0, tzinfo=UTC)


def test_a_day_that_never_comes() -> None:
    assert next_time("0 0 31 2 *", datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("schedule", ["* * * *", "60 * * * *", "x * * * *"])
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError):
        next_time(schedule, datetime(2026, 1, 1, tzinfo=UTC))
