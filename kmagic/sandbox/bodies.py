"""Request bodies: JSON or YAML to dicts, with the server's words for what cannot be read."""

from __future__ import annotations

from typing import Any

import msgspec

from kmagic.api import codec
from kmagic.errors import DecodeError
from kmagic.sandbox import protobuf, status

__all__ = ("decode_body", "decode_json", "decode_yaml")

JSON_TYPES = ("application/json", "")
YAML_TYPES = ("application/yaml", "application/apply-patch+yaml")
MAX_BYTES = 3 * 1024 * 1024
"""The real server's limit of a request body."""


def decode_body(body: bytes, content_type: str) -> dict[str, Any]:
    """The object in a create or update.

    Raises:
        APIError: 400, 413 or 415.
    """
    if len(body) > MAX_BYTES:
        message = f"Request entity too large: limit is {MAX_BYTES}"
        raise status.APIError(413, "RequestEntityTooLarge", message)
    media = content_type.partition(";")[0].strip()
    if media == protobuf.MEDIA_TYPE:
        return protobuf.decode(body)
    if media in JSON_TYPES:
        value = decode_json(body)
    elif media in YAML_TYPES:
        return decode_yaml(body)
    else:
        raise status.unsupported_media_type(("application/json", "application/yaml"))
    if not isinstance(value, dict):
        raise status.bad_request(
            "couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct"
        )
    return value


def decode_json(body: bytes) -> Any:
    """Any JSON value.

    Raises:
        APIError: 400.
    """
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise status.bad_request(f"error decoding JSON: {error}") from None


def decode_yaml(body: bytes) -> dict[str, Any]:
    """One object in YAML.

    Raises:
        APIError: 400 for broken YAML, a duplicate key, or more or less than one object.
    """
    try:
        documents = codec.load_yaml_documents(body.decode())
    except (DecodeError, UnicodeDecodeError) as error:
        raise status.bad_request(f"error decoding YAML: {error}") from None
    if len(documents) != 1 or not isinstance(documents[0].obj, dict):
        raise status.bad_request("error decoding YAML: one object is expected")
    return documents[0].obj
