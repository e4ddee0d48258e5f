"""``%kuncordon``: nodes take new Pods again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.work.cordoning import cordon

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Marks the nodes, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    return cordon(command, session, wanted=False)
