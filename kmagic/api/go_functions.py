"""The functions of Go templates, and kubectl's two own. Pure; what they do not take is an `ArgumentError`.

Source: text/template/funcs.go of Go's standard library, k8s.io/cli-runtime/pkg/printers (template.go, jsonpath.go).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from urllib.parse import quote_plus

from kmagic.api.go_values import go_print, go_text, go_type, sprintf
from kmagic.errors import ArgumentError

__all__ = ("FUNCTIONS", "GoFunction", "truth")


@dataclass(frozen=True)
class GoFunction:
    """A function and how many arguments it takes; None for any number."""

    call: Callable[..., Any]
    least: int
    most: int | None


def truth(value: Any) -> bool:
    """Returns whether a value counts as true: it is not nil, zero or empty."""
    return bool(value)


def _kind(value: Any) -> str:
    return {bool: "bool", int: "int", float: "float", str: "string"}.get(type(value), "")


def _eq(first: Any, *others: Any) -> bool:
    if not others:
        raise ArgumentError("missing argument for comparison")
    return any(_same(first, other) for other in others)


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if _kind(one) != _kind(other):
        raise ArgumentError(f"incompatible types for comparison: {go_type(one)} and {go_type(other)}")
    if not _kind(one):
        raise ArgumentError(f"non-comparable type {go_text(one)}: {go_type(one)}")
    return bool(one == other)


def _less(one: Any, other: Any) -> bool:
    if not _kind(one) or not _kind(other) or isinstance(one, bool):
        raise ArgumentError("invalid type for comparison")
    if _kind(one) != _kind(other):
        raise ArgumentError(f"incompatible types for comparison: {go_type(one)} and {go_type(other)}")
    # Go compares text by its bytes.
    return bool(one.encode() < other.encode()) if isinstance(one, str) else bool(one < other)


def _len(item: Any) -> int:
    if isinstance(item, str):
        return len(item.encode())
    if isinstance(item, dict | list):
        return len(item)
    raise ArgumentError("len of nil pointer" if item is None else f"len of type {go_type(item)}")


def _index(item: Any, *keys: Any) -> Any:
    if item is None:
        raise ArgumentError("index of untyped nil")
    for key in keys:
        if item is None:
            raise ArgumentError("index of nil pointer")
        if isinstance(item, dict):
            if not isinstance(key, str):
                raise ArgumentError(f"value has type {go_type(key)}; should be string")
            item = item.get(key)
        elif isinstance(item, list):
            item = item[_position(key, len(item))]
        elif isinstance(item, str):
            item = item.encode()[_position(key, len(item.encode()))]
        else:
            raise ArgumentError(f"can't index item of type {go_type(item)}")
    return item


def _position(key: Any, length: int, *, end: bool = False) -> int:
    if key is None:
        raise ArgumentError("cannot index slice/array with nil")
    if _kind(key) != "int":
        raise ArgumentError(f"cannot index slice/array with type {go_type(key)}")
    if not 0 <= key < length + end:
        raise ArgumentError(f"index out of range: {key}")
    return int(key)


def _slice(item: Any, *bounds: Any) -> Any:
    if item is None:
        raise ArgumentError("slice of untyped nil")
    if not isinstance(item, str | list):
        raise ArgumentError(f"can't slice item of type {go_type(item)}")
    if len(bounds) > 3 or (len(bounds) == 3 and isinstance(item, str)):
        raise ArgumentError(
            "cannot 3-index slice a string" if len(bounds) == 3 else f"too many slice indexes: {len(bounds)}"
        )
    whole = item.encode() if isinstance(item, str) else item
    places = [_position(each, len(whole), end=True) for each in bounds]
    for low, high in pairwise(places):
        if low > high:
            raise ArgumentError(f"invalid slice index: {low} > {high}")
    part = whole[slice(*[*places, None, None][:2])]
    return part.decode(errors="replace") if isinstance(part, bytes) else part


def _exists(item: Any, *keys: Any) -> bool:
    for key in keys:
        if isinstance(item, dict):
            if not isinstance(key, str) or key not in item:
                return False
        elif not isinstance(item, list | str) or _kind(key) != "int" or not 0 <= key < len(item):
            return False
        item = item[key]
    return True


def _base64decode(value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"wrong type for value; expected string; got {go_type(value)}")
    try:
        return base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError) as error:
        raise ArgumentError("base64 decode failed: illegal base64 data") from error


def _printf(template: Any, *values: Any) -> str:
    if not isinstance(template, str):
        raise ArgumentError(f"expected string; found {go_text(template)}")
    return sprintf(template, list(values))


def _all_in_one(values: tuple[Any, ...]) -> str:
    if len(values) == 1 and isinstance(values[0], str):
        return values[0]
    return go_print(["<no value>" if value is None else value for value in values])


_HTML = {"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _html(*values: Any) -> str:
    return "".join(_HTML.get(letter, letter) for letter in _all_in_one(values))


def _js(*values: Any) -> str:
    return "".join(_js_letter(letter) for letter in _all_in_one(values))


def _js_letter(letter: str) -> str:
    hidden = ord(letter) < 32 or not letter.isprintable()
    return _JS.get(letter, f"\\u{ord(letter):04X}" if hidden else letter)


def _urlquery(*values: Any) -> str:
    return re.sub("%7E", "~", quote_plus(_all_in_one(values)))


def _call(function: Any, *_: Any) -> Any:
    raise ArgumentError("call of nil" if function is None else f"non-function of type {go_type(function)}")


def _println(*values: Any) -> str:
    return " ".join(map(go_text, values)) + "\n"


FUNCTIONS = MappingProxyType(
    {
        "base64decode": GoFunction(_base64decode, 1, 1),
        "call": GoFunction(_call, 1, None),
        "eq": GoFunction(_eq, 1, None),
        "exists": GoFunction(_exists, 1, None),
        "ge": GoFunction(lambda one, other: not _less(one, other), 2, 2),
        "gt": GoFunction(lambda one, other: not (_less(one, other) or _same(one, other)), 2, 2),
        "html": GoFunction(_html, 0, None),
        "index": GoFunction(_index, 1, None),
        "js": GoFunction(_js, 0, None),
        "le": GoFunction(lambda one, other: _less(one, other) or _same(one, other), 2, 2),
        "len": GoFunction(_len, 1, 1),
        "lt": GoFunction(_less, 2, 2),
        "ne": GoFunction(lambda one, other: not _same(one, other), 2, 2),
        "not": GoFunction(lambda value: not truth(value), 1, 1),
        "print": GoFunction(lambda *values: go_print(list(values)), 0, None),
        "printf": GoFunction(_printf, 1, None),
        "println": GoFunction(_println, 0, None),
        "slice": GoFunction(_slice, 1, None),
        "urlquery": GoFunction(_urlquery, 0, None),
    }
)
