"""Request bodies in protobuf: kubectl's typed commands (create, drain, auth can-i) send nothing else.

Reads a message into the object its JSON would give, by the field numbers of the snapshot; answers stay JSON, which
every client that sends protobuf takes as well. Writing protobuf is not supported.

Source: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go, kubernetes v1.37.2; the wire
format is protobuf's encoding document.
"""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.times import format_micro_time, format_time
from kmagic.sandbox import status
from kmagic.sandbox.schema import schemas, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.sandbox.schema.snapshot import Fields

__all__ = ("MAGIC", "MEDIA_TYPE", "decode")

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
META = "k8s.io.apimachinery.pkg.apis.meta.v1"
SPECIAL_TIMES = (f"{META}.Time", f"{META}.MicroTime")
QUANTITY = "k8s.io.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "k8s.io.apimachinery.pkg.util.intstr.IntOrString"
EXTENSIONS = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1"
RAW_TYPES = (f"{META}.FieldsV1", "k8s.io.apimachinery.pkg.runtime.RawExtension", f"{EXTENSIONS}.JSON")
SCHEMA_OR_BOOL = f"{EXTENSIONS}.JSONSchemaPropsOrBool"
SCHEMA_OR_LIST = (f"{EXTENSIONS}.JSONSchemaPropsOrArray", f"{EXTENSIONS}.JSONSchemaPropsOrStringArray")
DELETE_OPTIONS = "DeleteOptions"
"""A kind that every group has; clients send it under the group of what they delete."""
INTEGERS = ("int32", "int64", "uint32", "uint64")
ZEROS = ("", 0, False, 0.0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def _messages() -> dict[str, Fields]:
    return snapshot.messages()


def decode(body: bytes) -> dict[str, Any]:
    """The object in a protobuf body.

    Raises:
        APIError: 400 when it cannot be read, or is of a kind the snapshot does not have.
    """
    if not body.startswith(MAGIC):
        raise status.bad_request(
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        )
    try:
        envelope = dict(_fields(body[len(MAGIC) :]))
        kind = dict(_fields(_bytes(envelope[1])))
        api_version, name = _bytes(kind.get(1, b"")).decode(), _bytes(kind.get(2, b"")).decode()
        group, _, version = api_version.rpartition("/")
        known = ("", "v1", name) if name == DELETE_OPTIONS else (group, version, name)
        definition = schemas.definition_name(*known)
        if definition is None:
            raise status.bad_request(f'no kind "{name}" is registered for version "{api_version}"')
        message = _message_name(definition)
        value: dict[str, Any] = _message(_bytes(envelope[2]), message)
        return {"kind": name, "apiVersion": api_version} | value
    except RecursionError:
        raise status.bad_request("the protobuf body cannot be read: exceeded max depth") from None
    except (KeyError, IndexError, ValueError, OverflowError, struct.error) as error:
        raise status.bad_request(f"the protobuf body cannot be read: {error}") from error


def _message_name(definition: str) -> str:
    return "k8s.io." + definition.removeprefix("io.k8s.").replace("-", "_")


@cache
def _json_names(message: str) -> dict[str, str]:
    """The names that a message's fields have in JSON, by their letters alone: all that the two spellings share."""
    definition = "io.k8s." + message.removeprefix("k8s.io.").replace("_", "-")
    return {_letters(name): name for name in schemas.definitions().get(definition, {}).get("properties", {})}


def _letters(name: str) -> str:
    """Reduces a name: ``x-kubernetes-list-type`` and ``xKubernetesListType``, ``$ref`` and ``ref``, ``Webhooks``."""
    return "".join(filter(str.isalnum, name)).lower()


def _message(data: bytes, name: str) -> Any:
    if name in SPECIAL_TIMES:
        return _time(data, micro=name.endswith("MicroTime"))
    if name == QUANTITY:
        return _bytes(dict(_fields(data)).get(1, b"")).decode()
    if name == INT_OR_STRING:
        parts = dict(_fields(data))
        return _bytes(parts.get(3, b"")).decode() if parts.get(1) else _signed(parts.get(2, 0))
    if name in RAW_TYPES:
        text = _bytes(dict(_fields(data)).get(1, b""))
        return msgspec.json.decode(text) if text else {}
    if name == SCHEMA_OR_BOOL:
        parts = dict(_fields(data))
        return _message(_bytes(parts[2]), f"{EXTENSIONS}.JSONSchemaProps") if 2 in parts else bool(parts.get(1))
    if name in SCHEMA_OR_LIST:
        return _schema_or_list(data, name)
    known, names = _messages()[name], _json_names(name)
    value: dict[str, Any] = {}
    for number, raw in _fields(data):
        entry = known.get(str(number))
        if entry is not None:
            field = names.get(_letters(entry[0]), "") if names else entry[0]
            _set(value, field, entry, raw)
    return value


def _schema_or_list(data: bytes, name: str) -> Any:
    _, _, kind = _messages()[name]["2"]
    items = [_scalar_or_message(raw, kind) for number, raw in _fields(data) if number == 2]
    return items or _message(_bytes(dict(_fields(data)).get(1, b"")), f"{EXTENSIONS}.JSONSchemaProps")


def _set(value: dict[str, Any], field: str, entry: tuple[str, str, str], raw: int | bytes) -> None:
    _, rule, kind = entry
    if rule == "repeated":
        value.setdefault(field, []).append(_scalar_or_message(raw, kind))
    elif rule not in ("", "pointer"):
        pair = dict(_fields(_bytes(raw)))
        key = _bytes(pair.get(1, b"")).decode()
        value.setdefault(field, {})[key] = _scalar_or_message(pair.get(2, b""), kind)
    else:
        read = _scalar_or_message(raw, kind)
        if not field:
            if isinstance(read, dict):
                value.update(read)  # a struct embedded in Go has no name of its own in JSON
        elif read is not None and (rule == "pointer" or not _is_zero(read)):
            value[field] = read


def _is_zero(value: Any) -> bool:
    """Returns whether Go would leave the value of a field that is no pointer out of its JSON."""
    return value in ZEROS if not isinstance(value, dict | list) else value == {}


def _scalar_or_message(raw: int | bytes, kind: str) -> Any:
    match kind:
        case "string":
            return _bytes(raw).decode()
        case "bytes":
            return base64.b64encode(_bytes(raw)).decode()
        case "bool":
            return bool(raw)
        case "double":
            return struct.unpack("<d", _bytes(raw))[0]
        case _ if kind in INTEGERS:
            return _signed(raw)
    return _message(_bytes(raw), kind)


def _time(data: bytes, *, micro: bool) -> str | None:
    parts = dict(_fields(data))
    if not data:
        return None
    seconds, nanos = _signed(parts.get(1, 0)), _signed(parts.get(2, 0))
    moment = EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
    return format_micro_time(moment) if micro else format_time(moment)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field on the wire: an int for varints, bytes for everything else."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            whole, at = _varint(data, at)
            yield number, whole
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire} is not used by Kubernetes")
        if at + size > len(data):
            raise ValueError("the message ends early")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7


def _signed(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError("a number is expected")
    return value - (1 << 64) if value >> 63 else value


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("bytes are expected")
    return value
