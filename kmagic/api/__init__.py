"""The vocabulary every layer shares: names, keys, selectors, quantities, times, patches. Pure: no I/O, no clock."""

from __future__ import annotations

__all__ = ()
