r"""Lines of logs as values: whose they are, when they were written, how serious they are. Pure.

    {"level":"error","msg":"no disk"}     a field of a JSON object
    time=… level=warn msg=…               a pair of logfmt
    E0514 10:00:01.1 1 main.go:7] …       klog's first letter
    2026-01-01 ERROR [pool-1] …           a word in capitals

Levels have five words; a line that says none has "".
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from kmagic.api.door import read_json
from kmagic.api.table import Column
from kmagic.errors import DecodeError

__all__ = ("COLUMNS", "LEVELS", "LogLine", "Source", "fields_of", "level_of")

LEVELS = ("fatal", "error", "warn", "info", "debug")
"""The words for levels, worst first."""

COLUMNS = (Column("Pod"), Column("Container"), Column("Level"), Column("Message"))
"""The cells of a line, for filters: ``level:error``, ``!container:proxy``."""

_WORDS = {
    "f": "fatal", "fatal": "fatal", "panic": "fatal", "crit": "fatal", "critical": "fatal", "emerg": "fatal",
    "emergency": "fatal", "alert": "fatal", "dpanic": "fatal", "e": "error", "err": "error", "error": "error",
    "severe": "error", "w": "warn", "warn": "warn", "warning": "warn", "i": "info", "info": "info",
    "information": "info", "notice": "info", "d": "debug", "debug": "debug", "trace": "debug", "fine": "debug",
    "60": "fatal", "50": "error", "40": "warn", "30": "info", "20": "debug", "10": "debug",
}  # fmt: skip
# Bunyan's and pino's numbers stand only behind a key.
_LEVEL = re.compile(
    r"""^(?P<klog>[IWEF])\d{4}\ \d\d:
    | (?:\b|_)(?:level|lvl|severity|levelname|loglevel)["']?\s*[=:]\s*["']?(?P<field>\w+)
    | (?<![\w./-])(?P<word>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRIT|CRITICAL|FATAL|PANIC)(?![\w./-])
    | ^(?:[^\[]{0,40}\[|)(?P<small>trace|debug|info|notice|warn|warning|error|crit|critical|fatal|panic)[\]:]
    """,
    re.VERBOSE,
)
_SIGHT = 400  # characters in which a level is looked for
_LONGEST_JSON = 64 * 1024


class Source(msgspec.Struct):
    """A container whose log is followed.

    Attributes:
        number: Position among the sources, from 0.
        state: Its state in a few words: "running", "waiting: ImagePullBackOff", "ended: OOMKilled", "gone".
        restarts: Number of its restarts so far.
        lines: Number of lines that came of it.
        previous: Whether the instance before the last restart can be read.
    """

    number: int
    pod: str
    container: str
    state: str = ""
    restarts: int = 0
    lines: int = 0
    previous: bool = False

    @property
    def name(self) -> str:
        """The Pod and the container."""
        return f"{self.pod}/{self.container}"


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """One line, or a mark between lines.

    Attributes:
        number: Its identity, rising as lines come.
        key: Rank among the lines, made of their time; of a line without one, that of the line before.
        stamp: The time as the server wrote it; "" for none.
        pod: Name of the Pod.
        container: Name of the container.
        source: Number of the source.
        level: One of `LEVELS`, or "".
        text: The line; of a mark, what happened.
        mark: "" for a line; else "start", "restart", "cut", "gone", "dropped" or "previous".
    """

    number: int
    key: tuple[str, int]
    stamp: str
    pod: str
    container: str
    source: int
    level: str
    text: str
    mark: str = ""

    @property
    def namespace(self) -> str:
        """The empty text, where filters read the namespace of a row."""
        return ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts that filters read, by `COLUMNS`."""
        return (self.pod, self.container, self.level, self.text)


def level_of(text: str) -> str:
    """Returns the level that a line says it has: one of `LEVELS`, or ""."""
    found = _LEVEL.search(text, 0, _SIGHT)
    if found is None:
        return ""
    return _WORDS.get((found[found.lastgroup or ""] or "").lower(), "")


def fields_of(text: str) -> dict[str, Any] | None:
    """Returns the fields of a line that is a JSON object; None for any other."""
    if not text.startswith("{") or len(text) > _LONGEST_JSON:
        return None
    try:
        found = read_json(text, "a line")
    except DecodeError:
        return None
    return found if isinstance(found, dict) else None
