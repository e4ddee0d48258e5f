"""The health of a row: a level, and the reason in words.

A server table has no health column, so it is read from the cells that every kind uses for it: STATUS, READY, DESIRED,
CONDITIONS, TYPE. A row without any of them is `UNKNOWN` and shown plain; nothing is invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from enum import StrEnum
from typing import Any

import msgspec

from kmagic.api.table import Column
from kmagic.views.table import Row, cell_text

__all__ = ("BROKEN", "ICONS", "Health", "Level", "health_of", "marked_columns", "word_level")


class Level(StrEnum):
    """The levels of health, from well to broken; the values are CSS classes too."""

    OK = "ok"
    DONE = "done"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "none"


# Shape and not only colour tells the levels apart.
ICONS = {Level.OK: "●", Level.DONE: "✓", Level.BUSY: "◐", Level.WARN: "▲", Level.BAD: "✕", Level.UNKNOWN: ""}
# What "only broken" shows.
BROKEN = frozenset((Level.WARN, Level.BAD))


class Health(msgspec.Struct, frozen=True):
    """A level and why, such as ``"1 of 2 ready"``; no reason while all is well."""

    level: Level
    why: str = ""


_UNKNOWN = Health(Level.UNKNOWN)
_OK_WORDS = frozenset(
    ("running", "ready", "active", "bound", "available", "healthy", "true", "established", "approved,issued")
)
_DONE_WORDS = frozenset(("completed", "succeeded", "complete", "terminated"))
_BUSY_WORDS = frozenset(
    ("pending", "containercreating", "podinitializing", "terminating", "schedulinggated", "progressing", "suspended")
)
_WARN_WORDS = frozenset(("warning", "degraded", "schedulingdisabled", "released", "unknown"))
_BAD = re.compile(
    r"(?i)backoff$|^err|error$|fail|oomkilled|evicted|^invalid|cannotrun|deadlineexceeded|nodelost|"
    r"unexpectedadmission|outof(cpu|memory|pods)|preempt|denied|^lost$|^notready"
)
_INIT = re.compile(r"(?i)^init:(\d{1,9})/(\d{1,9})$")
_SHARE = re.compile(r"^(\d{1,9})/(\d{1,9})$")


# Columns that say how an object is, in words.
_STATUS = ("status", "phase", "state", "reason")


def word_level(word: str) -> Level:
    """The level a status word stands for: Running is OK, CrashLoopBackOff is BAD."""
    text = word.strip().casefold()
    if not text or text.startswith("<"):
        return Level.UNKNOWN
    if text in _OK_WORDS:
        return Level.OK
    if text in _DONE_WORDS:
        return Level.DONE
    if text in _BUSY_WORDS or _INIT.match(text):
        return Level.BUSY
    if _BAD.search(text):
        return Level.BAD
    if text in _WARN_WORDS:
        return Level.WARN
    if "," in text:  # a node: Ready,SchedulingDisabled
        return max((word_level(part) for part in text.split(",")), key=_SEVERITY.index)
    return Level.UNKNOWN


_SEVERITY = (Level.UNKNOWN, Level.OK, Level.DONE, Level.BUSY, Level.WARN, Level.BAD)


def marked_columns(columns: tuple[Column, ...]) -> tuple[int, ...]:
    """Indexes of the columns that may show a row's health, the best first: the first that is shown bears the mark."""
    index = {column.name.casefold(): i for i, column in enumerate(columns)}
    words = ("type",) if _lists_events(index) else (*_STATUS, "ready", "completions")
    names = [i for i, column in enumerate(columns) if column.format == "name"]
    return tuple(dict.fromkeys([index[word] for word in words if word in index] + names))


def _lists_events(names: Container[str]) -> bool:
    return all(name in names for name in ("type", "reason", "object", "message"))


def health_of(columns: tuple[Column, ...]) -> Callable[[Row], Health]:
    """Returns a function from a row of these columns to its health."""
    index = {column.name.casefold(): i for i, column in enumerate(columns)}
    status = next((index[name] for name in _STATUS if name in index), None)
    ready, desired, completions = index.get("ready"), index.get("desired"), index.get("completions")
    kind = index["type"] if _lists_events(index) else None

    def cell(row: Row, at: int | None) -> Any:
        return row.cells[at] if at is not None and at < len(row.cells) else None

    def health(row: Row) -> Health:
        if row.deleted:
            return Health(Level.BUSY, "being deleted")
        if kind is not None:
            return _event(cell_text(cell(row, kind)))
        word = cell_text(cell(row, status))
        level = word_level(word)
        if level in (Level.BAD, Level.WARN, Level.DONE, Level.BUSY):
            return Health(level, word if level is not Level.DONE else "")
        share = _share(cell(row, ready), cell(row, desired))
        if share is not None:
            return _of_share(*share)
        if completions is not None and level is Level.UNKNOWN:
            return Health(Level.BUSY if _SHARE.match(cell_text(cell(row, completions))) else Level.UNKNOWN)
        return Health(level)

    return health if status is not None or ready is not None or kind is not None else lambda row: _plain(row)


def _plain(row: Row) -> Health:
    return Health(Level.BUSY, "being deleted") if row.deleted else _UNKNOWN


def _event(kind: str) -> Health:
    return Health(Level.WARN) if kind == "Warning" else Health(Level.OK)


def _share(ready: Any, desired: Any) -> tuple[int, int] | None:
    if isinstance(ready, int) and isinstance(desired, int):
        return ready, desired
    found = _SHARE.match(cell_text(ready))
    return (int(found[1]), int(found[2])) if found else None


def _of_share(ready: int, wanted: int) -> Health:
    if wanted == 0:
        return Health(Level.UNKNOWN, "scaled to zero")
    if ready >= wanted:
        return Health(Level.OK)
    return Health(Level.WARN, f"{ready} of {wanted} ready")
