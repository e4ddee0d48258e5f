"""Reports of every cache of this process: for who debugs a controller, and for who wonders what runs.

    for cache in all_caches(): print(cache.what, cache.state, cache.objects, cache.readers)

A `CacheReport` is a value of one moment. Looking sends nothing and keeps no cache alive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kmagic.cache.entry import Entry
from kmagic.cache.informer_core import InformerCore, cores
from kmagic.cache.reflector_state import State
from kmagic.errors import KubeError
from kmagic.rest.resource import APIResource

__all__ = ("CacheReport", "HandlerReport", "WhyListed", "all_caches", "report", "state_fields")


class WhyListed(msgspec.Struct, frozen=True):
    """A list after the first one.

    Attributes:
        seconds: Time since then.
        reason: Reason for it.
    """

    seconds: float
    reason: str


class HandlerReport(msgspec.Struct, frozen=True):
    """Somebody who is told changes.

    Attributes:
        name: Of the function that is called.
        waiting: Changes that it has not been told yet.
        synced: True when it was told everything that was there at first.
    """

    name: str
    waiting: int
    synced: bool


class CacheReport(msgspec.Struct, frozen=True, kw_only=True):
    """One cache.

    Attributes:
        what: Objects that it holds: ``pods in namespace "shop"``.
        resource: The type; None where its source does not say.
        server: Address of the server; "" where its source does not say.
        selector: Selectors of the objects; "" for all.
        form: ``"objects"``, or ``"table"`` for a live table's rows.
        state: Its phase, in words.
        since: Seconds in that state.
        synced: True when it holds a whole list.
        resource_version: Up to which the server was followed.
        objects: Number of objects.
        size: Bytes of the objects as they are kept; None where objects are kept decoded.
        indexes: Number of values of each index.
        handlers: Functions that are told changes.
        readers: Readers, in words; each counts.
        lists: Number of lists.
        watches: Number of watches that were opened.
        relists: The latest lists after the first one.
        last_event: Seconds since the last event or bookmark; None before the first.
        error: Error of the last list or watch; "" while it works.
    """

    what: str
    resource: APIResource | None = None
    server: str = ""
    selector: str = ""
    form: str = "objects"
    state: str = ""
    since: float = 0.0
    synced: bool = False
    resource_version: str = ""
    objects: int = 0
    size: int | None = None
    indexes: Mapping[str, int] = {}
    handlers: tuple[HandlerReport, ...] = ()
    readers: tuple[str, ...] = ()
    lists: int = 0
    watches: int = 0
    relists: tuple[WhyListed, ...] = ()
    last_event: float | None = None
    error: str = ""


def all_caches() -> list[CacheReport]:
    """Every cache of objects that follows a server and that somebody reads in this process, by server and what they hold; on the loop's thread."""
    return sorted((report(core) for core in cores()), key=lambda each: (each.server, each.what, each.selector))


def report(core: InformerCore) -> CacheReport:
    """The report of a cache as it is now; on the loop's thread."""
    source, state, now = core.list_watch, core.state, core.clock.now()
    stored = core.store.list()
    selectors = [getattr(source, name, None) for name in ("label_selector", "field_selector")]
    return CacheReport(
        what=core.reflector.description,
        resource=getattr(source, "resolved", None),
        server=getattr(source, "server", ""),
        selector=" ".join(filter(None, selectors)),
        objects=len(stored),
        size=_size(stored),
        indexes={name: len(core.store.list_index_values(name)) for name in core.store.indexers},
        handlers=tuple(HandlerReport(str(each.name), each.pending, each.synced) for each in core.registrations),
        readers=tuple(reader.owner for reader in core.readers),
        **state_fields(state, now),
    )


def state_fields(state: State, now: float) -> dict[str, Any]:
    """The state of a reflector as fields of a `CacheReport`.

    Args:
        state: The reflector's.
        now: By the clock of the state.
    """
    error = state.last_error
    return {
        "state": str(state.phase),
        "since": max(0.0, now - state.since),
        "synced": state.synced,
        "resource_version": state.resource_version,
        "lists": state.lists,
        "watches": state.watches,
        "relists": tuple(WhyListed(max(0.0, now - each.at), each.reason) for each in state.relists),
        "last_event": None if state.last_event_at is None else max(0.0, now - state.last_event_at),
        "error": "" if error is None else error.message if isinstance(error, KubeError) else str(error),
    }


def _size(stored: list[Any]) -> int | None:
    return sum(len(each.raw) for each in stored) if all(isinstance(each, Entry) for each in stored) else None
