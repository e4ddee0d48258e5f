"""Warnings: what is probably a mistake and is done all the same, said as kubectl says it."""

from __future__ import annotations

import sys

__all__ = ("warn",)


def warn(text: str) -> None:
    """Writes ``Warning: TEXT`` to standard error."""
    sys.stderr.write(f"Warning: {text}\n")
