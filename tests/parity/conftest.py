"""The notebook's shell, for the side that is ours."""

from __future__ import annotations

from tests.magics.conftest import at, shell

__all__ = ("at", "shell")
