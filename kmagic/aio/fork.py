"""Forked processes: what has connections or a thread belongs to the process that made it.

A child's copy of a loop shares the kernel's tables of the parent's loop, and its copy of a TLS connection the
parent's session: one that closed or used them would silence the parent. So a child never touches them.
"""

from __future__ import annotations

import os

from kmagic.errors import ForkError

__all__ = ("Origin",)

_forks = 0


def _count() -> None:
    global _forks
    _forks += 1


class Origin:
    """The process in which something was made.

    Args:
        what: It, for the message: ``the client of https://...``.
    """

    __slots__ = ("_forks", "_what")

    def __init__(self, what: str) -> None:
        self._forks = _forks
        self._what = what

    @property
    def is_here(self) -> bool:
        """True if this is still that process, and not one forked from it."""
        return self._forks == _forks

    def check(self) -> None:
        """Lets only that process go on.

        Raises:
            ForkError: This one was forked from it.
        """
        if not self.is_here:
            raise ForkError(
                f"{self._what} was made before this process was forked, and stays with the process that made it",
                hint="make a kmagic.Client() of its own in the forked process, or start it by spawn",
            )


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count)
