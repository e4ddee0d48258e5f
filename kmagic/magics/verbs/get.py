"""``%kget``: one Table request with the objects inside, shown as kubectl shows it, returned as Python values.

Of a long list only the first page brings its objects: the others are fetched, of the same version, when they are touched.

With ``-w`` it is the live view of ``%kwatch``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from kmagic.api.door import read_json
from kmagic.api.terminal import escape_terminal
from kmagic.errors import DecodeError
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import selected
from kmagic.magics.results.cards import partly
from kmagic.magics.results.values import KText
from kmagic.magics.work import output
from kmagic.magics.work.behind import Behind
from kmagic.magics.work.fetch import fetch, fetch_manifests, scope_of
from kmagic.magics.work.listing import objects_of, page_after
from kmagic.magics.work.output import json_text
from kmagic.rest.request import Request
from kmagic.safety.salt import SALT
from kmagic.views.masking import mask_object

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.errors import KubeError
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.fetched import Fetched, Scope

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Reads what the command names.

    Returns:
        A `KObject` for one name, a `KList` for a type, a `KGroup` for several; text or values with ``-o``;
        a `KWatch` with ``-w``.

    Raises:
        KubeError: A type or name cannot be read; what can be is shown before.
    """
    if command.has("raw"):
        return _raw(command, session)
    output.check_output(command)
    if command.on("watch"):
        return _followed(command, session)
    by_name = command.values("filename") or all(each.names for each in selected(command))
    if command.text("subresource") and not by_name:
        raise command.usage_error("subresource cannot be used when bulk resources are specified", at="--subresource")
    place = session.place_for(command)
    scope = scope_of(command, session.namespace_for(command))
    unread: list[KubeError] = []
    if command.on("cached"):
        found = _cached(command, session, place, scope)
    elif command.values("filename"):
        found = session.run(command, fetch_manifests(place.client, manifests_of(command, every=True), scope))
    else:
        found = session.run(command, fetch(place.client, selected(command), scope, unread, output.need_of(command)))
        found = [replace(each, unread=_behind(each, scope, session, place)) for each in found]
    for each in found:
        keys = each.keys
        place.memory.saw_objects(each.resource, [key for key in keys if key[0] or not each.resource.namespaced])
    place.memory.saw_types(place.client.mapper.known_names())
    if unread:
        rest = [each for each in found if each.rows]
        raise partly(unread, output.show(command, rest, place.target) if rest else None)
    return output.show(command, found, place.target)


def _raw(command: Command, session: Session) -> KText:
    """Returns the answer to a GET of a path as the server sent it; one with secrets is masked."""
    path = command.text("raw")
    if not path.startswith("/"):
        raise command.usage_error("--raw takes a path of the server that begins with /", at=path)
    client = session.place_for(command).client
    body: bytes = session.run(command, _got(client, path))
    try:
        value = read_json(body, "the answer")
    except DecodeError:
        return KText(escape_terminal(body.decode(errors="replace")))
    masked = mask_object(value, SALT) if isinstance(value, dict) else value
    if masked != value:
        return KText(json_text(masked))
    return KText(escape_terminal(body.decode(errors="replace").rstrip("\n")))


async def _got(client: AsyncClient, path: str) -> bytes:
    where, _, query = path.partition("?")
    answer = await client.rest.execute(Request("GET", where, tuple(parse_qsl(query, keep_blank_values=True))))
    return answer.body


def _behind(found: Fetched, scope: Scope, session: Session, place: Place) -> Behind:
    """The source of the objects behind rows that came without them."""
    client, namespace = place.client, scope.namespace if found.resource.namespaced else None
    return Behind(
        objects_of(client, found.resource, namespace),
        found.resource,
        scope.options(page_after(found)),
        found.resource_version,
        session.runtime.run,
    )


def _cached(command: Command, session: Session, place: Place, scope: Scope) -> list[Fetched]:
    # Who never asks a cache need not import one.
    from kmagic.magics.work.cached import answer

    table = command.text("output") in ("", "wide", "name", "df")
    return answer(session, place, selected(command), scope, table=table)


def _followed(command: Command, session: Session) -> object:
    # The widgets cost more to import than a reading needs.
    from kmagic.magics.work.live import follow

    return follow(command, session)
