"""Objects of a cache as Python values: what ``kmagic.cache(…)`` returns and what a live view has behind its rows.

What is read here sends nothing; only the first look makes the shared informer list and watch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api import meta
from kmagic.api.table import Column
from kmagic.magics.results.output_cache import forget_output
from kmagic.magics.results.table_text import Looks, Style
from kmagic.magics.results.values import KList, KObject, data_frame
from kmagic.views.table import Row, Table
from kmagic.views.values import Kind, aged

if TYPE_CHECKING:
    import pandas

    from kmagic.api.types import JSONObject
    from kmagic.magics.session.object_cache import ObjectCache
    from kmagic.magics.session.table_feed import TableFeed
    from kmagic.rest.resource import APIResource
    from kmagic.sync.runtime import Runtime

__all__ = ("NAME_AND_AGE", "KCache", "listed", "no_such", "object_at", "row_for", "rows_of")

# What every kind has; the server's other columns are only in its tables.
NAME_AND_AGE = (Column("Name", format="name"), Column("Age"))


class KCache:
    """Objects that follow the cluster: ``cache.objects``, ``cache["ns/name"]``, ``cache.df``, ``len``, ``for``, ``in``.

    Every look reads the local copy and sends nothing. It follows until `stop`, or until its cell runs again.

    Args:
        objects: A reader of the shared informer.
        runtime: The loop it lives on.
        badge: The target, in words.
    """

    def __init__(self, objects: ObjectCache, runtime: Runtime, badge: str) -> None:
        self._cached = objects
        self._runtime = runtime
        self._badge = badge

    @property
    def objects(self) -> KList:
        """All objects now, by namespace and name; each is your own."""
        return listed(self._cached, {}, NAME_AND_AGE, self._badge)

    @property
    def names(self) -> list[str]:
        """The objects' names now."""
        return [
            entry.name for entry in sorted(self._cached.entries.list(), key=lambda each: (each.namespace, each.name))
        ]

    @property
    def df(self) -> pandas.DataFrame:
        """The objects now as a pandas DataFrame: ``ns``, ``name``, ``age``, ``labels`` and ``conditions``, two dicts."""
        found, now = self._cached.objects(), datetime.now(UTC)
        head = ["name", "age", "labels", "conditions"]
        kinds = [Kind.TEXT, Kind.AGE, Kind.TEXT, Kind.TEXT]
        rows: list[list[Any]] = [
            [meta.name(each), _age(each, now), dict(meta.labels(each)), _conditions(each)] for each in found
        ]
        if self._cached.resource.namespaced:
            head, kinds = ["ns", *head], [Kind.TEXT, *kinds]
            rows = [[meta.namespace(each), *row] for each, row in zip(found, rows, strict=True)]
        return data_frame(head, rows, kinds)

    @property
    def rv(self) -> str:
        """The resource version up to which the server was followed."""
        return self._cached.resource_version

    @property
    def state(self) -> str:
        """``listing``, ``live``, ``reconnecting`` or ``stopped``."""
        return self._cached.state

    def stop(self) -> None:
        """Reads no more; the last reader of a selection ends its watch. What was read last stays. Safe to call twice."""
        if self._runtime.running:
            self._runtime.call(self._cached.stop)
            self._runtime.run(self._cached.ended())

    def close(self) -> None:
        """Stops it, as the next run of its cell does; who holds it keeps what was read last."""
        self.stop()
        forget_output(self)

    def __getitem__(self, key: str) -> KObject:
        return object_at(self._cached, key, {}, NAME_AND_AGE, self._badge)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(_keys(self._cached, key))

    def __len__(self) -> int:
        return len(self._cached.entries)

    def __iter__(self) -> Iterator[KObject]:
        return iter(self.objects)

    def __repr__(self) -> str:
        where = f" in {self._cached.namespace}" if self._cached.namespace else ""
        head = f"{self._cached.resource.full_name}{where} · {self.state} · version {self.rv or 'none yet'}"
        return f"{self.objects!r}\n\n{head}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {**self.objects._repr_mimebundle_(), "text/plain": repr(self)}


def listed(
    cached: ObjectCache,
    rows: Mapping[str, Row],
    columns: Sequence[Column],
    badge: str,
    only: Collection[str] | None = None,
) -> KList:
    """The objects of a cache, shown with the rows that a table has of them.

    Args:
        cached: It is filled.
        rows: By key; may lack some.
        columns: Of the rows.
        badge: The target, in words.
        only: Keys of the objects; None for all.
    """
    version = cached.resource_version
    objects = (
        cached.objects() if only is None else [obj for key in sorted(only) if (obj := cached.get(key)) is not None]
    )
    looks = _looks(
        cached.resource, [row_for(obj, rows) for obj in objects], columns, badge, wide=cached.namespace is None
    )
    made = [KObject(obj, looks.only([at]), cached.resource) for at, obj in enumerate(objects)]
    return KList(made, looks, cached.resource, version)


def object_at(cached: ObjectCache, key: str, rows: Mapping[str, Row], columns: Sequence[Column], badge: str) -> KObject:
    """The object of a key, ``"ns/name"`` or, where only one has it, ``"name"``.

    Raises:
        KeyError: The cache holds none, or several.
    """
    found = _keys(cached, key)
    obj = cached.get(found[0]) if len(found) == 1 else None
    if obj is None:
        raise no_such(cached.resource, key, found)
    looks = _looks(cached.resource, [row_for(obj, rows)], columns, badge, wide=cached.namespace is None)
    return KObject(obj, looks, cached.resource)


def no_such(resource: APIResource, key: str, found: Sequence[str] = ()) -> KeyError:
    """The error of a key that a cache does not hold, or holds in several namespaces."""
    if len(found) > 1:
        return KeyError(f"{key!r} is in several namespaces; say one of {', '.join(found)}")
    return KeyError(f"no {resource.singular or resource.resource} {key!r} in this cache")


def row_for(obj: JSONObject, rows: Mapping[str, Row]) -> Row:
    """The row a table has of an object; one with its name where the table has none."""
    namespace, name = meta.namespace(obj), meta.name(obj)
    key = f"{namespace}/{name}" if namespace else name
    head = obj.get("metadata") or {}
    return rows.get(key) or Row(
        key,
        (name,),
        namespace,
        name,
        meta.uid(obj),
        meta.resource_version(obj),
        head.get("creationTimestamp") or "",
        head.get("deletionTimestamp") or "",
        meta.labels(obj),
    )


def rows_of(feed: TableFeed, runtime: Runtime) -> tuple[dict[str, Row], tuple[Column, ...]]:
    """A table's rows by key, and their columns."""

    def take() -> tuple[dict[str, Row], tuple[Column, ...]]:
        return {row.key: row for row in feed.rows}, feed.columns

    return runtime.call(take) if runtime.running else take()


def _looks(resource: APIResource, rows: Sequence[Row], columns: Sequence[Column], badge: str, *, wide: bool) -> Looks:
    now = datetime.now(UTC)
    # A row that the table has not told yet has its name and no more.
    whole = tuple(_filled_up(row, columns) for row in rows)
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    table = aged(Table(tuple(columns), whole, kind, resource.namespaced), now)
    return Looks(table, Style(namespace=wide and resource.namespaced), footer=f"{badge} · cache", taken=now)


def _filled_up(row: Row, columns: Sequence[Column]) -> Row:
    missing = len(columns) - len(row.cells)
    if missing <= 0:
        return row
    return msgspec.structs.replace(row, cells=(*row.cells, *[""] * missing))


def _keys(cached: ObjectCache, key: str) -> list[str]:
    store = cached.entries
    if key in store:
        return [key]
    if "/" in key:
        return []
    return [entry.key for entry in store.list() if entry.name == key]


def _age(obj: JSONObject, now: datetime) -> Any:
    created = (obj.get("metadata") or {}).get("creationTimestamp")
    return now - datetime.fromisoformat(created) if created else None


def _conditions(obj: JSONObject) -> dict[str, str]:
    conditions = (obj.get("status") or {}).get("conditions") or ()
    return {str(each.get("type")): str(each.get("status")) for each in conditions if isinstance(each, dict)}
