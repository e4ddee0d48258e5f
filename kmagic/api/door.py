"""The door where bytes become values: what a peer or a file sent is read here, and only our errors come out.

A decoder raises more than its own errors for bytes that are not what they should be: of depth, of encoding, of
numbers no type can hold. Who reads in bulk catches `UNREADABLE`; everybody else calls `read_json` or `read_object`.

A plain object is what its sender made of it: `check_metadata` holds its metadata to their types, since everything
reads those; of the rest, functions that read objects are `reads_objects`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

import msgspec

from kmagic.api.types import JSONObject
from kmagic.errors import DecodeError, KubeError

__all__ = ("MISREAD", "UNREADABLE", "check_metadata", "convert", "read_json", "read_object", "reads_objects")

P = ParamSpec("P")
T = TypeVar("T")

# The metadata of every type.
_METADATA: dict[str, type] = {
    "name": str,
    "namespace": str,
    "uid": str,
    "resourceVersion": str,
    "generation": int,
    "labels": dict,
    "annotations": dict,
    "finalizers": list,
    "creationTimestamp": str,
    "deletionTimestamp": str,
    "ownerReferences": list,
    "managedFields": list,
}
_OF_OBJECTS = ("ownerReferences", "managedFields")
MISREAD = (AttributeError, LookupError, TypeError, ValueError, OverflowError, RecursionError)
"""What reading a field raises where it is not of the type that it should be."""

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
    """The object itself, whose metadata and their fields are of their types or not there.

    Raises:
        DecodeError: One is something else.
    """
    head = obj.get("metadata")
    if head is None:
        return obj
    if type(head) is not dict:
        raise DecodeError(f"{what} has metadata that is a {type(head).__name__}, not an object")
    for name, wanted in _METADATA.items():
        value = head.get(name)
        if value is not None and type(value) is not wanted:
            raise DecodeError(f"{what} has a metadata.{name} that is a {type(value).__name__}, not a {wanted.__name__}")
    for name in _OF_OBJECTS:
        for each in head.get(name) or ():
            if type(each) is not dict:
                raise DecodeError(f"{what} has a metadata.{name} with items that are no objects")
    return obj


def reads_objects(function: Callable[P, T]) -> Callable[P, T]:
    """Makes a function that reads plain objects raise `DecodeError` for fields that are not of the API's types."""

    @wraps(function)
    def read(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except KubeError:
            raise
        except MISREAD as error:
            # Not the error's own words: they may quote a value.
            raise DecodeError(f"{_named(args)} has a field that is not of the type the API gives it") from error

    return read


def _named(args: tuple[object, ...]) -> str:
    """Returns the words for the first object among arguments."""
    for each in args:
        if isinstance(each, dict) and isinstance(kind := each.get("kind"), str) and kind:
            head = each.get("metadata")
            name = head.get("name") if isinstance(head, dict) else None
            return f'{kind} "{name}"' if isinstance(name, str) else kind
    return "an object"


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
