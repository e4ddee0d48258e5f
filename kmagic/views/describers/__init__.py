"""Descriptions of objects, kind by kind, word for word as ``kubectl describe`` writes them."""

__all__ = ()
