"""A sandbox from outside: the command line, its process and what is there at the start."""

from __future__ import annotations

__all__ = ()
