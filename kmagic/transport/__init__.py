"""The only package that opens sockets or spawns processes."""

from __future__ import annotations

__all__ = ()
