"""The greatest sizes of parts of objects: annotations, and the data of ConfigMaps and Secrets.

Source: staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go, pkg/apis/core/validation, kubernetes v1.37.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.sandbox.validation.rules.causes import too_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.api.types import JSONObject
    from kmagic.sandbox.status import Cause

__all__ = ("causes",)

MAX_ANNOTATIONS = 256 * 1024
MAX_DATA = 1024 * 1024


def causes(obj: JSONObject) -> Iterator[Cause]:
    """Yields the parts of an object that are too long."""
    annotations = obj["metadata"].get("annotations")
    if annotations and sum(_length(key) + _length(value) for key, value in annotations.items()) > MAX_ANNOTATIONS:
        yield too_long("metadata.annotations", MAX_ANNOTATIONS)
    if obj["apiVersion"] != "v1":
        return
    if obj["kind"] == "ConfigMap" and _texts(obj.get("data")) + _decoded(obj.get("binaryData")) > MAX_DATA:
        yield too_long("[]", MAX_DATA)
    elif obj["kind"] == "Secret" and _decoded(obj.get("data")) > MAX_DATA:
        yield too_long("data", MAX_DATA)


def _texts(data: dict[str, str] | None) -> int:
    return sum(_length(value) for value in (data or {}).values() if isinstance(value, str))


def _decoded(data: dict[str, str] | None) -> int:
    """Bytes of values in base64."""
    values = [value for value in (data or {}).values() if isinstance(value, str)]
    return sum(len(value) // 4 * 3 - value[-2:].count("=") for value in values)


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
