"""Ages as the server's tables print them, in rows that are encoded once.

Source: staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import NamedTuple

__all__ = ("AgedText", "Ages", "human_duration", "parse_time", "rfc3339", "rfc3339_micro")

MINUTE, HOUR, DAY, YEAR = 60, 3_600, 86_400, 31_536_000

# An age below the bound (seconds) is written as one unit, or two.
STEPS = (
    (2 * MINUTE, (("s", 1),)),
    (10 * MINUTE, (("m", MINUTE), ("s", 1))),
    (3 * HOUR, (("m", MINUTE),)),
    (8 * HOUR, (("h", HOUR), ("m", MINUTE))),
    (2 * DAY, (("h", HOUR),)),
    (8 * DAY, (("d", DAY), ("h", HOUR))),
    (2 * YEAR, (("d", DAY),)),
    (8 * YEAR, (("y", YEAR), ("d", DAY))),
    (math.inf, (("y", YEAR),)),
)

# A character that JSON always writes as an escape and no cell contains.
MARK = "\0{}\0"
ENCODED_MARK = re.compile(rb"\\u0000(\d+)\\u0000")


class Ages:
    """The ages in a table row, left open: ``since`` gives a mark that is written out each time the row is read.

    Attributes:
        moments: Seconds since the epoch, one a mark, in the order of the marks.
    """

    def __init__(self) -> None:
        self.moments: list[float] = []

    def since(self, timestamp: str | None) -> str:
        """The mark for the age of an RFC 3339 timestamp; "<unknown>" without one."""
        if not timestamp:
            return "<unknown>"
        self.moments.append(parse_time(timestamp))
        return MARK.format(len(self.moments) - 1)

    def between(self, start: str, end: str) -> str:
        """The time from one timestamp to another; it never changes."""
        return human_duration(parse_time(end) - parse_time(start))

    def compile(self, encoded: bytes) -> AgedText:
        """Split an encoded row at its marks."""
        parts = ENCODED_MARK.split(encoded)
        # split gives literal, number, literal, number, ..., literal
        moments = tuple(self.moments[int(number)] for number in parts[1::2])
        return AgedText(tuple(parts[::2]), moments)


class AgedText(NamedTuple):
    """Encoded text with ages between its literal parts."""

    literals: tuple[bytes, ...]
    moments: tuple[float, ...]

    def at(self, now: float) -> bytes:
        """The text as it reads at a moment (seconds since the epoch)."""
        written = [self.literals[0]]
        for moment, literal in zip(self.moments, self.literals[1:], strict=True):
            written += (human_duration(now - moment).encode(), literal)
        return b"".join(written)


def human_duration(seconds: float) -> str:
    """A duration in at most two units: ``human_duration(7500) == "125m"``."""
    if seconds < -1:  # clocks differ by a second or two; more is an error worth seeing
        return "<invalid>"
    left = max(0, math.floor(seconds))
    units = next(units for bound, units in STEPS if left < bound)
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
