"""Objects as KYAML: YAML in braces, with every text quoted, as ``kubectl -o kyaml`` prints them. Pure.

Source: sigs.k8s.io/yaml/kyaml.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from kmagic.api.door import reads_objects
from kmagic.api.types import JSONObject

__all__ = ("to_kyaml",)

_WORDS = frozenset(("null", "~", "true", "y", "yes", "on", "false", "n", "no", "off", "t", "f"))
_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|\d+)")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_PLAIN = re.compile(r"[^\W](?:[\w./-]*\w)?")
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\r": "\\r",
    "\v": "\\v",
    "\0": "\\0",
    "\x1b": "\\e",
    "\x85": "\\N",
    "\xa0": "\\_",
    "\u2028": "\\L",
    "\u2029": "\\P",
}
_FOLD = "\\\n"


@reads_objects
def to_kyaml(obj: JSONObject) -> str:
    """The object as one document of KYAML, keys in the order of the alphabet."""
    return f"---\n{_node(obj, 0)}\n"


def _node(value: Any, indent: int) -> str:
    match value:
        case str():
            return _text(value, indent + 1)
        case dict():
            return _mapping(value, indent)
        case list():
            return _sequence(value, indent)
        case _:
            return json.dumps(value)


def _mapping(value: dict[str, Any], indent: int) -> str:
    if not value:
        return "{}"
    inside = "  " * (indent + 1)
    lines = [f"{inside}{_key(key)}: {_node(item, indent + 1)},\n" for key, item in sorted(value.items())]
    return "".join(("{\n", *lines, "  " * indent, "}"))


def _sequence(value: list[Any], indent: int) -> str:
    if not value:
        return "[]"
    if all(isinstance(item, dict | list) for item in value):
        return f"[{', '.join(_node(item, indent) for item in value)}]"
    inside = "  " * (indent + 1)
    return "".join(("[\n", *(f"{inside}{_node(item, indent + 1)},\n" for item in value), "  " * indent, "]"))


def _key(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _means_another_type(text):
        return text
    return "".join(('"', *map(_letter, text), '"'))


def _means_another_type(text: str) -> bool:
    digits = text.replace("_", "")
    if text.lower() in _WORDS or _INTEGER.fullmatch(digits):
        return True
    if found := _DATE.fullmatch(text):
        try:
            date(*map(int, found.groups()))
        except ValueError:
            return False
        return True
    try:
        float(digits)
    except ValueError:
        return False
    return digits.isascii()


def _text(text: str, indent: int) -> str:
    """Text in quotes; that of several lines has them below each other."""
    if "\n" not in text:
        return "".join(('"', *(letter if letter == "\t" else _letter(letter) for letter in text), '"'))
    before = "  " * indent
    pieces: list[str] = ['"', _FOLD]
    begins = True
    for letter in text:
        if begins:
            pieces.append(before + ("\\" if letter.isspace() and letter != "\n" else " "))
        begins = letter == "\n"
        pieces.append(f"\\n{_FOLD}" if begins else letter if letter == "\t" else _letter(letter))
    return "".join((*pieces, "" if begins else _FOLD, before, '"'))


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if letter in "\n\t":
        return {"\n": "\\n", "\t": "\\t"}[letter]
    return f"\\x{code:02x}" if code < 0x20 or code == 0x7F else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
