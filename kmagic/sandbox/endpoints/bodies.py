"""Request bodies: JSON or YAML to dicts, with the server's words for what cannot be read.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go (transformDecodeError), kubernetes v1.37.2.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from kmagic.api import codec
from kmagic.errors import DecodeError
from kmagic.sandbox import status
from kmagic.sandbox.endpoints import protobuf
from kmagic.sandbox.schema import go_json

__all__ = ("MAP", "MAX_BYTES", "decode_apply", "decode_body", "decode_json", "decode_patch", "require_shallow")

JSON_TYPES = ("application/json", "")
YAML_TYPE = "application/yaml"
# The real server's limit of a request body.
MAX_BYTES = 3 * 1024 * 1024

# Levels of lists and maps, as in a manifest; the real server reads 10,000, which Python's stack does not hold.
MAX_DEPTH = 250
TOO_DEEP = "exceeded max depth"

# Bytes of a body that a refusal repeats.
SUMMARY = 30

NO_KIND = "couldn't get version/kind; json parse error: "
HEAD = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
MAP = "map[string]interface {}"


class _UnreadableError(Exception):
    """A body that is no object; the message is what the server says of it."""


def decode_body(body: bytes, content_type: str, kind: str) -> dict[str, Any]:
    """The object in a create or update.

    Args:
        body: The body as it was sent.
        content_type: Media type of the body.
        kind: The expected kind; a refusal names it.

    Raises:
        APIError: 400 or 415.
    """
    media = content_type.partition(";")[0].strip()
    if media == protobuf.MEDIA_TYPE:
        return protobuf.decode(body)
    if media not in JSON_TYPES and media != YAML_TYPE:
        raise status.unsupported_media_type(("application/json", YAML_TYPE, protobuf.MEDIA_TYPE))
    try:
        return _object(_yaml(body) if media == YAML_TYPE else _json(body))
    except _UnreadableError as error:
        what = f"the object provided is unrecognized (must be of type {kind})"
        raise status.bad_request(f"{what}: {error} ({_summary(body)})") from None


def decode_json(body: bytes) -> dict[str, Any]:
    """The object in a body whose kind the path does not say: DeleteOptions.

    Raises:
        APIError: 400.
    """
    try:
        return _object(_json(body))
    except _UnreadableError as error:
        raise status.bad_request(str(error)) from None


def decode_patch(body: bytes) -> Any:
    """The instructions of a patch in JSON.

    Raises:
        APIError: 400.
    """
    try:
        return _json(body)
    except _UnreadableError:
        raise status.bad_request("invalid JSON patch") from None


def decode_apply(body: bytes) -> dict[str, Any]:
    """The configuration of an apply: one object in YAML.

    Raises:
        APIError: 400 for broken YAML, a duplicate key, or more than one object.
    """
    try:
        value = _yaml(body)
    except _UnreadableError as error:
        raise status.bad_request(f"error decoding patch: error converting YAML to JSON: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        why = f"json: cannot unmarshal {go_json.type_name(value)} into Go value of type {MAP}"
        raise status.bad_request(f"error decoding patch: error unmarshaling JSON: while decoding JSON: {why}")
    return value


def require_shallow(value: Any) -> None:
    """Refuses a value that is nested too deep.

    Raises:
        APIError: 400.
    """
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise status.bad_request(TOO_DEEP)


def _json(body: bytes) -> Any:
    value = _any_depth(body)
    # More brackets than levels: only then it may be too deep.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        try:
            require_shallow(value)
        except status.APIError:
            raise _UnreadableError(NO_KIND + TOO_DEEP) from None
    return value


def _any_depth(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        if why := go_json.complaint(body):
            raise _UnreadableError(NO_KIND + why) from None
        # Go takes broken UTF-8 and lone surrogates as well, and reads both as U+FFFD.
        text = json.dumps(json.loads(body.decode("utf-8", "replace")), ensure_ascii=False)
        return msgspec.json.decode(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    except RecursionError:
        raise _UnreadableError(NO_KIND + TOO_DEEP) from None


def _yaml(body: bytes) -> Any:
    try:
        documents = codec.load_yaml_documents(body.decode())
    except (DecodeError, UnicodeDecodeError) as error:
        raise _UnreadableError(f"yaml: {error}") from None
    if len(documents) > 1:
        raise _UnreadableError("yaml: one object is expected")
    return documents[0].obj if documents else None


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _UnreadableError(
            f"{NO_KIND}json: cannot unmarshal {go_json.type_name(value)} into Go value of type {HEAD}"
        )
    for name in ("apiVersion", "kind"):
        if not isinstance(found := value.get(name, ""), str | None):
            raise _UnreadableError(
                f"{NO_KIND}json: cannot unmarshal {go_json.type_name(found)} into Go struct field .{name} of type string"
            )
    return value


def _summary(body: bytes) -> str:
    """The beginning of a body: as it is when it may be JSON, else in hexadecimal."""
    if not body:
        return "<empty>"
    rest = " ..." if len(body) > SUMMARY else ""
    if body.startswith(b"{"):
        return body[:SUMMARY].decode("utf-8", "replace") + rest
    return body[:SUMMARY].hex() + rest
