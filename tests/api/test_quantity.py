"""Quantities: exact values, canonical text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.api.quantity import Quantity
from kmagic.errors import ArgumentError

texts = st.builds(
    lambda number, suffix: f"{number}{suffix}",
    st.decimals(-10_000, 10_000, places=3).map(lambda value: format(value, "f")),
    st.sampled_from(["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "e3", "E-3"]),
)


@pytest.mark.parametrize(
    ("text", "value", "canonical"),
    [
        ("0", "0", "0"), ("100m", "0.1", "100m"), ("0.1", "0.1", "100m"), ("1.5", "1.5", "1500m"), ("1500m", "1.5", "1500m"),
        ("2", "2", "2"), ("1000", "1000", "1k"), ("1024", "1024", "1024"), ("1Ki", "1024", "1Ki"), ("1024Ki", "1048576", "1Mi"),
        ("1.5Gi", "1610612736", "1536Mi"), ("0.5Ki", "512", "512"), ("1.1Ki", "1126.4", "1126400m"), ("1e3", "1000", "1e3"),
        ("12E6", "12000000", "12e6"), ("1500e3", "1500000", "1500e3"), ("1E", "1000000000000000000", "1E"),
        ("-5Mi", "-5242880", "-5Mi"), ("+3", "3", "3"), (".5", "0.5", "500m"), ("5.", "5", "5"),
        ("0.0000000001", "0.000000001", "1n"), ("1n", "0.000000001", "1n"), ("1000u", "0.001", "1m"), ("0Mi", "0", "0"),
    ],
)  # fmt: skip
def test_text_value_and_canonical_text(text: str, value: str, canonical: str) -> None:
    quantity = Quantity(text)
    assert quantity.value == Decimal(value)
    assert str(quantity) == canonical


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "1 Gi", "1gi", "1KI", "Mi", "--1", "1e", "1mm"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        Quantity(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("1e999999999", Decimal("1e100"), id="a big exponent"),
        pytest.param("-1E99999999999", Decimal("-1e100"), id="a big exponent below zero"),
        pytest.param("9" * 5000, Decimal("1e100"), id="many digits"),
        pytest.param("9" * 5000 + "Ki", Decimal("1e100"), id="many binary digits"),
        pytest.param("0." + "0" * 5000 + "1", Decimal("1e-9"), id="a fine one"),
        pytest.param("1e-999999999", Decimal("1e-9"), id="a small exponent"),
        pytest.param("0e999999999", Decimal(0), id="nothing, big"),
        pytest.param("1e0000000000000000000000005", Decimal(100000), id="an exponent with zeros before it"),
        pytest.param("123456789012345678901234567890.5", Decimal("123456789012345678901234567890.5"), id="exact"),
    ],
)
def test_any_size_has_a_value_and_a_text(text: str, value: Decimal) -> None:
    quantity = Quantity(text)
    assert quantity.value == value
    assert Quantity(str(quantity)) == quantity
    assert int(quantity) <= 10**100
    assert float(quantity) <= 1e100
    assert quantity.millis <= 10**103


def test_an_exponent_beyond_64_bits_is_no_quantity() -> None:
    with pytest.raises(ArgumentError, match="is not a quantity"):
        Quantity("1e" + "9" * 5000)


@given(st.text("0123456789.eEkKMGi+-", max_size=40) | st.floats() | st.integers())
def test_any_text_is_a_quantity_or_an_argument_error(text: str | float) -> None:
    try:
        quantity = Quantity(text)
    except ArgumentError:
        return
    assert Quantity(str(quantity)).millis == quantity.millis


@given(texts)
def test_the_canonical_text_is_the_same_quantity(text: str) -> None:
    quantity = Quantity(text)
    assert Quantity(str(quantity)) == quantity
    assert str(Quantity(str(quantity))) == str(quantity)


@given(texts, texts)
def test_sums_and_order_are_those_of_the_values(a: str, b: str) -> None:
    left, right = Quantity(a), Quantity(b)
    assert (left + right).value == left.value + right.value
    assert left - right == -(right - left)
    assert (left < right) == (left.value < right.value)
    assert (left == right) == (hash(left) == hash(right))


def test_numbers_round_up_as_the_scheduler_does() -> None:
    assert Quantity("1m").millis == 1
    assert Quantity("100u").millis == 1
    assert int(Quantity("1001m")) == 2
    assert float(Quantity("250m")) == 0.25
    assert Quantity(2) == Quantity("2000m")


def test_the_repr_and_the_notation_of_a_sum() -> None:
    assert repr(Quantity("1Gi") + Quantity("512Mi")) == "Quantity('1536Mi')"
    assert str(Quantity("0") + Quantity("1Gi")) == "1Gi"
    assert Quantity("1") != 1
