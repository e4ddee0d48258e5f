"""A followed log that survives cuts: which lines are new after asking again.

The server is asked for timestamps and, after a cut, for everything since the second of the last line. What was
seen is skipped by its timestamp; lines with the very timestamp of the last one are skipped by count.
"""

from __future__ import annotations

import re

__all__ = ("LogPosition", "split_timestamp", "time_key")

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?")


def split_timestamp(line: bytes) -> tuple[str, bytes]:
    """The leading RFC 3339 timestamp ("" if there is none) and the rest of a line."""
    found = _STAMP.match(line)
    if not found:
        return "", line
    return found[0].rstrip(b" ").decode(), line[found.end() :]


class LogPosition:
    """A position in a log: the last line that was read."""

    def __init__(self) -> None:
        self.last: str = ""
        self._last_key: tuple[str, int] = ("", 0)
        self._at_last = 0
        self._to_skip = 0
        self._catching_up = False

    @property
    def since(self) -> str:
        """The sinceTime to ask with (whole seconds: servers cut the rest), or "" at the beginning."""
        return self.last[:19] + "Z" if self.last else ""

    def resume(self) -> None:
        """A new stream begins at `since`; what comes again must be skipped."""
        self._catching_up = bool(self.last)
        self._to_skip = self._at_last

    def is_new(self, stamp: str) -> bool:
        """Returns whether the line with this timestamp was not seen before; call it once for each line, in order."""
        if not stamp:
            # A server without timestamps: there is nothing to tell lines apart by.
            return True
        key = time_key(stamp)
        if self._catching_up:
            if key < self._last_key:
                return False
            if key == self._last_key and self._to_skip:
                self._to_skip -= 1
                return False
            self._catching_up = False
        self._at_last = self._at_last + 1 if key == self._last_key else 1
        self._last_key, self.last = key, stamp
        return True


def time_key(stamp: str) -> tuple[str, int]:
    """Returns the sort key of a timestamp: servers write UTC, and nanoseconds with trailing zeros cut off."""
    fraction = stamp[20:].rstrip("Z") if stamp[19:20] == "." else ""
    return stamp[:19], int(fraction.ljust(9, "0") or 0)
