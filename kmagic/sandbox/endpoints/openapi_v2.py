"""The OpenAPI v2 document: the definitions that kubectl checks manifests of ``kind: List`` by, in JSON and protobuf.

kubectl asks for it in protobuf alone. Its operations are left out: what kubectl and the clients read of operations
they read of the v3 documents.

Source: staging/src/k8s.io/kube-openapi/pkg/util/proto/document.go, kubernetes v1.37.2; the messages are those of
gnostic-models' openapiv2/OpenAPIv2.proto.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.types import JSONObject
from kmagic.sandbox.schema import schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ("MEDIA_TYPES", "definitions", "document", "encode")

# Of the document in protobuf: the name as it should be, and as the server called it first.
MEDIA_TYPES = (
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
)

PREFIX = "#/definitions/"
LENGTH_DELIMITED = 2
# Field numbers of the messages.
DOCUMENT_VERSION, DOCUMENT_INFO, DOCUMENT_PATHS, DOCUMENT_DEFINITIONS = 1, 2, 8, 9
INFO_TITLE, INFO_VERSION = 1, 2
NAME, VALUE, YAML = 1, 2, 2
REF, FORMAT, DESCRIPTION, REQUIRED, ENUM, ADDITIONAL, TYPE, ITEMS, PROPERTIES, EXTENSION = (
    *(1, 2, 4, 19, 20),
    *(21, 22, 23, 25, 31),
)

# What limits a value: field numbers in the message, by the kind of their values.
DOUBLES = {"multipleOf": 6, "maximum": 7, "minimum": 9}
INTEGERS = {
    "maxLength": 11,
    "minLength": 12,
    "maxItems": 14,
    "minItems": 15,
    "maxProperties": 17,
    "minProperties": 18,
}
FLAGS = {"exclusiveMaximum": 8, "exclusiveMinimum": 10, "uniqueItems": 16}
TEXTS = {"title": 3, "pattern": 13}
VARINT, FIXED64 = 0, 1


def definitions(custom: Mapping[str, schemas.Schema]) -> dict[str, JSONObject]:
    """Every built-in definition and the given ones, in the words of v2."""
    return {name: _schema(schema) for name, schema in {**schemas.definitions(), **custom}.items()}


def document(found: Mapping[str, JSONObject], version: str) -> JSONObject:
    """The document with these definitions."""
    info = {"title": "Kubernetes", "version": version}
    return {"swagger": "2.0", "info": info, "paths": {}, "definitions": found}


def encode(found: JSONObject) -> bytes:
    """The document in protobuf."""
    info = _text(INFO_TITLE, found["info"]["title"]) + _text(INFO_VERSION, found["info"]["version"])
    return b"".join(
        (
            _text(DOCUMENT_VERSION, found["swagger"]),
            _field(DOCUMENT_INFO, info),
            _field(DOCUMENT_PATHS, b""),
            _field(DOCUMENT_DEFINITIONS, _named(found["definitions"].items())),
        )
    )


def _schema(schema: schemas.Schema) -> JSONObject:
    """A schema of v3 in v2: a reference stands alone, and what only v3 can say is left out."""
    made: JSONObject = {name: value for name, value in schema.items() if name.startswith("x-kubernetes-")}
    if schema.get("description"):
        made["description"] = schema["description"]
    if reference := schemas.reference(schema):
        return {"$ref": PREFIX + reference.removeprefix(schemas.PREFIX), **made}
    if schema.get("oneOf"):  # a text or a number: v2 calls it a text, and its format says the rest
        made["type"] = "string"
    if schema.get("nullable") or schema.get("x-kubernetes-preserve-unknown-fields"):
        return made  # v2 has no word for null: the server leaves out all that a null or an unknown field would break
    for name in ("type", "format", "required", "enum", *TEXTS, *FLAGS):
        if schema.get(name):
            made[name] = schema[name]
    for name in (*DOUBLES, *INTEGERS):
        if schema.get(name) is not None:
            made[name] = schema[name]
    for name in ("items", "additionalProperties"):
        if isinstance(child := schema.get(name), dict):
            made[name] = _schema(child)
    if schema.get("properties"):
        made["properties"] = {name: _schema(child) for name, child in schema["properties"].items()}
    return made


def _encode_schema(schema: JSONObject) -> bytes:
    parts = [
        _text(number, schema[name])
        for number, name in ((REF, "$ref"), (FORMAT, "format"), (DESCRIPTION, "description"))
        if name in schema
    ]
    parts += [_text(number, schema[name]) for name, number in TEXTS.items() if name in schema]
    parts += [
        _varint(number << 3 | FIXED64) + struct.pack("<d", schema[name])
        for name, number in DOUBLES.items()
        if name in schema
    ]
    parts += [
        _varint(number << 3 | VARINT) + _varint(int(schema[name]))
        for name, number in {**INTEGERS, **FLAGS}.items()
        if name in schema
    ]
    parts += [_text(REQUIRED, name) for name in schema.get("required") or ()]
    parts += [_field(ENUM, _any(value)) for value in schema.get("enum") or ()]
    if "additionalProperties" in schema:
        parts.append(_field(ADDITIONAL, _field(1, _encode_schema(schema["additionalProperties"]))))
    if "type" in schema:
        parts.append(_field(TYPE, _text(1, schema["type"])))
    if "items" in schema:
        parts.append(_field(ITEMS, _field(1, _encode_schema(schema["items"]))))
    if "properties" in schema:
        parts.append(_field(PROPERTIES, _named(schema["properties"].items())))
    for name, value in schema.items():
        if name.startswith("x-"):
            parts.append(_field(EXTENSION, _text(NAME, name) + _field(VALUE, _any(value))))
    return b"".join(parts)


def _any(value: Any) -> bytes:
    return _field(YAML, msgspec.json.encode(value))  # JSON is YAML


def _named(found: Iterable[tuple[str, JSONObject]]) -> bytes:
    return b"".join(_field(1, _text(NAME, name) + _field(VALUE, _encode_schema(schema))) for name, schema in found)


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | LENGTH_DELIMITED) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
