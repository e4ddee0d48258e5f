"""Generated names and identifiers: ``web-`` becomes ``web-x7k2q``."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

__all__ = ("generate_name", "new_uid", "safe_suffix")

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Without vowels and look-alikes, so that no suffix reads as a word.

Source: staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go, kubernetes v1.37.2.
"""

# A name has at most 63 characters and the suffix 5.
MAX_BASE = 58


def safe_suffix(rng: random.Random, length: int = 5) -> str:
    """Random characters for the end of a name."""
    return "".join(rng.choice(ALPHABET) for _ in range(length))


def generate_name(base: str, rng: random.Random) -> str:
    """A name for ``metadata.generateName``."""
    return base[:MAX_BASE] + safe_suffix(rng)


def new_uid(rng: random.Random) -> str:
    """A version 4 UUID; from ``rng`` so that a seeded sandbox repeats itself."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
