"""A Kubernetes API server and its controllers in one process, for learning, demos and tests."""

from __future__ import annotations

__all__ = ()
