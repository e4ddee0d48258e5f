"""Levels and fields of log lines, as programs write them."""

from __future__ import annotations

import pytest

from kmagic.views.log_line import LogLine, Source, fields_of, level_of


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('{"level":"error","msg":"no disk"}', "error"),
        ('{"severity": "WARNING", "message": "slow"}', "warn"),
        ('{"time":1,"level":50,"msg":"pino"}', "error"),
        ("ts=2026-01-01T00:00:00Z lvl=dbug msg=x", ""),
        ("time=2026-01-01T00:00:00Z level=warn msg=slow", "warn"),
        ("E0514 10:00:01.123456       1 main.go:7] failed", "error"),
        ("I0514 10:00:01.123456       1 main.go:7] error budget is fine", "info"),
        ("2026-01-01 12:00:00,000 ERROR [pool-1] it broke", "error"),
        ("WARNING:root:careful", "warn"),
        ("[error] 7#7: *1 open() failed", "error"),
        ("2026/01/01 12:00:00 [notice] 1#1: start worker", "info"),
        ("panic: runtime error: index out of range", "fatal"),
        ("INFO  GET /ERROR.html 200", "info"),
        ("GET /errors?level=high 200", ""),
        ("there were no errors", ""),
        ("", ""),
        ("x" * 1000 + " ERROR", ""),
    ],
)
def test_a_level_is_what_the_line_says_it_is(text: str, level: str) -> None:
    assert level_of(text) == level


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"msg":"a","n":1}', {"msg": "a", "n": 1}),
        ("[1]", None),
        ("{not json}", None),
        ('{"cut": ', None),
        ("{" * 5000, None),
        ("plain", None),
    ],
    ids=lambda each: str(each)[:12],
)
def test_fields_are_those_of_a_json_object(text: str, fields: object) -> None:
    assert fields_of(text) == fields


def test_a_line_is_filtered_by_whose_it_is_what_it_says_and_its_level() -> None:
    line = LogLine(1, ("", 0), "", "web-0", "main", 0, "error", "no disk")
    assert line.cells == ("web-0", "main", "error", "no disk")
    assert Source(0, "web-0", "main").name == "web-0/main"
