"""Values as Go's package fmt prints them."""

from __future__ import annotations

import pytest

from kmagic.api.go_values import go_print, go_quoted, go_text, go_type, sprintf


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (None, "<nil>", "<nil>"),
        (True, "true", "bool"),
        (3, "3", "int64"),
        (1e6, "1e+06", "float64"),
        ("a b", "a b", "string"),
        ({"b": 1, "a": [None, "x"]}, "map[a:[<nil> x] b:1]", "map[string]interface {}"),
        ([], "[]", "[]interface {}"),
    ],
)
def test_a_value_and_its_type(value: object, text: str, kind: str) -> None:
    assert (go_text(value), go_type(value)) == (text, kind)


def test_values_stand_apart_where_neither_is_text() -> None:
    assert go_print([1, 2, "x", 3, None, True]) == "1 2x3 <nil> true"


def test_text_is_quoted_as_in_a_program() -> None:
    assert go_quoted('a"\\\n\t\x01é\u2028') == '"a\\"\\\\\\n\\t\\x01é\\u2028"'


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("%5d|%-5s|%05.1f", [3, "a", 1.5], "    3|a    |001.5"),
        ("%x|%X|%o|%b|%#x|%U", [255, "hi", 8, 5, 255, 233], "ff|6869|10|101|0xff|U+00E9"),
        ("%t|%T|%c|%+d|%q", [True, {}, 65, 3, "x"], 'true|map[string]interface {}|A|+3|"x"'),
        ("%s %d", [3, "x"], "%!s(int64=3) %!d(string=x)"),
        ("%d", [], "%!d(MISSING)"),
        ("%d", [1, 2], "1%!(EXTRA int64=2)"),
        ("%v %s", [None, None], "<nil> %!s(<nil>)"),
        ("%s %d", [{"a": "b"}, [1, 2]], "map[a:b] [1 2]"),
        ("%08d|% d|%.2s|%e", [-42, 5, "abc", 1234.5], "-0000042| 5|ab|1.234500e+03"),
        ("a%999999999999f b", [1.5], "a%!(NOVERB)%!(EXTRA float64=1.5)"),
        ("%.999999999999s", ["x"], "%!(NOVERB)%!(EXTRA string=x)"),
        ("100%%%", [], "100%%!(NOVERB)"),
    ],
)
def test_a_format_is_filled(template: str, values: list[object], text: str) -> None:
    assert sprintf(template, values) == text
