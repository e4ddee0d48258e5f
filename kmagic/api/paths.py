"""Reading a field by its path. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ("get_path",)


def get_path(obj: Any, path: str | Iterable[str]) -> Any:
    """The value at a path such as ``"spec.template.spec"``, or of its parts; None where there is none.

    A key that has dots itself is one part: ``("metadata", "annotations", "example.com/a")``.
    """
    parts = path.removeprefix(".").split(".") if isinstance(path, str) else path
    for part in parts:
        obj = obj.get(part) if isinstance(obj, dict | Mapping) else None
    return obj
