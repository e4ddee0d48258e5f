"""Times as the API writes them, durations as people write them, ages as kubectl prints them.

Source: k8s.io/apimachinery/pkg/apis/meta/v1 (time.go, micro_time.go), pkg/util/duration/duration.go; Go's time.ParseDuration
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from kmagic.errors import ArgumentError

__all__ = (
    "age",
    "duration_seconds",
    "format_duration",
    "format_micro_time",
    "format_time",
    "human_duration",
    "instant",
    "parse_duration",
    "parse_time",
    "parse_timeout",
)

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_PRINTED = re.compile(r"(?:(\d+)y)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
_PRINTED_UNITS = (31_536_000.0, 86_400.0, 3_600.0, 60.0, 1.0)
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def parse_time(text: str) -> datetime:
    """Reads RFC 3339 with any number of fractional digits, to the microsecond, as UTC.

    Raises:
        ArgumentError: Not RFC 3339.
    """
    match = _RFC3339.fullmatch(text)
    if not match:
        raise ArgumentError(f"{text!r} is not an RFC 3339 time")
    day, clock, fraction, zone = match.groups()
    micros = (fraction or ".0")[1:7].ljust(6, "0")
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{micros}{'+00:00' if zone in 'Zz' else zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ArgumentError(f"{text!r} is not an RFC 3339 time") from None


def instant(timestamp: str) -> datetime | None:
    """Returns the moment of an API time; None for text that is not a time, such as ""."""
    try:
        found = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return found if found.tzinfo else None


def format_time(when: datetime) -> str:
    """Writes ``2026-11-24T18:18:14Z``: what the API calls Time, whole seconds."""
    return f"{_seconds(when)}Z"


def format_micro_time(when: datetime) -> str:
    """Writes ``2026-11-24T18:18:14.000000Z``: what the API calls MicroTime."""
    return f"{_seconds(when)}.{when.microsecond:06d}Z"


def _seconds(when: datetime) -> str:
    # strftime writes the year 999 with three digits on some systems
    return when.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()


def parse_duration(text: str) -> float:
    """Reads ``1h30m``, ``1.5s``, ``0`` as seconds.

    Raises:
        ArgumentError: Not a duration; a number needs a unit.
    """
    body = text[1:] if text[:1] in ("+", "-") else text
    sign = -1.0 if text.startswith("-") else 1.0
    if body == "0":
        return 0.0
    total, position = 0.0, 0
    while match := _PART.match(body, position):
        total += float(match[1]) * _UNITS[match[2]]
        position = match.end()
    if position != len(body) or not body:
        raise ArgumentError(f"{text!r} is not a duration: write for example 30s, 5m or 1h30m")
    return sign * total


def parse_timeout(text: str) -> float:
    """Reads a ``--request-timeout``: ``0`` (none), a number of seconds, or a duration.

    Raises:
        ArgumentError: Anything else, in kubectl's words.
    """
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        return parse_duration(text)
    except ValueError:
        raise ArgumentError(
            "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a "
            "corresponding time unit (e.g. 1s | 2m | 3h)"
        ) from None


def format_duration(seconds: float) -> str:
    """Writes ``1h30m0s``, ``1.5s``, ``0s``, as Go does; to the millisecond."""
    sign, millis = ("-", round(-seconds * 1000)) if seconds < 0 else ("", round(seconds * 1000))
    if 0 < millis < 1000:
        return f"{sign}{millis}ms"
    minutes, millis = divmod(millis, 60_000)
    rest = f"{millis / 1000:g}s"
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{sign}{hours}h{minutes}m{rest}"
    return f"{sign}{minutes}m{rest}" if minutes else f"{sign}{rest}"


def duration_seconds(text: str) -> float | None:
    """Seconds of an age or duration as Kubernetes prints it (``3d4h``), or None."""
    found = _PRINTED.fullmatch(text)
    if not text or found is None:
        return None
    return sum(float(count) * unit for count, unit in zip(found.groups(), _PRINTED_UNITS, strict=True) if count)


def human_duration(seconds: float) -> str:
    """The age column of kubectl: ``5s``, ``2m30s``, ``3h``, ``4d5h``, ``2y``; coarser the longer.

    Source: k8s.io/apimachinery/pkg/util/duration/duration.go (HumanDuration)
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    whole = max(whole, 0)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    years = days // 365
    if whole < 120:
        return f"{whole}s"
    if minutes < 10:
        return _two(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    return _two(years, "y", days % 365, "d") if years < 8 else f"{years}y"


def _two(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"


def age(timestamp: str, now: datetime) -> str:
    """Returns the time since an API timestamp, for people; ``<unknown>`` without one."""
    found = instant(timestamp)
    return "<unknown>" if found is None else human_duration((now - found).total_seconds())
