from __future__ import annotations

import pytest

from kmagic.rest.log_lines import LogPosition, split_timestamp


@pytest.mark.parametrize(
    ("line", "stamp", "text"),
    [
        (b"2026-01-01T00:00:01.5Z hello", "2026-01-01T00:00:01.5Z", b"hello"),
        (b"2026-01-01T00:00:01Z ", "2026-01-01T00:00:01Z", b""),
        (b"2026-01-01T00:00:01.123456789Z  x", "2026-01-01T00:00:01.123456789Z", b" x"),
        (b"plain", "", b"plain"),
        (b"", "", b""),
    ],
)
def test_split(line: bytes, stamp: str, text: bytes) -> None:
    assert split_timestamp(line) == (stamp, text)


LOG = [
    ("2026-01-01T00:00:01.1Z", "a"),
    ("2026-01-01T00:00:01.1Z", "b"),
    ("2026-01-01T00:00:01.10000001Z", "c"),
    ("2026-01-01T00:00:02Z", "d"),
    ("2026-01-01T00:00:02Z", "d"),
    ("2026-01-01T00:00:02Z", "e"),
    ("2026-01-01T00:00:02.9Z", "f"),
    ("2026-01-01T00:00:03Z", "g"),
]


@pytest.mark.parametrize("cut", range(len(LOG) + 1))
@pytest.mark.parametrize("second_cut", range(len(LOG) + 1))
def test_no_line_is_lost_or_doubled_wherever_the_stream_is_cut(cut: int, second_cut: int) -> None:
    position, seen = LogPosition(), []
    for count in (cut, second_cut, len(LOG)):
        position.resume()
        # What a server answers: everything since the whole second.
        answer = [item for item in LOG if item[0] >= position.since[:19]]
        for stamp, text in answer[:count]:
            if position.is_new(stamp):
                seen.append(text)
    assert seen == [text for _, text in LOG]


def test_lines_without_timestamps_are_all_new() -> None:
    position = LogPosition()
    assert position.is_new("")
    position.resume()
    assert position.is_new("")
    assert position.since == ""


def test_since_is_a_whole_second() -> None:
    position = LogPosition()
    position.is_new("2026-01-01T00:00:01.987Z")
    assert position.since == "2026-01-01T00:00:01Z"
