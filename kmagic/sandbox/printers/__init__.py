"""The Table form: columns, cells and ages."""

from __future__ import annotations

__all__ = ()
