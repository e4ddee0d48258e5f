"""The objects that a changing verb is about: named, selected or in files; what cannot be read fails in its turn.

As with kubectl, one name that does not exist does not keep the others from being changed: it is a step that fails,
behind those that are done. In a protected context a plan with such a step is none that could be applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmagic.errors import KubeError, StatusError
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import chosen
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.fetch import fetch, fetch_manifests, scope_of
from kmagic.magics.work.fetched import Fetched, Scope

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command

__all__ = ("Failing", "chosen_objects", "failing")


@dataclass(frozen=True)
class Failing:
    """The step of `changes` for an object that cannot be changed, with the error of reading or deciding it.

    Attributes:
        at: Outcome of that object.
    """

    error: KubeError
    at: Outcome

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Returns the failure."""
        return self.tried()

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """Returns the failure."""
        return self.tried()

    def outcome(self, action: str) -> Outcome:
        """Returns its outcome without a request."""
        return replace(self.at, action=action)

    def tried(self) -> Outcome:
        """Returns the failure."""
        return replace(self.at, action="failed", error=self.error)


def failing(error: KubeError) -> Failing:
    """The step for what could not be read."""
    details: dict[str, Any] = {}
    if isinstance(error, StatusError):
        details = error.status.get("details") or {}
    kind = ".".join(filter(None, (str(details.get("kind") or "object"), str(details.get("group") or ""))))
    return Failing(error, Outcome("failed", str(details.get("name") or "?"), kind=kind))


async def chosen_objects(
    command: Command, client: AsyncClient, namespace: str | None, *, scope: Scope | None = None
) -> tuple[list[Fetched], list[Failing]]:
    """Reads the objects that a command names, selects or has in its files.

    Args:
        command: With its arguments and flags; a cell below the line does not count.
        client: Asks the server.
        namespace: None for all.
        scope: Instead of the one its flags describe.

    Returns:
        What could be read, and a step for each object that could not.
    """
    if command.values("filename"):
        return await fetch_manifests(client, manifests_of(command), scope or Scope(namespace)), []
    unread: list[KubeError] = []
    found = await fetch(client, chosen(command), scope or scope_of(command, namespace), unread)
    return found, [failing(error) for error in unread]
