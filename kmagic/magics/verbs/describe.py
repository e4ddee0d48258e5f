"""``%kdescribe``: objects described for people, with the events about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import ForbiddenError, NotFoundError
from kmagic.magics.language.selection import Selected, selected
from kmagic.magics.results.description import Described, KDescription
from kmagic.magics.work.about import events_about
from kmagic.magics.work.fetch import Fetched, Scope, fetch, scope_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Describes what the command names; a name that does not exist may be the beginning of names.

    Returns:
        A `KDescription`, whose text has objects apart by two empty lines.
    """
    place = session.place_for(command)
    scope = scope_of(command, session.namespace_for(command))
    wanted = selected(command)
    with_events = command.on("show-events")
    found, described = session.run(command, _described(place.client, wanted, scope, with_events))
    for each in found:
        place.memory.saw_objects(each.resource, each.keys)
    return KDescription(described, place.client.rest.clock.wall(), place.target.badge)


async def _described(
    client: AsyncClient, wanted: Sequence[Selected], scope: Scope, with_events: bool
) -> tuple[list[Fetched], list[Described]]:
    found = await _found(client, wanted, scope)
    described = [(obj, await _events(client, obj) if with_events else []) for each in found for obj in each.objects]
    return found, described


async def _found(client: AsyncClient, wanted: Sequence[Selected], scope: Scope) -> list[Fetched]:
    try:
        return await fetch(client, wanted, scope)
    except NotFoundError:
        if len(wanted) != 1 or len(wanted[0].names) != 1:
            raise
        prefix = wanted[0].names[0]
        found = [_beginning(each, prefix) for each in await fetch(client, [Selected(wanted[0].resource)], scope)]
        if not any(each.rows for each in found):
            raise
        return found


def _beginning(found: Fetched, prefix: str) -> Fetched:
    return replace(found, rows=[row for row in found.rows if meta.name(row.object or {}).startswith(prefix)])


async def _events(client: AsyncClient, obj: JSONObject) -> Sequence[JSONObject]:
    """The events about one object; who may not read events gets the description without them."""
    try:
        return await events_about(client, obj)
    except ForbiddenError:
        return []
