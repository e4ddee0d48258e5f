"""The simulated control loops: each reads the store, decides, and writes through the same verbs as any client."""

from __future__ import annotations

__all__ = ()
