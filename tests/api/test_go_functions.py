"""The functions of Go templates where a template does not show all of them."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.api.go_functions import FUNCTIONS, truth
from kmagic.errors import ArgumentError


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("len", ["é"], 2),
        ("index", [{"a": [1, 2]}, "a", 1], 2),
        ("index", [{"a": 1}, "b"], None),
        ("slice", ["abcdef", 1, 3], "bc"),
        ("slice", [[1, 2, 3], 1], [2, 3]),
        ("exists", [{"a": [1]}, "a", 0], True),
        ("exists", [{"a": [1]}, "a", 1], False),
        ("exists", [{"a": None}, "a", "b"], False),
        ("eq", ["a", "b", "a"], True),
        ("eq", [None, None], True),
        ("lt", ["Z", "a"], True),
        ("base64decode", ["aGk="], "hi"),
        ("html", ["<a href='x'>&\"\0"], "&lt;a href=&#39;x&#39;&gt;&amp;&#34;\ufffd"),
        ("js", ["<a>='\n"], "\\u003Ca\\u003E\\u003D\\'\\u000A"),
        ("urlquery", ["a b&c~"], "a+b%26c~"),
        ("print", [1, 2, "x", 3], "1 2x3"),
    ],
)
def test_a_function_gives_what_gos_gives(name: str, arguments: list[Any], value: object) -> None:
    assert FUNCTIONS[name].call(*arguments) == value


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("eq", [1, 1.0], "incompatible types for comparison: int64 and float64"),
        ("lt", [True, False], "invalid type for comparison"),
        ("index", [[1], 5], "index out of range: 5"),
        ("index", [None, "a"], "index of untyped nil"),
        ("slice", ["abc", 2, 1], "invalid slice index: 2 > 1"),
        ("base64decode", ["!"], "base64 decode failed"),
        ("call", [None], "call of nil"),
        ("printf", ["%*d", 1, 2], "not taken in a format"),
    ],
)
def test_what_a_function_does_not_take_is_said(name: str, arguments: list[Any], says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        FUNCTIONS[name].call(*arguments)


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", [], {}])
def test_what_is_empty_is_not_true(value: object) -> None:
    assert not truth(value)
