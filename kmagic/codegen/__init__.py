"""Generates `kmagic.models` and the typed accessors from a server's OpenAPI: `python -m kmagic.codegen`."""

from __future__ import annotations

__all__ = ()
