"""Patterns are Go's; what they mean on the real server is asked in tests/conformance/test_schemas.py."""

from __future__ import annotations

import pytest

from kmagic.sandbox.validation.patterns import complaint, matches


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [(r"\p{Lu}", "É", True), (r"^a$", "a\n", False), (r"\Q\C\E", r"x\Cx", True), ("(", "(", False), ("é+", "éé", True)],
)
def test_a_pattern_is_found_anywhere_in_a_text(pattern: str, text: str, found: bool) -> None:
    assert matches(pattern, text) is found


@pytest.mark.parametrize(
    ("pattern", "says"), [("a", ""), ("", ""), (r"\\C", ""), (r"\C", r"invalid escape sequence: `\C`")]
)
def test_what_is_wrong_is_said_as_go_says_it(pattern: str, says: str) -> None:
    assert complaint(pattern).removeprefix("error parsing regexp: ") == says
