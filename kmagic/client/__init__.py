"""The verbs, async: what a program says to a server."""

from __future__ import annotations

__all__ = ()
