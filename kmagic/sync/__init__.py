"""The only bridge between threads and the event loop; everything below it is async, everything above may block."""

from __future__ import annotations

__all__ = ()
