"""Answers from what the notebook has cached already: ``%kget --cached`` sends nothing.

A cache answers for its own selection and for a part of it: one namespace of all, names, labels. The rows of a live
table give the columns; without one there are the name and the age, which every object tells itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from kmagic.api.selectors import parse_labels
from kmagic.api.table import Column, TableRow
from kmagic.cache.entry import Entry
from kmagic.cache.forms import EntryForm
from kmagic.cache.list_watch import ResourceListWatch
from kmagic.client.codec import DictCodec
from kmagic.errors import NotFoundError, SyncError
from kmagic.magics.work.caching import NAME_AND_AGE, row_for
from kmagic.magics.work.fetched import Fetched
from kmagic.views.table import Row
from kmagic.views.values import aged_cells

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.cache.informer import SharedInformer
    from kmagic.magics.language.selection import Selected
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.magics.session.table_feed import TableFeed
    from kmagic.magics.work.fetched import Scope
    from kmagic.rest.resource import APIResource

__all__ = ("answer", "cached_entry", "means")

# Both know the namespace, name and labels of an object.
_Kept = TypeVar("_Kept", Entry, Row)


@dataclass(frozen=True)
class _Found:
    """The source of an answer: objects, rows, or both of the same objects."""

    resource: APIResource
    informer: SharedInformer[Any] | None = None
    rows: Mapping[str, Row] | None = None
    columns: tuple[Column, ...] = NAME_AND_AGE


def answer(session: Session, place: Place, wanted: Sequence[Selected], scope: Scope, *, table: bool) -> list[Fetched]:
    """The answer of the notebook's caches to a selection; nothing is sent.

    Args:
        session: Owner of the caches.
        place: The server, and as whom.
        wanted: The types and names.
        scope: Namespace and selectors.
        table: Whether rows are enough.

    Raises:
        SyncError: No cache holds it, or it is not filled yet.
        NotFoundError: The cache that holds the type does not hold the name.
    """
    words = [(word, each.names) for each in wanted for word in each.resource.split(",")]
    found = [session.runtime.call(_find, session, place, word, names, scope) for word, names in words]
    return [_fetched(each, names, scope, table) for each, (_, names) in zip(found, words, strict=True)]


def _find(session: Session, place: Place, word: str, names: Sequence[str], scope: Scope) -> _Found:
    """On the loop's thread, where caches change."""
    known = place.client.mapper.known(word)
    pool = session.caches.pool(place.config)

    def covers(source: ResourceListWatch[Any] | TableFeed, resource: APIResource | None) -> bool:
        if resource is None or not means(word, resource, known):
            return False
        if isinstance(source, ResourceListWatch):
            labels, fields = source.label_selector or "", source.field_selector or ""
        else:
            labels, fields = source.labels, source.fields
        mine = source.namespace if resource.namespaced else None
        named = f"metadata.name={names[0]}" if len(names) == 1 else ""
        return (
            mine in (None, scope.namespace)
            and labels in ("", scope.labels)
            and (fields == scope.fields or (not scope.fields and fields == named))
        )

    feed = next(
        (each for each in session.caches.feeds(place.config) if covers(each, each.resource) and each.full), None
    )
    rows = {row.key: row for row in feed.rows} if feed else None
    columns = feed.columns if feed else NAME_AND_AGE
    for informer in pool.informers:
        source = informer.list_watch
        if isinstance(source, ResourceListWatch) and informer.whole and covers(source, source.resolved):
            assert source.resolved is not None
            return _Found(source.resolved, informer, rows, columns)
    if feed is None:
        where = "all namespaces" if scope.namespace is None else f'namespace "{scope.namespace}"'
        raise SyncError(
            f"no cache of this notebook holds {word} of {where} so selected, so nothing was asked",
            hint=f'kmagic.cache("{word}") or %kwatch {word} keeps one; without --cached the server is asked',
        )
    return _Found(feed.resource, None, rows, columns)


def means(word: str, resource: APIResource, known: APIResource | None) -> bool:
    """Returns whether a word names a type.

    Args:
        word: As it was written.
        resource: The type.
        known: Type that discovery has for the word; None where it was not asked.
    """
    return resource.gvr == known.gvr if known else word.lower() in _names(resource)


def cached_entry(
    session: Session, place: Place, word: str, name: str, scope: Scope
) -> tuple[APIResource, JSONObject | None]:
    """The type, and the object of a name as a cache of the notebook has it; None where it is not there.

    Raises:
        SyncError: No cache holds objects of the type, or it is not filled yet.
    """
    found = session.runtime.call(_find, session, place, word, (name,), scope)
    objects = _objects(found, (name,), scope, table=False)
    return found.resource, objects[0] if objects else None


def _names(resource: APIResource) -> set[str]:
    names = {resource.resource, resource.singular, resource.kind.lower(), *resource.short_names}
    whole = {f"{name}.{resource.group}" for name in names} if resource.group else set()
    return {*names, *whole, f"{resource.resource}.{resource.version}.{resource.group}"} - {""}


def _fetched(found: _Found, names: Sequence[str], scope: Scope, table: bool) -> Fetched:
    chosen = _objects(found, names, scope, table=table)
    held = {each["metadata"]["name"] for each in chosen}
    missing = [name for name in names if name not in held]
    if missing and not scope.ignore_missing:
        raise NotFoundError(
            f'{found.resource.full_name} "{missing[0]}" is not in the cache',
            hint="without --cached the server is asked",
        )
    kept_back = len(chosen) - scope.limit if scope.limit and len(chosen) > scope.limit else None
    now = datetime.now(UTC)
    rows = [
        TableRow(_cells(row_for(each, found.rows or {}), found.columns, now), each)
        for each in chosen[: scope.limit or None]
    ]
    version = found.informer.last_sync_resource_version if found.informer is not None else ""
    return Fetched(
        found.resource,
        found.columns,
        rows,
        version,
        single=len(names) == 1,
        remaining_item_count=kept_back,
        note=f"cache at version {version}" if version else "rows of a live view",
    )


def _objects(found: _Found, names: Sequence[str], scope: Scope, *, table: bool) -> list[JSONObject]:
    if found.informer is not None:
        form: EntryForm[JSONObject] = EntryForm(DictCodec(), lambda: found.resource)
        # Metadata is kept decoded: only what is chosen is read.
        return [form.read(entry) for entry in _chosen(found.informer.store.filled.list(), names, scope)]
    if not table:
        raise SyncError(
            f"the live view of {found.resource.full_name} holds rows and not the objects behind them",
            hint=f'read its .objects once, or keep kmagic.cache("{found.resource.resource}")',
        )
    return [_metadata(row) for row in _chosen((found.rows or {}).values(), names, scope)]


def _chosen(kept: Iterable[_Kept], names: Sequence[str], scope: Scope) -> list[_Kept]:
    """Those of a selection, in the order of the names or else of the server."""
    labels = parse_labels(scope.labels)
    found = [
        each
        for each in kept
        if (scope.namespace is None or each.namespace in ("", scope.namespace))
        and (not names or each.name in names)
        and labels.matches(each.labels)
    ]
    if names:
        return sorted(found, key=lambda each: names.index(each.name))
    return sorted(found, key=lambda each: (each.namespace, each.name))


def _metadata(row: Row) -> JSONObject:
    """The metadata that a row has of its object, as the API calls it."""
    fields = {
        "name": row.name,
        "namespace": row.namespace,
        "uid": row.uid,
        "resourceVersion": row.resource_version,
        "creationTimestamp": row.created,
        "deletionTimestamp": row.deleted,
        "labels": dict(row.labels),
    }
    kept = {name: value for name, value in fields.items() if value}
    return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": kept}


def _cells(row: Row, columns: Sequence[Column], now: datetime) -> tuple[Any, ...]:
    cells = aged_cells(row, tuple(columns), now)
    return (*cells, *[""] * (len(columns) - len(cells)))
