"""Resource quantities: ``100m``, ``1.5Gi``, ``2``, ``1e3``; exact arithmetic and the canonical text.

Source: k8s.io/apimachinery/pkg/api/resource/quantity.go, suffix.go
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal

__all__ = ("Quantity",)

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_TEXT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?", re.ASCII)


@functools.total_ordering
class Quantity:
    """An exact amount with the notation it was written in.

    Args:
        text: ``"100m"``, ``"1.5Gi"``, a number, or another quantity's text.

    Raises:
        ValueError: Not a quantity.
    """

    __slots__ = ("_notation", "value")

    def __init__(self, text: str | int | float | Decimal) -> None:
        match = _TEXT.fullmatch(str(text).strip())
        if not match:
            raise ValueError(
                f"{text!r} is not a quantity: expected a number with an optional suffix such as m, k, Mi, Gi"
            )
        number, exponent, suffix = Decimal(match[1]), match[2], match[3] or ""
        if exponent:
            value, self._notation = number.scaleb(int(exponent[1:])), "exponent"
        elif suffix in _BINARY:
            value, self._notation = number * _BINARY[suffix], "binary"
        else:
            value, self._notation = number.scaleb(_DECIMAL[suffix]), "decimal"
        # Never finer than a nano: finer input is rounded up, away from zero.
        self.value: Decimal = value.scaleb(9).to_integral_value(rounding="ROUND_UP").scaleb(-9)

    @classmethod
    def _of(cls, value: Decimal, notation: str) -> Quantity:
        made = cls(0)
        made.value, made._notation = value, notation
        return made

    @property
    def millis(self) -> int:
        """Thousandths, rounded up: CPU in millicores."""
        return int((self.value * 1000).to_integral_value(rounding="ROUND_CEILING"))

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
                if self.value % size == 0:
                    return f"{int(self.value / size)}{suffix}"
            return str(int(self.value))
        for suffix, power in sorted(_DECIMAL.items(), key=lambda item: -item[1]):
            scaled = self.value.scaleb(-power)
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
        return Quantity._of(self.value + other.value, self._notation if self.value else other._notation)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity._of(self.value - other.value, self._notation if self.value else other._notation)

    def __neg__(self) -> Quantity:
        return Quantity._of(-self.value, self._notation)
