"""The secret that salts this process's masks: equal values look equal here, and mean nothing anywhere else."""

from __future__ import annotations

import os

__all__ = ("SALT",)

SALT = os.urandom(16)
