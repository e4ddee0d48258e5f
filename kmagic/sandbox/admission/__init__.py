"""What is added to a new object on its way in, or why it is not let in."""

from __future__ import annotations

__all__ = ()
