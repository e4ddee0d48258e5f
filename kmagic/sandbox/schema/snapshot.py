"""The committed snapshot of a real server's stable APIs, which the sandbox serves and the models are made from.

Three files of one Kubernetes version, written together by ``python -m kmagic.codegen fetch``:

- ``resources.json``: the built-in resources in discovery order, one a line, each a `Resource`.
- ``openapi.json.gz``: every schema they need, with descriptions, by its OpenAPI name.
- ``protobuf.json.gz``: the field numbers of their messages. They are apart, because no server gives them: they come
  from the ``generated.proto`` files of its Go modules.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec

from kmagic.sandbox.schema.resources import Resource

__all__ = ("DATA", "MESSAGES", "RESOURCES", "SCHEMAS", "Fields", "messages", "resources", "schemas")

DATA = Path(__file__).parent / "data"
RESOURCES = "resources.json"
SCHEMAS = "openapi.json.gz"
MESSAGES = "protobuf.json.gz"

Fields = dict[str, tuple[str, str, str]]
"""The fields of a message: ``{"1": ("metadata", "", "k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta")}``.

The middle word is "" for one value, "pointer" for one that may be absent (Go writes the zero of all others),
"repeated" for a list, or the key type of a map.
"""


def resources(folder: Path = DATA) -> tuple[Resource, ...]:
    """The built-in resources; versions of a group in order of preference."""
    return msgspec.json.decode((folder / RESOURCES).read_bytes(), type=tuple[Resource, ...])


def schemas(folder: Path = DATA) -> dict[str, dict[str, Any]]:
    """The schemas by name: ``io.k8s.api.apps.v1.Deployment``."""
    return msgspec.json.decode(gzip.decompress((folder / SCHEMAS).read_bytes()), type=dict[str, dict[str, Any]])


def messages(folder: Path = DATA) -> dict[str, Fields]:
    """The fields of each message by its name: ``k8s.io.api.core.v1.Pod``."""
    return msgspec.json.decode(gzip.decompress((folder / MESSAGES).read_bytes()), type=dict[str, Fields])
