"""``%kwatch``: a table that follows the cluster, for every kind the server has a Table of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.work.live import follow

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Starts following.

    Returns:
        A `KWatch`, as soon as the first list is there.

    Raises:
        KubeError: The first list failed: no such type or namespace, forbidden, unreachable.
    """
    return follow(command, session)
