"""The door where bytes become values: what a peer or a file sent is read here, and only our errors come out.

A decoder raises more than its own errors for bytes that are not what they should be: of depth, of encoding, of
numbers no type can hold. Who reads in bulk catches `UNREADABLE`; everybody else calls `read_json` or `read_object`.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

import msgspec

from kmagic.api.types import JSONObject
from kmagic.errors import DecodeError

__all__ = ("UNREADABLE", "check_metadata", "convert", "read_json", "read_object")

T = TypeVar("T")

UNREADABLE = (msgspec.MsgspecError, RecursionError, ValueError, OverflowError)
"""What reading bytes raises when they are not what they should be; UnicodeError is a ValueError."""


@overload
def read_json(data: bytes | str, what: str) -> Any: ...
@overload
def read_json(data: bytes | str, what: str, type: type[T]) -> T: ...  # msgspec's word
def read_json(data: bytes | str, what: str, type: Any = Any) -> Any:  # noqa: A002  # msgspec's word
    """Reads a JSON value.

    Args:
        data: The whole text.
        what: Name of the text, for the message: ``the server's answer``.
        type: Expected type of the value.

    Raises:
        DecodeError: It is not.
    """
    try:
        return msgspec.json.decode(data, type=type)
    except UNREADABLE as error:
        raise _refusal(data, what, error) from error


def read_object(data: bytes | str, what: str) -> JSONObject:
    """Reads a JSON object as a plain dict; what stands for its metadata is an object as well, or nothing.

    Raises:
        DecodeError: It is none.
    """
    found = read_json(data, what)
    if type(found) is not dict:
        raise DecodeError(f"{what} is a JSON {type(found).__name__}, not an object")
    return check_metadata(found, what)


def check_metadata(obj: JSONObject, what: str) -> JSONObject:
    """The object itself, whose metadata is an object or not there.

    Raises:
        DecodeError: It is something else.
    """
    head = obj.get("metadata")
    if head is not None and type(head) is not dict:
        raise DecodeError(f"{what} has metadata that is a {type(head).__name__}, not an object")
    return obj


def convert(value: object, what: str, type: type[T]) -> T:  # noqa: A002  # msgspec's word
    """Makes a typed value of plain data.

    Raises:
        DecodeError: It does not fit.
    """
    try:
        return msgspec.convert(value, type)
    except UNREADABLE as error:
        raise DecodeError(f"{what} is not readable: {error}") from error


def _refusal(data: bytes | str, what: str, error: Exception) -> DecodeError:
    return DecodeError(f"{what} is not readable: {error}" if data else f"{what} is empty")
