"""The validation of objects."""

from __future__ import annotations

__all__ = ()
