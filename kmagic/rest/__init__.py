"""A request is a value: building, deciding and decoding without doing (pure; imports nothing that acts)."""

from __future__ import annotations

__all__ = ()
