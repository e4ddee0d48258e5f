"""``%kapi-versions``: the groups and versions that the server has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.results.values import KValues

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Lists them, asked again.

    Returns:
        `KValues`: ``"apps/v1"``, sorted.
    """
    discovery = session.place_for(command).client.discovery
    discovery.invalidate()
    groups = session.run(command, discovery.groups())
    versions = sorted(version for group in groups for version in group.api_versions)
    return KValues(versions, "\n".join(versions))
