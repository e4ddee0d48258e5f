from __future__ import annotations

import msgspec
import pytest

from kmagic.api import times
from kmagic.sandbox.printers.ages import Ages, human_duration, parse_time


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"), (-0.5, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (599, "9m59s"), (600, "10m"),
        (3 * 3600 - 1, "179m"), (3 * 3600, "3h"), (3 * 3600 + 60, "3h1m"), (8 * 3600 - 1, "7h59m"), (8 * 3600, "8h"),
        (47 * 3600, "47h"), (48 * 3600, "2d"), (49 * 3600, "2d1h"), (8 * 86400, "8d"), (400 * 86400, "400d"),
        (2 * 365 * 86400, "2y"), (2 * 365 * 86400 + 86400, "2y1d"), (9 * 365 * 86400, "9y"),
    ],
)  # fmt: skip
def test_durations_read_as_kubectl_prints_them(seconds, text):
    assert human_duration(seconds) == text
    if seconds >= 0:
        assert times.human_duration(seconds) == text, "the server's table and the client's own columns agree"


def test_a_row_is_encoded_once_and_its_ages_are_filled_in_later():
    ages = Ages()
    cells = [
        "web",
        ages.since("2026-01-01T00:00:00Z"),
        f"3 ({ages.since('2026-01-01T00:01:00Z')} ago)",
        ages.since(None),
    ]
    text = ages.compile(msgspec.json.encode({"cells": cells}))
    start = parse_time("2026-01-01T00:00:00Z")
    assert msgspec.json.decode(text.at(start + 65)) == {"cells": ["web", "65s", "3 (5s ago)", "<unknown>"]}
    assert msgspec.json.decode(text.at(start + 7200)) == {"cells": ["web", "120m", "3 (119m ago)", "<unknown>"]}


def test_a_finished_duration_does_not_change():
    ages = Ages()
    assert ages.between("2026-01-01T00:00:00Z", "2026-01-01T00:02:05Z") == "2m5s"
    assert ages.moments == []
