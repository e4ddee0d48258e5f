"""``%kns``: the namespaces, or another one for this notebook; nothing on disk changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.language.selection import Selected
from kmagic.magics.results.values import KText
from kmagic.magics.work import output
from kmagic.magics.work.fetch import fetch, require_namespace
from kmagic.magics.work.fetched import Scope

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Lists or switches.

    Returns:
        The namespaces as a `KList`, or one line that says where the notebook is now.
    """
    place = session.place
    client = place.client
    if not command.arguments:
        found = session.run(command, fetch(client, [Selected("namespaces")], Scope(None)))
        for each in found:
            place.memory.saw_objects(each.resource, each.keys)
        return output.show(command, found, session.target)
    before = session.target.namespace
    name = command.arguments[0]
    if name != "-" and not command.on("force"):
        session.run(command, require_namespace(client, name))
    target = session.use_namespace(name)
    return KText(f"namespace {before} → {target.namespace} · {target.badge}")
