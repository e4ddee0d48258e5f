"""The User-Agent of kmagic's requests, which servers also record as the manager of the fields it writes."""

from __future__ import annotations

import platform
import sys

from kmagic._version import __version__

__all__ = ("user_agent",)

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def user_agent(*suffixes: str) -> str:
    """``kmagic/<version> (<os>/<arch>) python/<version>``, and what a program wants to add."""
    machine = platform.machine().lower()
    parts = (
        f"kmagic/{__version__}",
        f"({sys.platform}/{_MACHINES.get(machine, machine)})",
        f"python/{platform.python_version()}",
        *suffixes,
    )
    return " ".join(parts)
