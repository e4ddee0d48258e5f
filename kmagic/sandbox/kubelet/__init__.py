"""The simulated nodes: what Pods do once they are bound."""

from __future__ import annotations

__all__ = ()
