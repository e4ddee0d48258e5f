"""Times, durations, ages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api import times

moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda when: when.replace(tzinfo=UTC))


@given(moments)
def test_written_times_are_read_back(when: datetime) -> None:
    assert times.parse_time(times.format_micro_time(when)) == when
    assert times.parse_time(times.format_time(when)) == when.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-24T18:18:14Z", datetime(2026, 11, 24, 18, 18, 14, tzinfo=UTC)),
        ("2026-11-24t18:18:14.5z", datetime(2026, 11, 24, 18, 18, 14, 500_000, tzinfo=UTC)),
        ("2026-11-24T18:18:14.123456789Z", datetime(2026, 11, 24, 18, 18, 14, 123_456, tzinfo=UTC)),
        ("2026-11-24T20:18:14+02:00", datetime(2026, 11, 24, 18, 18, 14, tzinfo=UTC)),
    ],
)
def test_rfc_3339_is_read(text: str, when: datetime) -> None:
    assert times.parse_time(text) == when


@pytest.mark.parametrize("text", ["", "2026-11-24", "2026-11-24T18:18:14", "24.11.2026", "2026-13-01T00:00:00Z"])
def test_other_texts_are_no_times(text: str) -> None:
    with pytest.raises(ValueError):
        times.parse_time(text)


def test_times_are_written_in_utc() -> None:
    when = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert times.format_time(when) == "2025-12-31T23:00:00Z"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("30s", 30), ("1h30m", 5400), ("1.5s", 1.5), (".5m", 30), ("100ms", 0.1), ("-2m", -120), ("+1s", 1),
        ("1h0m0.25s", 3600.25), ("2us", 2e-6), ("2µs", 2e-6), ("5ns", 5e-9),
    ],
)  # fmt: skip
def test_durations_are_read(text: str, seconds: float) -> None:
    assert times.parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "s", "1d", "1h 2m", "+-1s", "1..5s", "abc"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        times.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("0", 0.0, id="KC-25 none"),
        pytest.param("15", 15.0, id="KC-25 seconds"),
        pytest.param("2m", 120.0, id="KC-25 duration"),
    ],
)
def test_request_timeouts_are_read(text: str, seconds: float) -> None:
    assert times.parse_timeout(text) == seconds


def test_KC_25_a_wrong_timeout_is_refused_in_kubectls_words() -> None:
    with pytest.raises(ValueError, match="Timeout must be a single integer in seconds"):
        times.parse_timeout("soon")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.1, "100ms"), (1.5, "1.5s"), (90, "1m30s"), (5400, "1h30m0s"), (-30, "-30s"), (3600.25, "1h0m0.25s")],
)
def test_durations_are_written_as_go_writes_them(seconds: float, text: str) -> None:
    assert times.format_duration(seconds) == text


@given(st.integers(-(10**9), 10**9))
def test_written_durations_are_read_back(millis: int) -> None:
    assert times.parse_duration(times.format_duration(millis / 1000)) == pytest.approx(millis / 1000)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (150, "2m30s"), (599, "9m59s"), (600, "10m"),
        (10_799, "179m"), (10_800, "3h"), (11_460, "3h11m"), (28_799, "7h59m"), (28_800, "8h"), (172_799, "47h"),
        (172_800, "2d"), (176_400, "2d1h"), (691_199, "7d23h"), (691_200, "8d"), (63_071_999, "729d"), (63_072_000, "2y"),
        (63_158_400, "2y1d"), (252_288_000, "8y"), (300_000_000, "9y"),
    ],
)  # fmt: skip
def test_ages_are_kubectls(seconds: float, text: str) -> None:
    assert times.human_duration(seconds) == text


def test_an_age_counts_from_a_timestamp() -> None:
    now = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
    assert times.age("2026-01-01T00:00:00Z", now) == "5m"
    assert times.age("", now) == "<unknown>"


def test_printed_durations_are_read() -> None:
    assert times.duration_seconds("3d4h") == 3 * 86_400 + 4 * 3_600
    assert times.duration_seconds("1h0m5.5s") == 3_605.5
    assert times.duration_seconds("") is None
    assert times.duration_seconds("abc") is None
