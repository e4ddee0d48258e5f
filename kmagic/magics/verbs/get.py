"""``%kget``: one Table request with the objects inside, shown as kubectl shows it, returned as Python values.

With ``-w`` it is the live view of ``%kwatch``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics import output
from kmagic.magics.fetch import fetch, fetch_manifests, scope_of
from kmagic.magics.manifest import manifests_of
from kmagic.magics.selection import selected

if TYPE_CHECKING:
    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Reads what the command names.

    Returns:
        A `KObject` for one name, a `KList` for a type, a `KGroup` for several; text or values with ``-o``;
        a `KWatch` with ``-w``.
    """
    output.check_output(command)
    if command.on("watch"):
        return _followed(command, session)
    place = session.place_for(command)
    scope = scope_of(command, session.namespace_for(command))
    if command.values("filename"):
        if command.arguments:
            raise command.usage_error("name objects or give files with -f, not both", at=command.arguments[0])
        found = session.run(command, fetch_manifests(place.client, manifests_of(command), scope))
    else:
        found = session.run(command, fetch(place.client, selected(command), scope))
    for each in found:
        place.memory.saw_objects(each.resource, each.keys)
    place.memory.saw_types(place.client.mapper.known_names())
    return output.show(command, found, place.target)


def _followed(command: Command, session: Session) -> object:
    for flag in ("filename", "sort-by", "subresource"):
        if command.has(flag):
            raise command.usage_error(f"a live view cannot take --{flag}", at=f"--{flag}")
    if command.text("output") not in ("", "wide"):
        raise command.usage_error("a live view is a table; -o is for one reading", at=command.text("output"))
    # The widgets cost more to import than a reading needs.
    from kmagic.magics.live import follow

    return follow(command, session)
