"""What the server knows about kinds: resources, schemas and what CustomResourceDefinitions add."""

from __future__ import annotations

__all__ = ()
