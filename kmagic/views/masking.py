"""Masking: a secret value is replaced by its size and a mark: ``‹masked 24 B #a1f3›``.

Equal values have equal marks within a session, so that "did it change?" can be answered; the salt, a secret of the
session, keeps marks from being compared with anything outside. Masking copies: the object given stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import operator
from collections.abc import Mapping
from typing import Any

from kmagic.api.door import read_json, reads_objects
from kmagic.api.meta import LAST_APPLIED
from kmagic.api.secrecy import KUBECONFIG_FIELDS, reveal, sensitive, sensitive_name
from kmagic.api.types import JSONObject
from kmagic.errors import DecodeError

__all__ = ("mask", "mask_object")

# Lists of a name and a value each.
_NAMED_VALUES = ("env", "httpHeaders")
_LEAVES = frozenset((str, int, float, bool, type(None)))


def mask(value: str | bytes, salt: bytes) -> str:
    """The mask of a value.

    Args:
        value: The secret value.
        salt: Random bytes of this session.
    """
    data = value.encode() if isinstance(value, str) else value
    digest = hmac.new(salt, data, hashlib.sha256).hexdigest()
    return f"‹masked {len(data)} B #{digest[:4]}›"


@reads_objects
def mask_object(obj: JSONObject, salt: bytes) -> JSONObject:
    """The object as it may be shown; parts without secrets are shared with the original."""
    kind = str(obj.get("kind") or "")
    if kind.endswith("List") and isinstance(obj.get("items"), list):
        item_kind = kind.removesuffix("List")
        items = [mask_object(i if i.get("kind") else {"kind": item_kind, **i}, salt) for i in obj["items"]]
        return {**obj, "items": items}
    if kind == "Table" and isinstance(obj.get("rows"), list):
        return {**obj, "rows": [_row(each, salt) for each in obj["rows"]]}
    if kind == "Secret":
        return _secret(obj, salt)
    if kind == "ConfigMap":
        return _config_map(obj, salt)
    if kind == "Config" and "users" in obj:
        return {**obj, "users": _tree(obj["users"], salt, KUBECONFIG_FIELDS)}
    if kind == "TokenRequest":
        return {**obj, "status": _tree(obj.get("status") or {}, salt, frozenset(("token",)))}
    masked: JSONObject = _environment(obj, salt)
    return _annotations(masked, salt)


def _row(row: Any, salt: bytes) -> Any:
    """Masks the object of a table's row, which is whole where the table was asked for with objects."""
    whole = row.get("object") if isinstance(row, dict) else None
    return {**row, "object": mask_object(whole, salt)} if isinstance(whole, dict) else row


def _secret(obj: JSONObject, salt: bytes) -> JSONObject:
    masked = dict(obj)
    for field in ("data", "stringData"):
        if isinstance(obj.get(field), Mapping):
            masked[field] = {
                key: mask(_decoded(value) if field == "data" else str(value), salt) for key, value in obj[field].items()
            }
    return _annotations(masked, salt, secret=True)


def _decoded(value: object) -> bytes:
    text = str(value)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _config_map(obj: JSONObject, salt: bytes) -> JSONObject:
    data = obj.get("data")
    if not isinstance(data, Mapping) or not any(sensitive(key, value) for key, value in data.items()):
        return obj
    masked = {key: mask(str(value), salt) if sensitive(key, value) else value for key, value in data.items()}
    return _annotations({**obj, "data": masked}, salt, secret=True)


def _annotations(obj: JSONObject, salt: bytes, *, secret: bool = False) -> JSONObject:
    """Masks what the last-applied annotation repeats of an object's secrets; of one that holds only secrets, all of it."""
    meta = obj.get("metadata")
    notes = meta.get("annotations") if isinstance(meta, Mapping) else None
    if not isinstance(meta, Mapping) or not isinstance(notes, Mapping) or LAST_APPLIED not in notes:
        return obj
    text = str(notes[LAST_APPLIED])
    shown = mask(text, salt) if secret else _applied(text, salt)
    return obj if shown is text else {**obj, "metadata": {**meta, "annotations": {**notes, LAST_APPLIED: shown}}}


def _applied(text: str, salt: bytes) -> str:
    try:
        applied = read_json(text, "the last-applied annotation")
    except DecodeError:
        return mask(text, salt) if sensitive_name(text) else text
    masked = mask_object(applied, salt) if isinstance(applied, dict) else applied
    return text if masked is applied else json.dumps(masked, ensure_ascii=False, separators=(",", ":")) + "\n"


def _environment(value: Any, salt: bytes) -> Any:
    """Masks literal values of variables and headers that say what they are, anywhere in the object."""
    if isinstance(value, dict):
        masked = {}
        for key, item in value.items():
            if type(item) in _LEAVES:
                continue
            variables = key in _NAMED_VALUES and isinstance(item, list)
            shown = _variables(item, salt) if variables else _environment(item, salt)
            if shown is not item:
                masked[key] = shown
        return {**value, **masked} if masked else value
    if isinstance(value, list):
        return _same_or([_environment(item, salt) for item in value], value)
    return value


def _variables(variables: list[Any], salt: bytes) -> list[Any]:
    masked = [
        {**item, "value": mask(str(item["value"]), salt)}
        if isinstance(item, Mapping) and item.get("value") and sensitive(str(item.get("name", "")), item["value"])
        else item
        for item in variables
    ]
    return _same_or(masked, variables)


def _same_or(made: list[Any], original: list[Any]) -> list[Any]:
    """Returns the original where nothing in it was masked: most of a big object is shared and not copied."""
    return original if all(map(operator.is_, made, original)) else made


def _tree(value: Any, salt: bytes, names: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: mask(reveal(item), salt) if key in names and isinstance(item, str) else _tree(item, salt, names)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_tree(item, salt, names) for item in value]
    return value
