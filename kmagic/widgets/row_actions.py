"""Actions on the rows of a live table: what a table's page offers, and who carries it out.

A table knows nothing of clusters; whoever makes one gives it a `RowActions`. Reading is done on the loop's thread.
Changing is done in the thread of the kernel that a page's message came in: it blocks, as a cell would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from kmagic.views.table import Row

__all__ = ("Offer", "Planned", "RowActions")


class Offer(msgspec.Struct, frozen=True):
    """One action that a page offers.

    Attributes:
        name: ``logs``, ``delete``.
        key: Key that begins it.
        label: Words of its button.
        kind: ``tab`` opens a tab of the detail panel, ``cell`` is for a cell only, ``change`` is planned and confirmed.
        many: True if it takes several rows.
        ask: The argument it asks for, in words; "" for none.
        usual: First value of the argument.
        refused: Reason why it cannot be done here; "" where it can.
    """

    name: str
    key: str
    label: str
    kind: str
    many: bool = False
    ask: str = ""
    usual: str = ""
    refused: str = ""


class Planned(msgspec.Struct, frozen=True):
    """A change that was tried by a dry run and waits for its confirmation.

    Attributes:
        number: Its number in this table.
        line: The magic that does the same.
        text: The changes, in words.
        where: The target in words.
        word: The word that must be said to confirm it; "" for a click.
        because: The reasons for that.
    """

    number: int
    line: str
    text: str
    where: str
    word: str = ""
    because: str = ""


class RowActions(Protocol):
    """Reads and changes the objects of rows."""

    @property
    def offers(self) -> Sequence[Offer]:
        """The actions for the table's type, now."""

    async def refused(self, namespace: str) -> Mapping[str, str]:
        """Returns the actions that the person may do on no row of a namespace, with the reasons; on the loop's thread."""

    async def detail(self, row: Row, tab: str) -> dict[str, Any]:
        """Reads a tab of the detail panel of a row, on the loop's thread.

        Raises:
            KubeError: It cannot be read.
        """

    def line(self, action: str, rows: Sequence[Row], argument: str) -> str:
        """The magic that does the action; rows of several namespaces are a line each.

        Raises:
            KubeError: It takes other rows, or the argument is missing.
        """

    def plan(self, action: str, rows: Sequence[Row], argument: str) -> Planned:
        """Tries a change by a dry run.

        Raises:
            KubeError: It was refused.
        """

    def confirm(self, number: int, said: str) -> str:
        """Carries a plan out, and returns what was done, in words.

        Raises:
            KubeError: It may not be, or something was not done.
        """

    def drop(self, number: int) -> None:
        """Forgets a plan."""

    def keep(self, name: str, rows: Sequence[Row]) -> str:
        """Gives the objects of rows a name in the notebook, and returns what it is, in words.

        Raises:
            KubeError: It is no name, or they cannot be read.
        """
