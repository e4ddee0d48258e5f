"""Ages in rows that are encoded once and read at many times."""

from __future__ import annotations

import re
from typing import NamedTuple

from kmagic.api.times import human_duration, parse_time

__all__ = ("AgedText", "Ages")

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
        """The mark for the age of an RFC 3339 timestamp; "<unknown>" without one, "<invalid>" for other text."""
        if not timestamp:
            return "<unknown>"
        try:
            self.moments.append(parse_time(timestamp).timestamp())
        except ValueError:
            return "<invalid>"
        return MARK.format(len(self.moments) - 1)

    def between(self, start: str, end: str) -> str:
        """The time from one timestamp to another; it never changes."""
        return human_duration((parse_time(end) - parse_time(start)).total_seconds())

    def compile(self, encoded: bytes) -> AgedText:
        """Splits an encoded row at its marks."""
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
