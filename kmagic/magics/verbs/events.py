"""``%kevents``: what happened, newest first, as kubectl shows it; ``-w`` follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.client.relations import seen_at
from kmagic.magics.language.selection import Selected, one_object
from kmagic.magics.work import output
from kmagic.magics.work.fetch import fetch, scope_of
from kmagic.magics.work.fetched import Fetched
from kmagic.views.order import BY_TIME

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Lists or follows events.

    Returns:
        A `KList` of events, a `KWatch` with ``-w``, or what ``-o`` asks for.
    """
    output.check_output(command)
    place = session.place_for(command)
    about = session.run(command, _about(place.client, command))
    types = {each.capitalize() for value in command.values("types") for each in value.split(",")}
    if types - {"Normal", "Warning"}:
        raise command.usage_error("valid --types are Normal or Warning", at="--types")
    if len(types) == 1:
        about.append(f"type={next(iter(types))}")
    fields = ",".join(filter(None, [command.text("field-selector"), *about]))
    asked = replace(command, arguments=("events",), flags=command.flags.changed("field-selector", fields))
    if command.on("watch"):
        # The widgets cost more to import than a reading needs.
        from kmagic.magics.work.live import follow

        return follow(asked, session, BY_TIME)
    scope = scope_of(asked, session.namespace_for(command))
    found = session.run(command, fetch(place.client, [Selected("events")], scope))
    return output.show(command, [_newest_first(each, types) for each in found], place.target)


async def _about(client: AsyncClient, command: Command) -> list[str]:
    """Field selectors for ``--for TYPE/NAME``."""
    text = command.text("for")
    if not text:
        return []
    about = one_object(command, text)
    resource = await client.mapper.resource_for(about.resource)
    return [f"involvedObject.kind={resource.kind}", f"involvedObject.name={about.names[0]}"]


def _newest_first(found: Fetched, types: set[str]) -> Fetched:
    rows = [row for row in found.rows if not types or (row.object or {}).get("type") in types]
    return replace(found, rows=sorted(rows, key=lambda row: seen_at(row.object or {}), reverse=True))
