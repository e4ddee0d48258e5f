"""Admission: additions to a new object on its way in, or the reason why it is refused."""

from __future__ import annotations

__all__ = ()
