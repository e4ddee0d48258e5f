"""``%kwatch``: a table that follows the cluster, for every kind the server has a Table of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.feed import TableFeed
from kmagic.magics.fetch import require_namespace, scope_of
from kmagic.magics.live import KWatch
from kmagic.magics.selection import Selected, selected
from kmagic.safety.salt import SALT
from kmagic.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Place, Session
    from kmagic.rest.resource import APIResource
    from kmagic.views.table import Row

__all__ = ("run",)

_FIRST_LIST_SECONDS = 10.0


def run(command: Command, session: Session) -> object:
    """Starts following.

    Returns:
        A `KWatch`, as soon as the first list is there.

    Raises:
        KubeError: The first list failed: no such type or namespace, forbidden, unreachable.
    """
    place = session.place_for(command)
    namespace = session.namespace_for(command)
    scope = scope_of(command, namespace)
    wanted = selected(command)
    found = session.run(command, _resources(place.client, wanted, namespace))
    feeds, tables = [], []
    for resource, names in found:
        feed = TableFeed(
            place.client,
            resource,
            namespace,
            labels=scope.labels,
            fields=_field_selector(command, scope.fields, names),
            runtime=session.runtime,
        )
        feeds.append(feed)
        tables.append(_table(feed, place, session, everywhere=namespace is None))
    view = KWatch(tables, feeds, session.runtime, headless=session.headless(), ended=[feed.ended for feed in feeds])
    session.on_close(view.stop)
    _await_first_list(session, view, feeds)
    return view


async def _resources(
    client: AsyncClient, wanted: Sequence[Selected], namespace: str | None
) -> list[tuple[APIResource, tuple[str, ...]]]:
    found = [(resource, each.names) for each in wanted for resource in await client.mapper.expand(each.resource)]
    if any(resource.namespaced for resource, _ in found):
        await require_namespace(client, namespace)
    return found


def _field_selector(command: Command, fields: str, names: tuple[str, ...]) -> str:
    """A name is watched by a field selector, as kubectl does; several cannot be."""
    if len(names) > 1:
        raise command.usage_error("a live view follows one name or all of a type; use -l for several", at=names[1])
    return f"metadata.name={names[0]}" if names else fields


def _table(feed: TableFeed, place: Place, session: Session, *, everywhere: bool) -> LiveTable:
    resource = feed.resource
    return LiveTable(
        feed,
        title=resource.resource.capitalize(),
        target=place.target.badge,
        level=place.target.level.value,
        namespace=everywhere and resource.namespaced,
        kind=f"{resource.kind}.{resource.group}" if resource.group else resource.kind,
        fetch=_fetcher(place.client, resource),
        salt=SALT,
        runtime=session.runtime,
    )


def _fetcher(client: AsyncClient, resource: APIResource) -> Callable[[Row], Awaitable[JSONObject]]:
    async def fetch(row: Row) -> JSONObject:
        return await client.dynamic.resource(resource, row.namespace or None).get(row.name)

    return fetch


def _await_first_list(session: Session, view: KWatch, feeds: Sequence[TableFeed]) -> None:
    """Raises what kept the first list from coming, rather than showing an empty view."""
    for feed in feeds:
        error = session.runtime.run(feed.settled(_FIRST_LIST_SECONDS))
        if error is not None:
            view.stop()
            raise error
