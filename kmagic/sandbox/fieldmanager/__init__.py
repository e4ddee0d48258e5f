"""Who owns which field: managedFields and server-side apply."""

from __future__ import annotations

__all__ = ()
