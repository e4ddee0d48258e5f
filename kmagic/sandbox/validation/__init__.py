"""What makes an object invalid."""

from __future__ import annotations

__all__ = ()
