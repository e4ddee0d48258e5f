"""Resource quantities: ``100m``, ``1.5Gi``, ``2``, ``1e3``; exact arithmetic and the canonical text.

Source: k8s.io/apimachinery/pkg/api/resource/quantity.go, suffix.go
"""

from __future__ import annotations

import functools
import re
from decimal import ROUND_UP, Context, Decimal

from kmagic.errors import ArgumentError

__all__ = ("Quantity",)

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_TEXT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?", re.ASCII)

_EXACT = Context(prec=300, rounding=ROUND_UP, Emax=10**17, Emin=-(10**17))
# More than anything there is; every power of ten above it counts as it. Fewer than a nano round up to one.
_MOST, _LEAST = 100, -12
_EXPONENT = re.compile(r"[+-]?0*\d{1,18}", re.ASCII)


@functools.total_ordering
class Quantity:
    """An exact amount with the notation it was written in; beyond 10^100 it counts as that.

    Args:
        text: ``"100m"``, ``"1.5Gi"``, a number, or another quantity's text.

    Raises:
        ArgumentError: Not a quantity.
    """

    __slots__ = ("_notation", "value")

    def __init__(self, text: str | int | float | Decimal) -> None:
        match = _TEXT.fullmatch(str(text).strip())
        if not match:
            raise ArgumentError(
                f"{text!r} is not a quantity: expected a number with an optional suffix such as m, k, Mi, Gi"
            )
        number, exponent, suffix = Decimal(match[1]), match[2], match[3] or ""
        if exponent:
            if not _EXPONENT.fullmatch(exponent[1:]):
                raise ArgumentError(
                    f"unable to parse quantity's suffix: {exponent[:20]!r} is not a quantity's exponent"
                )
            power, self._notation = int(exponent[1:]), "exponent"
        elif suffix in _BINARY:
            number, power, self._notation = _EXACT.multiply(number, Decimal(_BINARY[suffix])), 0, "binary"
        else:
            power, self._notation = _DECIMAL[suffix], "decimal"
        self.value: Decimal = _bounded(number, power)

    @classmethod
    def _of(cls, value: Decimal, notation: str) -> Quantity:
        made = cls(0)
        made.value, made._notation = value, notation
        return made

    @property
    def millis(self) -> int:
        """Thousandths, rounded up: CPU in millicores."""
        return int(self.value.scaleb(3, _EXACT).to_integral_value(rounding="ROUND_CEILING"))

    def __int__(self) -> int:
        return int(self.value.to_integral_value(rounding="ROUND_CEILING"))

    def __float__(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        """The canonical text: no fraction, the largest suffix that allows it."""
        if self.value == 0:
            return "0"
        if self._notation == "binary" and self.value == self.value.to_integral_value() and abs(self.value) >= 1024:
            for suffix, size in reversed(_BINARY.items()):
                if _EXACT.remainder(self.value, Decimal(size)) == 0:
                    return f"{int(self.value) // size}{suffix}"
            return str(int(self.value))
        for suffix, power in sorted(_DECIMAL.items(), key=lambda item: -item[1]):
            scaled = self.value.scaleb(-power, _EXACT)
            if scaled == scaled.to_integral_value():
                if self._notation == "exponent":
                    return f"{int(scaled)}e{power}" if power else str(int(scaled))
                return f"{int(scaled)}{suffix}"
        raise AssertionError("a quantity is never finer than a nano")

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return self.value == other.value if isinstance(other, Quantity) else NotImplemented

    def __lt__(self, other: Quantity) -> bool:
        return self.value < other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity._of(_EXACT.add(self.value, other.value), self._notation if self.value else other._notation)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity._of(_EXACT.subtract(self.value, other.value), self._notation if self.value else other._notation)

    def __neg__(self) -> Quantity:
        return Quantity._of(self.value.copy_negate(), self._notation)


def _bounded(number: Decimal, power: int) -> Decimal:
    """``number * 10^power``, never finer than a nano: finer input is rounded up, away from zero."""
    if not number:
        return Decimal(0)
    size = number.adjusted() + power
    if size >= _MOST or size < _LEAST:
        return Decimal((int(number < 0), (1,), _MOST if size >= _MOST else -9))
    return number.scaleb(power + 9, _EXACT).to_integral_value(rounding=ROUND_UP).scaleb(-9, _EXACT)
