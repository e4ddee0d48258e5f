from __future__ import annotations

from typing import Any

import pytest

from kmagic.rest.warnings import WarningDeduplicator, parse_warnings


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        pytest.param('299 - "v1beta1 is deprecated"', ["v1beta1 is deprecated"], id="RE-20 one"),
        pytest.param('299 - "a", 299 agent "b, c"', ["a", "b, c"], id="RE-20 joined, comma inside"),
        pytest.param(r'299 - "say \"hi\" \\ bye"', [r'say "hi" \ bye'], id="RE-20 escapes"),
        pytest.param('199 - "misc", 299 - "x"', ["x"], id="RE-20 only 299"),
        pytest.param('299 - "x" "Tue, 24 Nov 2026 10:00:00 GMT"', ["x"], id="RE-20 date"),
        pytest.param("nonsense", [], id="RE-20 nonsense"),
        pytest.param('nonsense, 299 - "x"', ["x"], id="behind nonsense"),
        pytest.param('299 - "a" x, 299 - "b"', ["b"], id="nonsense behind the text"),
    ],
)
def test_parse(header: str, texts: list[str]) -> None:
    assert parse_warnings(header) == texts


@pytest.mark.parametrize(
    "header", ["299" + " " * 130_000, "299 - " * 20_000, '299 - "\\",' * 13_000, '299 - "a, ' * 13_000, "," * 130_000]
)
def test_a_header_of_any_kind_is_gone_through_a_few_times_at_most(header: Any) -> None:
    """A regular expression that goes back needs minutes for these."""
    assert len(parse_warnings(header)) < 20_000


def test_RE_20_each_text_once_and_the_memory_is_bounded() -> None:
    once = WarningDeduplicator(keep=2)
    assert once.new(["a", "a", "b"]) == ["a", "b"]
    assert once.new(["a"]) == []
    assert once.new(["c"]) == ["c"]
    assert once.new(["a"]) == ["a"]
