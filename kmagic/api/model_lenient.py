"""Go's leniency when it reads JSON into a struct, for the objects that a strict decoder refuses.

``null`` for a list, a map, a struct or a scalar that cannot be null is its empty value; a number where a quantity is
expected is its text; base64 may hold line breaks. Type-directed: free-form JSON inside an object is left alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from kmagic.api.door import UNREADABLE, read_json
from kmagic.api.types import JSONObject
from kmagic.errors import DecodeError

__all__ = ("decode", "without_empty")

M = TypeVar("M", bound=msgspec.Struct)

_NEVER_NONE = (inspect.StructType, inspect.ListType, inspect.DictType)
_ZEROS: dict[type, Any] = {
    inspect.StrType: "",
    inspect.IntType: 0,
    inspect.FloatType: 0.0,
    inspect.BoolType: False,
    inspect.BytesType: "",
}


def decode(cls: type[M], data: bytes | str) -> M:
    """Reads JSON into a model the way Go would.

    Raises:
        DecodeError: A value of the wrong type; the message says where.
    """
    plain = read_json(data, f"the JSON of a {cls.__name__}")
    try:
        # Through JSON once more: Raw fields can only be cut out of bytes.
        return msgspec.json.decode(msgspec.json.encode(_fit(plain, _type_of(cls))), type=cls)
    except UNREADABLE as error:
        raise DecodeError(f"not a {cls.__name__}: {error}") from error


def without_empty(cls: type[msgspec.Struct], plain: JSONObject) -> JSONObject:
    """The dict of a model without the structs, lists and maps that are there only because they are never None."""
    pruned = _prune(plain, _type_of(cls))
    assert isinstance(pruned, dict)
    return pruned


@cache
def _type_of(cls: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(cls)


@cache
def _fields_of(cls: type[msgspec.Struct]) -> dict[str, inspect.Field]:
    info = _type_of(cls)
    assert isinstance(info, inspect.StructType)
    return {field.encode_name: field for field in info.fields}


def _fit(value: Any, kind: inspect.Type) -> Any:
    match kind:
        case inspect.Metadata(type=inner, extra=extra):
            if extra and extra.get("format") == "quantity" and isinstance(value, int | float):
                return str(value)
            return _fit(value, inner)
        case inspect.UnionType(types=types):
            if value is None and any(isinstance(option, inspect.NoneType) for option in types):
                return None
            return _fit_union(value, types)
        case inspect.StructType(cls=cls):
            return _fit_struct({} if value is None else value, cls)
        case inspect.ListType(item_type=item):
            return [_fit(each, item) for each in value] if isinstance(value, list) else [] if value is None else value
        case inspect.DictType(value_type=item):
            if isinstance(value, dict):
                return {key: _fit(each, item) for key, each in value.items()}
            return {} if value is None else value
        case inspect.BytesType() if isinstance(value, str):
            return value.replace("\n", "").replace("\r", "")
    if value is None and type(kind) in _ZEROS:
        return _ZEROS[type(kind)]
    return value


def _fit_union(value: Any, types: tuple[inspect.Type, ...]) -> Any:
    """The one option that has parts, for a value that has parts; a union here has at most one of each shape."""
    for option in types:
        if isinstance(option, inspect.Metadata):
            return _fit(value, option)
        if (
            (isinstance(value, dict) and isinstance(option, inspect.StructType | inspect.DictType))
            or (isinstance(value, list) and isinstance(option, inspect.ListType))
            or (isinstance(value, str) and isinstance(option, inspect.BytesType))
        ):
            return _fit(value, option)
    return value


def _fit_struct(value: Any, cls: type[msgspec.Struct]) -> Any:
    if not isinstance(value, dict):
        return value
    fields = _fields_of(cls)
    fitted: dict[str, Any] = {}
    for name, item in value.items():
        field = fields.get(name)
        if field is None:
            continue
        # A null field of an object is a field that was not said.
        if item is not None or isinstance(field.type, inspect.AnyType):
            fitted[name] = _fit(item, field.type)
    return fitted


def _prune(value: Any, kind: inspect.Type) -> Any:
    match kind:
        case inspect.UnionType(types=types):
            for option in types:
                if isinstance(option, inspect.StructType | inspect.ListType | inspect.DictType):
                    return _prune(value, option)
        case inspect.ListType(item_type=item) if isinstance(value, list):
            return [_prune(each, item) for each in value]
        case inspect.DictType(value_type=item) if isinstance(value, dict):
            return {key: _prune(each, item) for key, each in value.items()}
        case inspect.StructType(cls=cls) if isinstance(value, dict):
            fields = _fields_of(cls)
            kept = {name: _prune(item, fields[name].type) for name, item in value.items()}
            return {
                name: item
                for name, item in kept.items()
                if not (item in ({}, []) and isinstance(fields[name].type, _NEVER_NONE))
            }
    return value
