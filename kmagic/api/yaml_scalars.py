"""The meaning of a YAML scalar to Go's YAML 1.1 reader, and the quoting that its writer needs.

Source: go.yaml.in/yaml/v2 v2.4.4 (resolve.go, encode.go, sorter.go).
"""

from __future__ import annotations

import math
import re

__all__ = ("compare_keys", "format_float", "is_plain_text", "resolve", "resolve_as")

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INTEGER = re.compile(
    r"([-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)|0[oO]?(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# Go takes its underscores between digits only, and here it sees them.
_POINT_FIRST = re.compile(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])"
    r"([Tt](?P<h>[0-9]{1,2}):[0-9]{1,2}:[0-9]{1,2}([.,][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})"
    r"| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.,][0-9]+)?)?"
)
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if not text or text[0] not in "+-.0123456789":
        return text
    if text[0] == ".":
        return _float(text.replace("_", "")) if _POINT_FIRST.fullmatch(text) else text
    if _TIMESTAMP.fullmatch(text):
        return text
    plain = text.replace("_", "")
    number = _integer(plain)
    if number is not None:
        return number
    found = _float(plain)
    return found if isinstance(found, float) else text


def resolve_as(kind: str, text: str) -> str | int | float | bool | None:
    """The value of a scalar with an explicit ``!!bool``, ``!!int``, ``!!float``, ``!!null`` or ``!!timestamp``.

    Raises:
        ValueError: The text is something else.
    """
    if kind == "timestamp":
        if not _TIMESTAMP.fullmatch(text):
            raise ValueError(text)
        return text
    value = resolve(text)
    found = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}[type(value)]
    if kind == "float" and isinstance(value, int) and found == "int" and value < 2**63:
        return float(value)
    if found != kind:
        raise ValueError(text)
    return value


def is_plain_text(text: str) -> bool:
    """Returns whether `text`, written without quotes, comes back as itself."""
    if _BASE60.fullmatch(text):
        return False
    return text != "<<" and isinstance(resolve(text), str) and not _TIMESTAMP.fullmatch(text)


def format_float(value: float, *, single: bool = False) -> str:
    """A float as Go's ``%g`` with the shortest digits prints it; `single` rounds to 32 bits first, as for map keys."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    digits = f"{value:.9g}" if single else repr(value)
    if single:
        # The shortest decimal that is still the same to nine digits.
        digits = next(text for width in range(1, 10) if float(text := f"{value:.{width}g}") == float(digits))
    mantissa, _, exponent = digits.partition("e")
    if not exponent:
        mantissa, exponent = _scientific(mantissa)
    power = int(exponent)
    mantissa = mantissa.removesuffix(".0")
    # Without a precision Go decides by six digits.
    if -4 <= power < 6:
        return _expand(mantissa, power)
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def compare_keys(left: str, right: str) -> int:
    """Natural order of map keys: letters after other characters, runs of digits by their value."""
    for i, (a, b) in enumerate(zip(left, right, strict=False)):
        if a == b:
            continue
        a_letter, b_letter = a.isalpha(), b.isalpha()
        if a_letter and b_letter:
            return -1 if a < b else 1
        if a_letter or b_letter:
            return -1 if b_letter else 1
        return _compare_digits(left, right, i)
    return (len(left) > len(right)) - (len(left) < len(right))


def _float(text: str) -> float | str:
    """A number that 64 bits can hold; what is too big for them is text to Go."""
    value = float(text) if _FLOAT.fullmatch(text) else math.inf
    return value if math.isfinite(value) else text


def _integer(plain: str) -> int | None:
    match = _INTEGER.fullmatch(plain)
    if match is None:
        return None
    kind = match.lastgroup or "decimal"
    digits = match[kind].lstrip("0") or "0"
    # More digits than 64 bits have, and Python refuses to read some thousands of them.
    if len(digits) > 64:
        return None
    value = int(digits, _BASES[kind])
    if match[1] == "-":
        value = -value
    # Beyond 64 bits Go reads a float.
    if value < -(2**63) or value >= 2**64 or (match[1] == "+" and value >= 2**63):
        return None
    return value


def _scientific(text: str) -> tuple[str, str]:
    sign = "-" if text.startswith("-") else ""
    whole, _, fraction = text.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return f"{sign}0", "0"
    power = len(whole) - 1 - (len(whole + fraction) - len(digits)) if whole.strip("0") == "" else len(whole) - 1
    digits = digits.rstrip("0") or "0"
    return f"{sign}{digits[0]}" + (f".{digits[1:]}" if len(digits) > 1 else ""), str(power)


def _expand(mantissa: str, power: int) -> str:
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.lstrip("-").replace(".", "")
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    digits = digits.ljust(power + 1, "0")
    whole, fraction = digits[: power + 1], digits[power + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _compare_digits(left: str, right: str, at: int) -> int:
    a_number = b_number = 0
    if "0" in (left[at], right[at]):
        before = at - 1
        while before >= 0 and left[before].isdigit():
            if left[before] != "0":
                a_number = b_number = 1
                break
            before -= 1
    a_end, a_number = _digits_from(left, at, a_number)
    b_end, b_number = _digits_from(right, at, b_number)
    for a, b in ((a_number, b_number), (a_end, b_end)):
        if a != b:
            return -1 if a < b else 1
    return -1 if left[at] < right[at] else 1


def _digits_from(text: str, at: int, number: int) -> tuple[int, int]:
    while at < len(text) and text[at].isdigit():
        number = number * 10 + (ord(text[at]) - ord("0"))
        at += 1
    return at, number
