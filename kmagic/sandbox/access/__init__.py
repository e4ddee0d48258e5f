"""The user of a request, and the user's rights."""

from __future__ import annotations

__all__ = ()
