from __future__ import annotations

import msgspec

from kmagic.api.times import parse_time
from kmagic.sandbox.printers.ages import Ages


def test_a_row_is_encoded_once_and_its_ages_are_filled_in_later() -> None:
    ages = Ages()
    cells = [
        "web",
        ages.since("2026-01-01T00:00:00Z"),
        f"3 ({ages.since('2026-01-01T00:01:00Z')} ago)",
        ages.since(None),
    ]
    text = ages.compile(msgspec.json.encode({"cells": cells}))
    start = parse_time("2026-01-01T00:00:00Z").timestamp()
    assert msgspec.json.decode(text.at(start + 65)) == {"cells": ["web", "65s", "3 (5s ago)", "<unknown>"]}
    assert msgspec.json.decode(text.at(start + 7200)) == {"cells": ["web", "120m", "3 (119m ago)", "<unknown>"]}


def test_a_finished_duration_does_not_change() -> None:
    ages = Ages()
    assert ages.between("2026-01-01T00:00:00Z", "2026-01-01T00:02:05Z") == "2m5s"
    assert ages.moments == []
