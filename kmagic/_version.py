"""The version, and nothing else, so that build tools can read it."""

from __future__ import annotations

__all__ = ("__version__",)

__version__ = "0.1.0"
