"""Values of JSON as Go's package fmt prints them: ``%v`` and its relatives. Pure.

Source: fmt/print.go, fmt/format.go of Go's standard library.
"""

from __future__ import annotations

import re
from typing import Any

from kmagic.api.yaml_scalars import format_float
from kmagic.errors import ArgumentError

__all__ = ("go_print", "go_quoted", "go_text", "go_type", "sprintf")

_VERB = re.compile(r"%(?P<flags>[-+# 0]*)(?P<width>\d+)?(?:\.(?P<precision>\d*))?(?P<verb>.|$)", re.DOTALL)


def go_text(value: Any) -> str:
    """A value as ``%v`` prints it: ``map[app:web tier:front]``, ``[1 2]``, ``<nil>``."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case float():
            return format_float(value)
        case dict():
            return f"map[{' '.join(f'{key}:{go_text(item)}' for key, item in sorted(value.items()))}]"
        case list():
            return f"[{' '.join(map(go_text, value))}]"
        case _:
            return str(value)


def go_type(value: Any) -> str:
    """The Go type that a value of JSON is decoded into."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "float64"
        case dict():
            return "map[string]interface {}"
        case list():
            return "[]interface {}"
        case _:
            return "string"


def go_print(values: list[Any]) -> str:
    """Values as ``fmt.Sprint`` puts them side by side: with a blank where neither is text."""
    pieces: list[str] = []
    for at, value in enumerate(values):
        if at and not isinstance(value, str) and not isinstance(values[at - 1], str):
            pieces.append(" ")
        pieces.append(go_text(value))
    return "".join(pieces)


def go_quoted(text: str) -> str:
    """Text as ``strconv.Quote`` writes it."""
    return "".join(('"', *map(_quoted_letter, text), '"'))


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def _quoted_letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    usual = f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return _ESCAPES.get(letter, usual)


def sprintf(template: str, values: list[Any]) -> str:
    """Values in a template, as ``fmt.Sprintf``; what does not fit is shown as Go shows it: ``%!d(string=x)``.

    Raises:
        ArgumentError: The template takes a width, precision or value by its number (``*``, ``[1]``), which is not here.
    """
    taken = 0
    # What follows a width or precision that is too large is not read.
    unread = next((found.start() for found in _VERB.finditer(template) if _too_large(found)), None)
    template = template if unread is None else f"{template[:unread]}%"

    def put(found: re.Match[str]) -> str:
        nonlocal taken
        verb = found["verb"]
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if verb in "*[":
            raise ArgumentError(f"%{verb} is not taken in a format")
        if taken >= len(values):
            return f"%!{verb}(MISSING)"
        taken += 1
        return _formatted(values[taken - 1], found)

    text = _VERB.sub(put, template)
    left = values[taken:]
    extra = ", ".join("<nil>" if each is None else f"{go_type(each)}={go_text(each)}" for each in left)
    return f"{text}%!(EXTRA {extra})" if left else text


def _too_large(found: re.Match[str]) -> bool:
    """Returns whether Go stops in the middle of a number, which it does where a digit follows more than a million."""
    numbers = [(found[name] or "").lstrip("0") for name in ("width", "precision")]
    return any(len(each) > 8 or int(each[:-1] or 0) > 1_000_000 for each in numbers)


def _formatted(value: Any, found: re.Match[str]) -> str:
    verb, flags = found["verb"], found["flags"]
    width = int(found["width"] or 0)
    precision = None if found["precision"] is None else int(found["precision"] or 0)
    text = _by_verb(value, verb, flags, precision)
    if text is None:
        return _misfit(value, verb)
    if "-" in flags:
        return text.ljust(width)
    number = (isinstance(value, int | float) and verb not in "vTtc") or verb in "sqxX"
    return _zeros(text, width) if "0" in flags and number else text.rjust(width)


def _misfit(value: Any, verb: str) -> str:
    shown = "<nil>" if value is None else f"{go_type(value)}={go_text(value)}"
    return f"%!{verb}({shown})"


def _zeros(text: str, width: int) -> str:
    sign = text[:1] if text[:1] in ("+", "-") else ""
    return sign + text[len(sign) :].rjust(width - len(sign), "0")


def _by_verb(value: Any, verb: str, flags: str, precision: int | None) -> str | None:
    """The value by one verb; None where it does not fit."""
    if verb == "T":
        return go_type(value)
    if verb == "v":
        return go_text(value)[:precision] if isinstance(value, str) else go_text(value)
    if isinstance(value, dict | list):
        return _of_many(value, verb, flags, precision)
    if isinstance(value, bool):
        return go_text(value) if verb == "t" else None
    if isinstance(value, str):
        return _of_text(value, verb, flags, precision)
    if isinstance(value, int):
        return _of_integer(value, verb, flags)
    if isinstance(value, float):
        return _of_float(value, verb, flags, precision)
    return None


def _of_many(value: dict[str, Any] | list[Any], verb: str, flags: str, precision: int | None) -> str:
    def each(item: Any) -> str:
        text = _by_verb(item, verb, flags, precision)
        return _misfit(item, verb) if text is None else text

    if isinstance(value, dict):
        return f"map[{' '.join(f'{each(key)}:{each(item)}' for key, item in sorted(value.items()))}]"
    return f"[{' '.join(map(each, value))}]"


def _of_text(value: str, verb: str, flags: str, precision: int | None) -> str | None:
    cut = value if precision is None else value[:precision]
    match verb:
        case "s":
            return cut
        case "q":
            return f"`{cut}`" if "#" in flags and "`" not in cut else go_quoted(cut)
        case "x":
            return cut.encode().hex()
        case "X":
            return cut.encode().hex().upper()
    return None


def _of_integer(value: int, verb: str, flags: str) -> str | None:
    sign = "-" if value < 0 else "+" if "+" in flags else " " if " " in flags else ""
    marks = {"x": "0x", "X": "0X", "o": "0", "b": "0b"} if "#" in flags else {}
    if verb in "dxXob":
        return f"{sign}{marks.get(verb, '')}{abs(value):{verb}}"
    if verb in "cqU" and 0 <= value < 0x110000:
        return {"c": chr(value), "q": f"'{chr(value)}'", "U": f"U+{value:04X}"}[verb]
    return None


def _of_float(value: float, verb: str, flags: str, precision: int | None) -> str | None:
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if verb in "gG" and precision is None:
        text = format_float(value)
        return text if text.startswith("-") or not sign else sign + text
    if verb in "eEfFgG":
        digits = 6 if precision is None else precision
        return f"{value:{sign}.{digits}{verb}}"
    return None
