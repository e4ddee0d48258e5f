"""The session of what acts at one place, wherever the notebook is: the page of a live view."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kmagic.magics.session.cells import Cells
from kmagic.magics.session.session import Session

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.results.cards import Card, KPlan
    from kmagic.magics.session.caches import Caches
    from kmagic.magics.session.place import Place

__all__ = ("Pinned",)


class Pinned(Session):
    """A session whose place was decided once, with everything else of the notebook's.

    Every change is a plan first, and plans and cards are handed back, since a page and no cell shows them.

    Args:
        of: The notebook's session.
        place: The place that it acts at.
    """

    def __init__(self, of: Session, place: Place) -> None:
        super().__init__(
            of.headless, of.runtime, of.readonly, attended=of.attended, cells=Cells(time.time), perform=of.perform
        )
        self.cells.end()  # a click has just been made, whatever cell runs
        self._of = of
        self._place = place
        self.caches: Caches = of.caches

    def place_for(self, command: Command) -> Place:
        """The place it acts at, in the namespace of the command: what a line names for a cell elsewhere led here."""
        namespace = command.text("namespace")
        return self.place.at(namespace) if namespace else self.place

    def needs_plan(self, place: Place) -> bool:
        """Returns True: nothing is changed by a click alone."""
        return True

    def check(self, command: Command) -> None:
        """Refuses a changing command that may not run now, also because a plan of the notebook waits.

        Raises:
            ProtectedError: The target is read-only.
            GateError: A plan still waits.
        """
        super().check(command)
        self._of.check_plan()

    def gate(self, plan: KPlan) -> KPlan:
        """Hands the plan back; cells do not wait for it."""
        plan.shown_at = self.cells.now()
        return plan

    def announce(self, card: Card) -> None:
        """Shows nothing: the one who asked gets the card as a value."""
