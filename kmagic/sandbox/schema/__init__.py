"""The kinds of the server: resources, schemas and the additions of CustomResourceDefinitions."""

from __future__ import annotations

__all__ = ()
