"""Texts from outside that no terminal obeys and no reader misreads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.terminal import UNSAFE, escape_json, escape_terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred", "^[[31mred", id="ESC, as kubectl"),
        pytest.param("over\rwritten", "over\\rwritten", id="CR, as kubectl"),
        pytest.param("\x9b31mred", "\\u009b31mred", id="a C1 control begins a command as well"),
        pytest.param("a\u202etxt.exe", "a\\u202etxt.exe", id="right to left"),
        pytest.param("a\u2066b\u2069\u200f\u061c", "a\\u2066b\\u2069\\u200f\\u061c", id="other marks of direction"),
        pytest.param("a\u200bb\ufeff", "a\\u200bb\\ufeff", id="nothing to see"),
        pytest.param("a\U000e0041b", "a\\U000e0041b", id="tags"),
        pytest.param("bell\a \x7f \x00", "bell\\u0007 \\u007f \\u0000", id="other controls"),
        pytest.param("two\nlines\tand a tab", "two\nlines\tand a tab", id="line breaks and tabs stay"),
        pytest.param("👩\u200d💻 é 日本 مرحبا\u200cنا", "👩\u200d💻 é 日本 مرحبا\u200cنا", id="people's writing stays"),
    ],
)
def test_what_a_terminal_obeys_is_shown(text: str, shown: str) -> None:
    assert escape_terminal(text) == shown
    assert escape_terminal(shown) == shown


@given(st.text())
def test_json_means_the_same(text: str) -> None:
    escaped = escape_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(escaped) == text
    assert not UNSAFE.search(escaped)
