"""``%kget``: one Table request with the objects inside, shown as kubectl shows it, returned as Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics import output
from kmagic.magics.fetch import fetch, scope_of
from kmagic.magics.selection import selected

if TYPE_CHECKING:
    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Reads what the command names.

    Returns:
        A `KObject` for one name, a `KList` for a type, a `KGroup` for several; text or values with ``-o``.
    """
    output.check_output(command)
    place = session.place_for(command)
    scope = scope_of(command, session.namespace_for(command))
    found = session.run(command, fetch(place.client, selected(command), scope))
    for each in found:
        session.memory.saw_objects(each.resource, each.keys)
    session.memory.saw_types(place.client.mapper.known_names())
    return output.show(command, found, place.target)
