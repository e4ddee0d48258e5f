"""The objects with their history: the sandbox's etcd and watch cache, and what is read from them."""

from __future__ import annotations

__all__ = ()
