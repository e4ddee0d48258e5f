"""``%kcache``: every cache of this notebook with what it does and for whom; one object as cached against live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.cache.census import CacheReport, all_caches
from kmagic.errors import NotFoundError
from kmagic.magics.language.selection import Selected, selected
from kmagic.magics.results.caches import KCacheEntry, KCaches
from kmagic.magics.results.table_text import Looks
from kmagic.magics.results.values import KObject
from kmagic.magics.work.cached import cached_entry, means
from kmagic.magics.work.fetched import Scope
from kmagic.views.table import Table

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Looks at the caches; sends nothing, but for the live object of a name.

    Returns:
        `KCaches` of all or of a type; a `KCacheEntry` of a name.
    """
    if not command.arguments:
        return KCaches(session.runtime.call(_reports, session), _footer(session))
    [wanted, *more] = selected(command)
    if more or len(wanted.names) > 1:
        raise command.usage_error("one type, or one object of it", at=command.arguments[-1])
    if not wanted.names:
        return KCaches(session.runtime.call(_of_type, session, command, wanted.resource), _footer(session))
    return _entry(command, session, wanted)


def _reports(session: Session) -> list[CacheReport]:
    """Of objects and of rows, on the loop's thread."""
    rows = [feed.report() for feed in session.caches.feeds()]
    found = [*all_caches(), *(each for each in rows if each.readers)]
    return sorted(found, key=lambda each: (each.server, each.what, each.selector, each.form))


def _of_type(session: Session, command: Command, word: str) -> list[CacheReport]:
    known = session.place_for(command).client.mapper.known(word)
    return [each for each in _reports(session) if each.resource is not None and means(word, each.resource, known)]


def _entry(command: Command, session: Session, wanted: Selected) -> KCacheEntry:
    place, [name] = session.place_for(command), wanted.names
    scope = Scope(session.namespace_for(command))
    resource, cached = cached_entry(session, place, wanted.resource, name, scope)
    live = session.run(command, _live(place.client, resource, scope.namespace, name))
    return KCacheEntry(
        _value(cached, resource), _value(live, resource), f"{resource.kind_name}/{name}", _footer(session)
    )


async def _live(client: AsyncClient, resource: APIResource, namespace: str | None, name: str) -> JSONObject | None:
    try:
        return await client.dynamic.resource(resource, namespace if resource.namespaced else None).get(name)
    except NotFoundError:
        return None


def _value(obj: JSONObject | None, resource: APIResource) -> KObject | None:
    return None if obj is None else KObject(obj, Looks(Table(())), resource)


def _footer(session: Session) -> str:
    count = session.sent
    return f"{session.badge} · {count} request{'' if count == 1 else 's'} sent by this notebook so far"
