"""The two shapes of untyped data."""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = ("JSON", "JSONObject")

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

# A Kubernetes object as a plain dict. The one place where Any is right: its shape is the server's business.
JSONObject: TypeAlias = dict[str, Any]
