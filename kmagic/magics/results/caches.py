"""Results of ``%kcache``: every cache with its state and its readers, and one object as cached against live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from kmagic.api.table import Column
from kmagic.api.times import human_duration
from kmagic.magics.results.saved import capped
from kmagic.magics.results.values import KObject, data_frame, plain
from kmagic.safety.salt import SALT
from kmagic.views.diff import changes, changes_text
from kmagic.views.html import STYLE, page_safe, pre_html, table_html
from kmagic.views.table import Row, Table
from kmagic.views.text import aligned
from kmagic.views.values import Kind

if TYPE_CHECKING:
    import pandas

    from kmagic.cache.census import CacheReport
    from kmagic.views.diff import Change

__all__ = ("KCacheEntry", "KCaches")

_HEAD = (
    "CACHE",
    "SELECTOR",
    "OF",
    "STATUS",
    "FOR",
    "VERSION",
    "OBJECTS",
    "BYTES",
    "READERS",
    "HANDLERS",
    "LISTS",
    "LAST EVENT",
)
_FRAME = (
    ("what", Kind.TEXT),
    ("selector", Kind.TEXT),
    ("form", Kind.WORD),
    ("state", Kind.WORD),
    ("synced", Kind.TRUTH),
    ("resource_version", Kind.TEXT),
    ("objects", Kind.COUNT),
    ("size", Kind.COUNT),
    ("lists", Kind.COUNT),
    ("watches", Kind.COUNT),
    ("last_event", Kind.NUMBER),
    ("readers", Kind.TEXT),
    ("error", Kind.TEXT),
)


class KCaches(Sequence["CacheReport"]):
    """The caches of a moment: ``caches[0].objects``, ``for each in caches``, ``caches.df``.

    Args:
        reports: One each.
        footer: The target, and how many requests the notebook has sent.
    """

    def __init__(self, reports: Sequence[CacheReport], footer: str) -> None:
        self._reports = tuple(reports)
        self._footer = footer

    @overload
    def __getitem__(self, index: int) -> CacheReport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[CacheReport]: ...
    def __getitem__(self, index: int | slice) -> CacheReport | Sequence[CacheReport]:
        return self._reports[index]

    def __len__(self) -> int:
        return len(self._reports)

    def __iter__(self) -> Iterator[CacheReport]:
        return iter(self._reports)

    @property
    def df(self) -> pandas.DataFrame:
        """One row a cache as a pandas DataFrame; times in seconds."""
        rows = [[", ".join(value) if isinstance(value, tuple) else value for value in _values(each)] for each in self]
        return data_frame([name for name, _ in _FRAME], rows, [kind for _, kind in _FRAME])

    def __repr__(self) -> str:
        if not self._reports:
            return f"No caches · {self._footer}"
        table = aligned([_HEAD, *(_cells(each) for each in self)])
        details = "\n\n".join("\n".join([_title(each), *(f"  {line}" for line in _details(each))]) for each in self)
        return f"{table}\n\n{details}\n\n{self._footer}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        columns = tuple(Column(name.capitalize(), "integer" if name in _NUMBERS else "string") for name in _HEAD)
        rows = tuple(Row(str(at), tuple(_cells(each)), name=each.what) for at, each in enumerate(self))
        shown = table_html(
            Table(columns, rows, namespaced=False), footer=self._footer if rows else f"No caches · {self._footer}"
        )
        more = "".join(
            f"<details><summary>{page_safe(_title(each))}</summary><pre>{page_safe(chr(10).join(_details(each)))}</pre></details>"
            for each in self
        )
        return {
            "text/plain": capped(repr(self)),
            "text/html": f'{shown}{STYLE}<div class="kmg">{more}</div>' if more else shown,
        }


_NUMBERS = ("OBJECTS", "BYTES", "READERS", "HANDLERS", "LISTS")


class KCacheEntry:
    """One object, as a cache has it and as the server has it now.

    Attributes:
        cached: None where the cache does not hold it.
        live: None where the server does not have it.
        changes: The fields in which they differ, from the cached to the live.
    """

    def __init__(self, cached: KObject | None, live: KObject | None, name: str, footer: str) -> None:
        self.cached = cached
        self.live = live
        self._name = name
        self._footer = footer
        left, right = (None if each is None else plain(each) for each in (cached, live))
        self.changes: tuple[Change, ...] = changes(left, right, salt=SALT, status=True)

    @property
    def same(self) -> bool:
        """True when the cache has the version that the server has."""
        left, right = (each.rv if each is not None else "" for each in (self.cached, self.live))
        return left == right

    def __repr__(self) -> str:
        lines = [
            ["", "VERSION"],
            ["cached", self.cached.rv if self.cached is not None else "not there"],
            ["live", self.live.rv if self.live is not None else "not there"],
        ]
        found = "the same" if self.same else changes_text(self.changes)
        return f"{self._name}\n\n{aligned(lines)}\n\n{found}\n\n{self._footer}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": capped(repr(self)), "text/html": pre_html(capped(repr(self)))}


def _values(report: CacheReport) -> list[Any]:
    return [getattr(report, name) for name, _ in _FRAME]


def _title(report: CacheReport) -> str:
    kind = "rows of a table" if report.form == "table" else ""
    return " · ".join(filter(None, (report.what, report.selector, kind)))


def _cells(report: CacheReport) -> list[str]:
    return [
        report.what,
        report.selector or "<none>",
        "rows" if report.form == "table" else "objects",
        _state(report),
        human_duration(report.since),
        report.resource_version or "<none>",
        str(report.objects),
        "<unknown>" if report.size is None else str(report.size),
        str(len(report.readers)),
        str(len(report.handlers)),
        str(report.lists),
        "<none>" if report.last_event is None else f"{human_duration(report.last_event)} ago",
    ]


def _state(report: CacheReport) -> str:
    if report.error:
        return f"Failing: {report.state}"
    return report.state.capitalize()


def _details(report: CacheReport) -> list[str]:
    """Lines for which the table has no room."""
    lines = [f"read by    {_counted(report.readers)}"]
    lines += [
        f"handler    {each.name}: {each.waiting} waiting{'' if each.synced else ', not told everything yet'}"
        for each in report.handlers
    ]
    if report.indexes:
        sizes = ", ".join(f"{name} ({size} value{'' if size == 1 else 's'})" for name, size in report.indexes.items())
        lines.append(f"indexes    {sizes}")
    lines.append(
        f"asked      {report.lists} list{'' if report.lists == 1 else 's'}, {report.watches} watch{'' if report.watches == 1 else 'es'}"
    )
    lines += [f"relist     {human_duration(each.seconds)} ago: {each.reason}" for each in report.relists]
    if report.error:
        lines.append(f"error      {report.error}")
    if report.server:
        lines.append(f"server     {report.server}")
    return lines


def _counted(readers: Sequence[str]) -> str:
    return ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in Counter(readers).items()) or "nobody"
