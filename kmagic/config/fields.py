"""The types of a kubeconfig's fields, checked before anything is read from them.

A field of another type is refused with its name, as kubectl does: ``"false"`` in quotes is text and no false, and
``012345`` is a number and no token. Nothing of the value is shown. Unknown fields stay as they are; null is no value.

Source: k8s.io/client-go/tools/clientcmd/api/v1/types.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kmagic.api.base64_text import decode_base64
from kmagic.errors import ConfigError

__all__ = ("CLUSTER", "CONFIG", "CONTEXT", "USER", "typed")


class _List(msgspec.Struct, frozen=True):
    """A list whose items are all of one type."""

    of: object


class _Map(msgspec.Struct, frozen=True):
    """A mapping from text to values of one type."""

    of: object


_TEXT, _FLAG, _DATA, _ANY = "string", "bool", "base64", "any"
_Fields = Mapping[str, object]

_EXTENSIONS = _List({"name": _TEXT, "extension": _ANY})
CLUSTER: _Fields = {
    "server": _TEXT,
    "tls-server-name": _TEXT,
    "insecure-skip-tls-verify": _FLAG,
    "certificate-authority": _TEXT,
    "certificate-authority-data": _DATA,
    "proxy-url": _TEXT,
    "disable-compression": _FLAG,
    "extensions": _EXTENSIONS,
}
USER: _Fields = {
    "client-certificate": _TEXT,
    "client-certificate-data": _DATA,
    "client-key": _TEXT,
    "client-key-data": _DATA,
    "token": _TEXT,
    "tokenFile": _TEXT,
    "as": _TEXT,
    "as-uid": _TEXT,
    "as-groups": _List(_TEXT),
    "as-user-extra": _Map(_List(_TEXT)),
    "username": _TEXT,
    "password": _TEXT,
    "auth-provider": {"name": _TEXT, "config": _Map(_TEXT)},
    "exec": {
        "command": _TEXT,
        "args": _List(_TEXT),
        "env": _List({"name": _TEXT, "value": _TEXT}),
        "apiVersion": _TEXT,
        "installHint": _TEXT,
        "provideClusterInfo": _FLAG,
        "interactiveMode": _TEXT,
    },
    "extensions": _EXTENSIONS,
}
CONTEXT: _Fields = {"cluster": _TEXT, "user": _TEXT, "namespace": _TEXT, "extensions": _EXTENSIONS}
CONFIG: _Fields = {
    "kind": _TEXT,
    "apiVersion": _TEXT,
    "preferences": {"colors": _FLAG, "extensions": _EXTENSIONS},
    "clusters": _List({"name": _TEXT, "cluster": CLUSTER}),
    "users": _List({"name": _TEXT, "user": USER}),
    "contexts": _List({"name": _TEXT, "context": CONTEXT}),
    "current-context": _TEXT,
    "extensions": _EXTENSIONS,
}

_EMPTY: Mapping[object, object] = {_TEXT: "", _FLAG: False, _DATA: "", _ANY: None}
_HINTS = {
    "string": "put the value in quotes: YAML reads it as something else than text",
    "bool": "write true or false, without quotes",
}


def typed(value: object, wanted: object, path: str) -> Any:
    """The value as it was, without nulls in fields that are known.

    Args:
        value: The value in the file.
        wanted: `CONFIG`, or one of its parts.
        path: The path of the value, for the message: ``users.user``.

    Raises:
        ConfigError: A value, or one below it, has another type; names the field.
    """
    if wanted == _ANY:
        return value
    if isinstance(wanted, _List):
        _check(value, list, "list", path)
        return [_item(each, wanted.of, path) for each in value]  # type: ignore[attr-defined]  # checked above
    if isinstance(wanted, _Map):
        _check(value, dict, "mapping", path)
        return {key: _item(each, wanted.of, path) for key, each in value.items()}  # type: ignore[attr-defined]  # checked above
    if isinstance(wanted, Mapping):
        _check(value, dict | Mapping, "mapping", path)
        return _fields(value, wanted, path)  # type: ignore[arg-type]  # checked above
    if wanted == _DATA:
        _data(value, path)
    else:
        _check(value, bool if wanted == _FLAG else str, str(wanted), path)
    return value


def _fields(value: Mapping[str, Any], wanted: _Fields, path: str) -> dict[str, Any]:
    prefix = f"{path}." if path else ""
    return {
        key: typed(each, wanted[key], f"{prefix}{key}") if key in wanted else each
        for key, each in value.items()
        if each is not None or key not in wanted
    }


def _item(value: object, wanted: object, path: str) -> Any:
    """An item of a list or a mapping, where null is the type's empty value."""
    if value is not None:
        return typed(value, wanted, path)
    if isinstance(wanted, _List):
        return []
    return {} if isinstance(wanted, _Map | Mapping) else _EMPTY[wanted]


def _data(value: object, path: str) -> None:
    _check(value, str, "string", path)
    try:
        decode_base64(value)  # type: ignore[arg-type]  # checked above
    except ValueError:
        raise ConfigError(f"{path} is not valid base64") from None


def _check(value: object, kind: Any, name: str, path: str) -> None:
    if not isinstance(value, kind):
        found = _json_name(value)
        at = f"field {path}" if path else "a kubeconfig"
        hint = "" if found in ("array", "object") else _HINTS.get(name, "")
        raise ConfigError(f"cannot unmarshal {found} into {at} of type {name}", hint=hint)


def _json_name(value: object) -> str:
    for kind, name in ((bool, "bool"), (int | float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object" if isinstance(value, Mapping) else type(value).__name__
