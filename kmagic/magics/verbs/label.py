"""``%klabel``: labels set and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.work.metadata import LABELS, change_metadata

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Sets or removes labels, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    return change_metadata(command, session, LABELS)
