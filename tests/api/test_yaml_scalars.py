"""Go's YAML 1.1 scalars."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.yaml_scalars import compare_keys, format_float, is_plain_text, resolve, resolve_as


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True), ("Yes", True), ("on", True), ("TRUE", True), ("n", False), ("off", False), ("No", False),
        ("yES", "yES"), ("~", None), ("null", None), ("", None), ("nil", "nil"),
        ("0", 0), ("-0", 0), ("0777", 511), ("0o17", 15), ("08", 8.0), ("0x1F", 31), ("-0b11", -3), ("1_000", 1000),
        ("+12", 12), ("18446744073709551615", 2**64 - 1), ("18446744073709551616", 1.8446744073709552e19),
        ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), ("-1E-2", -0.01), (".inf", math.inf),
        ("1.2.3", "1.2.3"), ("1m", "1m"), ("-", "-"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), ("web", "web"),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_go_says(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_an_explicit_kind_must_fit() -> None:
    assert resolve_as("float", "3") == 3.0
    with pytest.raises(ValueError):
        resolve_as("int", "3.5")


@pytest.mark.parametrize("text", ["yes", "1", "1e3", "2024-01-01", "2024-01-01T00:00:00Z", "1:30", "<<", "", "null"])
def test_text_that_reads_as_something_else_needs_quotes(text: str) -> None:
    assert not is_plain_text(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"), (1e21, "1e+21"), (1e20, "1e+20"), (1234567.5, "1.2345675e+06"), (1e-5, "1e-05"), (0.0001, "0.0001"),
        (123456.789, "123456.789"), (0.0, "0"), (-2.0, "-2"), (1.25e-7, "1.25e-07"), (math.inf, ".inf"),
    ],
)  # fmt: skip
def test_floats_are_written_as_go_writes_them(value: float, text: str) -> None:
    assert format_float(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_float_is_the_same_float(value: float) -> None:
    assert float(format_float(value)) == value


def test_keys_sort_naturally() -> None:
    from functools import cmp_to_key

    names = ["key10", "key9", "b", "a", "a1", "1", "10", "2", "_x", "a-b", "aB"]
    assert sorted(names, key=cmp_to_key(compare_keys)) == [
        "_x",
        "1",
        "2",
        "10",
        "a",
        "a-b",
        "a1",
        "aB",
        "b",
        "key9",
        "key10",
    ]


@given(st.text(max_size=6), st.text(max_size=6))
def test_the_key_order_is_antisymmetric(left: str, right: str) -> None:
    assert compare_keys(left, right) == -compare_keys(right, left)
    assert (compare_keys(left, right) == 0) == (left == right)
