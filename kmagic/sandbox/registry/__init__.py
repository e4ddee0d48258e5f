"""The verbs on objects and what each kind does differently: what is left of a request once it is decoded."""

from __future__ import annotations

__all__ = ()
