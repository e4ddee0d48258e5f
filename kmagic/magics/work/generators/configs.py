"""ConfigMaps and Secrets, out of literals and of the bytes of files.

Source: k8s.io/kubectl/pkg/cmd/create (create_configmap.go, create_secret*.go), pkg/cmd/util/env_file.go,
pkg/util/hash/hash.go.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kmagic.api.codec import encode_json
from kmagic.magics.work.generators.parts import GeneratorError, head, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("config_map", "docker_config", "env_lines", "literal", "secret", "with_hash")

_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_BOM = b"\xef\xbb\xbf"
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def literal(text: str) -> tuple[str, bytes]:
    """``KEY=VALUE`` as a pair.

    Raises:
        GeneratorError: It is not written so.
    """
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise GeneratorError(f"invalid literal source {text}, expected key=value")
    return key, value.encode()


def env_lines(data: bytes, environment: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """The pairs of a file with lines ``KEY=VALUE``; ``KEY`` alone takes its value from the environment.

    Raises:
        GeneratorError: It is no text, or a key is none.
    """
    for number, line in enumerate(data.removeprefix(_BOM).split(b"\n"), 1):
        try:
            text = line.decode().lstrip()
        except UnicodeDecodeError as error:
            raise GeneratorError(f"line {number} has invalid utf8 bytes") from error
        text = text.removesuffix("\r")
        if not text or text.startswith("#"):
            continue
        key, equals, value = text.partition("=")
        if not _VARIABLE.fullmatch(key):
            raise GeneratorError(f'"{key}" is not a valid key name: {_ENV_RULE}')
        yield key, (value if equals else environment.get(key, "")).encode()


_ENV_RULE = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not "
    "start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is "
    "'[-._a-zA-Z][-._a-zA-Z0-9]*')"
)


def config_map(name: str, pairs: Iterable[tuple[str, bytes]]) -> JSONObject:
    """A ConfigMap; what is no text is its binary data.

    Raises:
        GeneratorError: A key is none, or is there twice.
    """
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for key, value in pairs:
        if problem := _key_problem(key):
            raise GeneratorError(f'"{key}" is not a valid key name for a ConfigMap: {problem}')
        for part, where in ((text, "Data"), (binary, "BinaryData")):
            if key in part:
                raise GeneratorError(
                    f'cannot add key "{key}", another key by that name already exists in {where} for ConfigMap "{name}"'
                )
        try:
            text[key] = value.decode()
        except UnicodeDecodeError:
            binary[key] = base64.b64encode(value).decode()
    return {**head("v1", "ConfigMap", name), **without_empty({"data": text, "binaryData": binary})}


def secret(name: str, pairs: Iterable[tuple[str, bytes]], kind: str = "") -> JSONObject:
    """A Secret.

    Raises:
        GeneratorError: A key is none, or is there twice.
    """
    data: dict[str, str] = {}
    for key, value in pairs:
        if problem := _key_problem(key):
            raise GeneratorError(f'"{key}" is not valid key name for a Secret {problem}')
        if key in data:
            raise GeneratorError(f"cannot add key {key}, another key by that name already exists")
        data[key] = base64.b64encode(value).decode()
    return {**head("v1", "Secret", name), **without_empty({"data": data, "type": kind})}


def _key_problem(key: str) -> str:
    if len(key) > 253:
        return "must be no more than 253 characters"
    if not _KEY.fullmatch(key):
        return _KEY_RULE
    if key in (".", ".."):
        return f"must not be '{key}'"
    return "must not start with '..'" if key.startswith("..") else ""


def docker_config(server: str, username: str, password: str, email: str) -> bytes:
    """The credentials of a container runtime: the content of ``.dockerconfigjson``."""
    joined = base64.b64encode(f"{username}:{password}".encode()).decode()
    entry = without_empty({"username": username, "password": password, "email": email, "auth": joined})
    return encode_json({"auths": {server: entry}})


def with_hash(obj: JSONObject) -> JSONObject:
    """The object with a hash of its content behind its name."""
    content: dict[str, Any] = {"kind": obj["kind"], "name": obj["metadata"]["name"], "data": obj.get("data") or {}}
    if obj["kind"] == "Secret":
        content["type"] = obj.get("type") or ""
    elif "binaryData" in obj:
        content["binaryData"] = obj["binaryData"]
    # As Go writes it: keys in order, no blanks, and < > & escaped.
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    suffix = digest.translate(str.maketrans("013ae", "ghkmt"))
    return {**obj, "metadata": {**obj["metadata"], "name": f"{obj['metadata']['name']}-{suffix}"}}
