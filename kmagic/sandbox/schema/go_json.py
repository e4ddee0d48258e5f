"""The messages of Go's JSON decoder for a text that is not JSON, the output of its encoder, and Go's print of values.

Source: encoding/json/scanner.go, decode.go and encode.go, Go 1.26.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

__all__ = ("complaint", "encode", "quote", "text_of", "type_name")

SPACE = re.compile(rb"[ \t\r\n]*")
STRING = re.compile(rb'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*')
NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)?(?:(?<=[0-9])\.[0-9]*)?(?:(?<=[0-9])[eE][+-]?[0-9]*)?")
LITERALS = {b"t": b"true", b"f": b"false", b"n": b"null"}
SHORT = {sign: f"\\{letter}" for sign, letter in zip('"\\\a\b\f\n\r\t\v', '"\\abfnrtv', strict=True)}
UNFINISHED = "unexpected end of JSON input"


class _Broken(Exception):
    """The text is no JSON; the message is Go's."""


_ENCODE = msgspec.json.Encoder(order="sorted").encode
# Go's encoder keeps JSON harmless inside of HTML and of JavaScript.
_ESCAPED = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def encode(value: Any) -> str:
    """A value as Go's encoder writes it: keys sorted, no spaces."""
    return _ENCODE(value).decode().translate(_ESCAPED)


def text_of(value: Any) -> str:
    """A value as Go's ``%+v`` prints it: ``map[a:1 b:[x <nil>]]``."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{text_of(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(text_of, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "<nil>", True: "true", False: "false"}[value]
    return str(value)


def type_name(value: Any) -> str:
    """Returns Go's name for the type of a JSON value: "array", "string"."""
    match value:
        case dict():
            return "object"
        case list():
            return "array"
        case str():
            return "string"
        case bool():
            return "bool"
    return "number"


def complaint(text: bytes) -> str:
    """Go's sentence about the first thing that is wrong, "" when the text is JSON."""
    try:
        _check(text)
    except _Broken as error:
        return str(error)
    return ""


def quote(text: str) -> str:
    """The text in quotes, as Go's %q writes it."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in SHORT:
        return SHORT[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _check(text: bytes) -> None:
    at, open_ = 0, bytearray()  # the brackets that are open
    while True:
        at = _value(text, at, open_)
        while True:  # after a value: what closes, and what comes next
            at = _skip(text, at)
            if not open_:
                if at < len(text):
                    raise _invalid(text, at, "after top-level value")
                return
            inside = chr(open_[-1])
            where = "array element" if inside == "[" else "object key:value pair"
            sign = _at(text, at)
            at += 1
            if sign == b",":
                at = _key(text, _skip(text, at)) if inside == "{" else at
                break
            if sign != (b"]" if inside == "[" else b"}"):
                raise _invalid(text, at - 1, f"after {where}")
            open_.pop()


def _value(text: bytes, at: int, open_: bytearray) -> int:
    """Over a scalar, or into containers as far as the first value; an empty container is a value."""
    while True:
        at = _skip(text, at)
        first = _at(text, at)
        if first not in (b"{", b"["):
            return _scalar(text, at, first)
        at = _skip(text, at + 1)
        if _at(text, at) == (b"}" if first == b"{" else b"]"):
            return at + 1
        open_ += first
        if first == b"{":
            at = _key(text, at)


def _key(text: bytes, at: int) -> int:
    """Over a key and its colon."""
    if _at(text, at) != b'"':
        raise _invalid(text, at, "looking for beginning of object key string")
    at = _skip(text, _string(text, at + 1))
    if _at(text, at) != b":":
        raise _invalid(text, at, "after object key")
    return at + 1


def _scalar(text: bytes, at: int, first: bytes) -> int:
    if first == b'"':
        return _string(text, at + 1)
    if first in LITERALS:
        word = LITERALS[first]
        for offset in range(1, len(word)):
            if _at(text, at + offset) != word[offset : offset + 1]:
                expected = f"in literal {word.decode()} (expecting '{chr(word[offset])}')"
                raise _invalid(text, at + offset, expected)
        return at + len(word)
    if first in b"-0123456789":
        return _number(text, at)
    raise _invalid(text, at, "looking for beginning of value")


def _string(text: bytes, at: int) -> int:
    found = STRING.match(text, at)
    at = found.end() if found else at
    sign = _at(text, at)
    if sign == b'"':
        return at + 1
    if sign != b"\\":
        raise _invalid(text, at, "in string literal")
    if _at(text, at + 1) != b"u":
        raise _invalid(text, at + 1, "in string escape code")
    at += 2
    while _at(text, at) in b"0123456789abcdefABCDEF":
        at += 1
    raise _invalid(text, at, "in \\u hexadecimal character escape")


def _number(text: bytes, at: int) -> int:
    found = NUMBER.match(text, at)
    end = found.end() if found else at
    last = text[end - 1 : end]
    if last.isdigit():
        return end
    where = {b"-": "in numeric literal", b".": "after decimal point in numeric literal"}
    if last == b"-" and end - 1 > at:  # of an exponent
        raise _invalid(text, end, "in exponent of numeric literal")
    _at(text, end)
    raise _invalid(text, end, where.get(last, "in exponent of numeric literal"))


def _skip(text: bytes, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _at(text: bytes, at: int) -> bytes:
    if at >= len(text):
        raise _Broken(UNFINISHED)
    return text[at : at + 1]


def _invalid(text: bytes, at: int, where: str) -> _Broken:
    sign = _at(text, at).decode("latin-1")
    quoted = {"'": "\\'", '"': '"'}.get(sign) or quote(sign)[1:-1]
    return _Broken(f"invalid character '{quoted}' {where}")
