"""``%kdescribe``: objects described for people, with the events about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.client.relations import events_about
from kmagic.errors import ForbiddenError, NotFoundError
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import Selected, selected
from kmagic.magics.results.cards import partly
from kmagic.magics.results.values import KText
from kmagic.magics.work.fetch import fetch, fetch_manifests, scope_of
from kmagic.magics.work.fetched import Fetched, Scope
from kmagic.magics.work.output import nothing_found
from kmagic.magics.work.related import read_related
from kmagic.safety.salt import SALT
from kmagic.views.describe import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.errors import KubeError
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Describes what the command names; a name that does not exist may be the beginning of names.

    Returns:
        The text, objects apart by two empty lines.

    Raises:
        KubeError: A type or name cannot be read; what can be is shown before.
    """
    place = session.place_for(command)
    namespace = session.namespace_for(command)
    unread: list[KubeError] = []
    found, texts = session.run(command, _described(command, place.client, scope_of(command, namespace), unread))
    for each in found:
        place.memory.saw_objects(each.resource, each.keys)
    shown = KText("\n\n\n".join(texts))
    if unread:
        raise partly(unread, shown if texts else None)
    return shown if texts else KText(nothing_found(command, place.target))


async def _described(
    command: Command, client: AsyncClient, scope: Scope, unread: list[KubeError]
) -> tuple[list[Fetched], list[str]]:
    wanted = () if command.values("filename") else selected(command)
    if command.values("filename"):
        found = await fetch_manifests(client, manifests_of(command, every=True), scope)
    else:
        found = await fetch(client, wanted, scope, unread)
    begins = len(wanted) == 1 and len(wanted[0].names) == 1 and isinstance(next(iter(unread), None), NotFoundError)
    if begins:
        whole = await fetch(client, [Selected(wanted[0].resource)], scope)
        found = [_beginning(each, wanted[0].names[0]) for each in whole]
        if any(each.rows for each in found):
            unread.clear()
    alone = not begins and not unread and sum(len(each.rows) for each in found) == 1
    with_events = command.on("show-events") and (alone or command.has("show-events"))
    texts = []
    for each in found:
        for obj in each.objects:
            # The kind of an object in a list is its type's.
            whole_object = {"kind": each.resource.kind, "apiVersion": each.resource.api_version, **obj}
            events = await _events(client, whole_object) if with_events else None
            related = await read_related(client, whole_object)
            now = client.rest.clock.wall()
            texts.append(describe(whole_object, now=now, salt=SALT, events=events, related=related))
    return found, texts


def _beginning(found: Fetched, prefix: str) -> Fetched:
    return replace(found, rows=[row for row in found.rows if meta.name(row.object or {}).startswith(prefix)])


async def _events(client: AsyncClient, obj: JSONObject) -> Sequence[JSONObject]:
    """The events about one object; who may not read events gets the description without them."""
    try:
        return await events_about(client.resource("events"), obj)
    except ForbiddenError:
        return []
