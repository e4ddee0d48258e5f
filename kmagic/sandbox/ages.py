"""Ages as the server's tables print them, and how long each stays true.

Source: staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import math
from datetime import datetime

__all__ = ("Ages", "human_duration", "parse_time", "rfc3339", "rfc3339_micro")

MINUTE, HOUR, DAY, YEAR = 60, 3_600, 86_400, 31_536_000

# An age below the bound (seconds) is written as one unit, or two; the last number is how often its text changes.
STEPS = (
    (2 * MINUTE, (("s", 1),), 1),
    (10 * MINUTE, (("m", MINUTE), ("s", 1)), 1),
    (3 * HOUR, (("m", MINUTE),), MINUTE),
    (8 * HOUR, (("h", HOUR), ("m", MINUTE)), MINUTE),
    (2 * DAY, (("h", HOUR),), HOUR),
    (8 * DAY, (("d", DAY), ("h", HOUR)), HOUR),
    (2 * YEAR, (("d", DAY),), DAY),
    (8 * YEAR, (("y", YEAR), ("d", DAY)), DAY),
    (math.inf, (("y", YEAR),), DAY),
)


class Ages:
    """Ages at one moment; ``valid_until`` is the first moment (seconds since the epoch) at which one reads otherwise."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.valid_until = math.inf

    def since(self, timestamp: str | None) -> str:
        """The age of an RFC 3339 timestamp: "5m", "3d4h", "<unknown>" without one."""
        if not timestamp:
            return "<unknown>"
        moment = parse_time(timestamp)
        age = self.now - moment
        step = next(change for bound, _, change in STEPS if age < bound)
        self.valid_until = min(self.valid_until, moment + (math.floor(age / step) + 1) * step)
        return human_duration(age)

    def between(self, start: str, end: str) -> str:
        """The time from one timestamp to another; it never changes."""
        return human_duration(parse_time(end) - parse_time(start))


def human_duration(seconds: float) -> str:
    """A duration in at most two units: ``human_duration(7500) == "125m"``."""
    if seconds < -1:  # clocks differ by a second or two; more is an error worth seeing
        return "<invalid>"
    left = max(0, math.floor(seconds))
    units = next(units for bound, units, _ in STEPS if left < bound)
    words = []
    for letter, size in units:
        count, left = divmod(left, size)
        words.append((count, letter))
    # a zero second unit is not written: 2m0s is 2m
    return "".join(f"{count}{letter}" for index, (count, letter) in enumerate(words) if count or index == 0)


def parse_time(timestamp: str) -> float:
    """Seconds since the epoch of an RFC 3339 timestamp."""
    return datetime.fromisoformat(timestamp).timestamp()


def rfc3339(moment: datetime) -> str:
    """A metav1.Time: ``2026-11-24T19:00:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(moment: datetime) -> str:
    """A metav1.MicroTime: ``2026-11-24T19:00:00.000000Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
