"""Lines of many logs in one order, a bounded number of them, and what each page sees of them. Pure.

Lines come in batches, each in the order of its own log. Batches overlap a little, and the log of a Pod that joins may
lie far back: what comes is merged into the end as deep as it has to be. A page that does not follow keeps the lines it
looked at, whatever comes and goes meanwhile.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import attrgetter

from kmagic.views import filter as filters
from kmagic.views.filter import FilterError
from kmagic.views.log_line import COLUMNS, LogLine

__all__ = ("KEPT_LINES", "LogRows", "LogSight")

KEPT_LINES = 50_000
"""The lines that a followed log keeps."""

_key = attrgetter("key")


class _Ordered:
    """Lines by time, the last so many."""

    def __init__(self, kept: int, lines: Iterable[LogLine] = ()) -> None:
        self.lines: deque[LogLine] = deque(lines, kept)

    def merge(self, batch: Sequence[LogLine]) -> list[LogLine]:
        """Takes lines that are in order; returns those that had to go."""
        lines, moved = self.lines, []
        while lines and batch and lines[-1].key > batch[0].key:
            moved.append(lines.pop())
        if moved:
            moved.reverse()
            batch = sorted([*moved, *batch], key=_key)  # stable: what was there stays before what is as old
        gone = max(0, len(lines) + len(batch) - (lines.maxlen or 0))
        dropped = list(islice(lines, gone)) + list(batch[: max(0, gone - len(lines))])
        lines.extend(batch)
        return dropped


class LogSight:
    """The lines that one page sees: filtered, at their end or where it stopped.

    Attributes:
        text: The filter, in the words of a live table's.
        levels: Only these levels; empty for all.
        sources: Only these sources; empty for all.
        error: Reason why the filter was not applied; "" where it was.
        first: Position of the window's first line, while it does not follow.
        fresh: Number of lines that came since it stopped following.
    """

    def __init__(self, rows: LogRows) -> None:
        self._rows = rows
        self.text: str = ""
        self.levels: frozenset[str] = frozenset()
        self.sources: frozenset[int] = frozenset()
        self.error: str = ""
        self.first: int = 0
        self.fresh: int = 0
        self._match: Callable[[LogLine], bool] | None = None
        self._stopped: tuple[LogLine, ...] | None = None  # all lines of the moment it stopped
        self._seen: _Ordered | tuple[LogLine, ...] | None = None  # None: nothing is filtered

    @property
    def following(self) -> bool:
        """True while new lines are seen."""
        return self._stopped is None

    @property
    def total(self) -> int:
        """Number of lines that are seen."""
        return len(self._all)

    @property
    def _all(self) -> Sequence[LogLine] | deque[LogLine]:
        if self._seen is None:
            return self._rows.lines if self._stopped is None else self._stopped
        return self._seen.lines if isinstance(self._seen, _Ordered) else self._seen

    def follow(self, on: bool) -> None:
        """Goes to the end and follows, or stays where it is."""
        if on == self.following:
            return
        self._stopped = None if on else tuple(self._rows.lines)
        self.fresh = 0
        self._look_again()

    def choose(self, text: str, levels: Iterable[str] = (), sources: Iterable[int] = ()) -> None:
        """Shows only some lines; a filter that cannot be read leaves the last good one."""
        try:
            found = filters.parse(text, COLUMNS)
        except FilterError as error:
            self.error = error.message
            return
        self.text, self.error = text, ""
        self.levels, self.sources = frozenset(levels), frozenset(sources)
        self._match = self._matching(found)
        self._look_again()

    def window(self, count: int) -> list[LogLine]:
        """The lines of the window: the last ones while it follows."""
        seen = self._all
        if self.following:
            return list(islice(seen, max(0, len(seen) - count), None))
        self.first = max(0, min(self.first, len(seen) - count))
        return list(islice(seen, self.first, self.first + count))

    def around(self, number: int, count: int) -> bool:
        """Moves the window so that a line is in its middle; False where it is not seen."""
        for at, line in enumerate(self._all):
            if line.number == number:
                self.first = max(0, at - count // 2)
                return True
        return False

    def take(self, batch: Sequence[LogLine]) -> None:
        """Hears of lines that came, in order."""
        if self.following and not isinstance(self._seen, _Ordered):
            return
        found = [line for line in batch if self._match is None or self._match(line)]
        if not self.following:
            self.fresh += len(found)
        elif isinstance(self._seen, _Ordered):
            self._seen.merge(found)

    def _look_again(self) -> None:
        if self._match is None:
            self._seen = None
        elif self._stopped is not None:
            self._seen = tuple(filter(self._match, self._stopped))
        else:
            self._seen = _Ordered(self._rows.kept, filter(self._match, self._rows.lines))

    def _matching(self, match: Callable[..., bool] | None) -> Callable[[LogLine], bool] | None:
        levels, sources = self.levels, self.sources
        if match is None and not levels and not sources:
            return None

        def shown(line: LogLine) -> bool:
            if sources and line.source not in sources:
                return False
            if line.mark:  # what happened between lines is shown with them
                return True
            if levels and line.level not in levels:
                return False
            return match is None or match(line)

        return shown


class LogRows:
    """The last lines of many logs by time.

    Args:
        kept: Number of lines to keep.

    Attributes:
        came: Number of lines that came so far, without marks.
        levels: Number of kept lines by level.
    """

    def __init__(self, kept: int = KEPT_LINES) -> None:
        self.kept = kept
        self.came: int = 0
        self.levels: Counter[str] = Counter()
        self._lines = _Ordered(kept)
        self._sights: list[LogSight] = []

    @property
    def lines(self) -> deque[LogLine]:
        """The kept lines, oldest first."""
        return self._lines.lines

    def open(self) -> LogSight:
        """Returns what a page sees, kept up to date until `close`."""
        self._sights.append(LogSight(self))
        return self._sights[-1]

    def close(self, sight: LogSight) -> None:
        """Ends what `open` began."""
        if sight in self._sights:
            self._sights.remove(sight)

    def merge(self, batch: Iterable[LogLine]) -> None:
        """Takes lines in any order."""
        came = sorted(batch, key=_key)
        if not came:
            return
        gone = self._lines.merge(came)
        self.came += sum(not line.mark for line in came)
        self.levels.update(line.level for line in came if not line.mark)
        self.levels.subtract(line.level for line in gone if not line.mark)
        for sight in self._sights:
            sight.take(came)
