"""The owners of fields: managedFields and server-side apply."""

from __future__ import annotations

__all__ = ()
