"""``%kdescribe``: objects described for people, with the events about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import ForbiddenError, NotFoundError
from kmagic.magics.language.selection import Selected, selected
from kmagic.magics.results.values import KText
from kmagic.magics.work.fetch import Fetched, Scope, fetch, scope_of
from kmagic.safety.salt import SALT
from kmagic.views.describe import describe

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
        The text, objects apart by two empty lines.
    """
    place = session.place_for(command)
    scope = scope_of(command, session.namespace_for(command))
    wanted = selected(command)
    with_events = command.on("show-events")
    found, texts = session.run(command, _described(place.client, wanted, scope, with_events))
    for each in found:
        place.memory.saw_objects(each.resource, each.keys)
    return KText("\n\n\n".join(texts) or "No resources found")


async def _described(
    client: AsyncClient, wanted: Sequence[Selected], scope: Scope, with_events: bool
) -> tuple[list[Fetched], list[str]]:
    found = await _found(client, wanted, scope)
    texts = []
    for each in found:
        for obj in each.objects:
            events = await _events(client, obj) if with_events else []
            texts.append(describe(obj, now=client.rest.clock.wall(), salt=SALT, events=events))
    return found, texts


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
    events = client.resource("events", meta.namespace(obj) or "default")
    name = meta.name(obj)
    # The kubelet knows its node's name only and writes it as the uid, too; kubectl asks for both.
    uids = (meta.uid(obj), name) if obj.get("kind") == "Node" else (meta.uid(obj),)
    try:
        found = [
            await events.list(field_selector=f"involvedObject.name={name},involvedObject.uid={uid}") for uid in uids
        ]
    except ForbiddenError:
        return []
    return [event for listed in found for event in listed.items]
