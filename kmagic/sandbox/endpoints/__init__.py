"""The HTTP side: requests are read, named, decoded and answered, and answers are written in the form asked for."""

from __future__ import annotations

__all__ = ()
