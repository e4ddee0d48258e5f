"""Calls for code in a notebook, in the session of the magics: ``kmagic.cache("pods")``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from kmagic.api.selectors import SelectorError, parse_fields, parse_labels
from kmagic.errors import UsageError
from kmagic.magics.extension import session_of
from kmagic.magics.results.cards import cell_number
from kmagic.magics.work.fetch import require_namespace

if TYPE_CHECKING:
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.caching import KCache
    from kmagic.rest.resource import APIResource

__all__ = ("HERE", "cache")

# The notebook's own namespace, because None is all of them.
HERE: Any = object()


def cache(
    resource: str,
    namespace: str | None = HERE,
    *,
    label_selector: str = "",
    field_selector: str = "",
    timeout: float = 30.0,
) -> KCache:
    """Keeps a local copy of a resource that follows the cluster, and returns it when it is filled.

    Who reads it sends nothing. Readers of the same selection (other cells, live views, factories of the notebook's
    clients) share one list and watch. A re-run of the cell replaces it; `KCache.stop` ends it.

    Args:
        resource: Any name kubectl takes: ``"pods"``, ``"deploy"``, ``"foos.example.com"``.
        namespace: This notebook's unless given; None for all.
        label_selector: Only these.
        field_selector: Only these.
        timeout: Seconds to wait for the first list.

    Raises:
        UsageError: The extension is not loaded, or a selector cannot be read.
        NoMatchError: The server has no such resource.
        NotFoundError: There is no such namespace.
        SyncError: The list did not come in time or cannot come; the server's error is its cause.
    """
    session = _session()
    for parse, text in ((parse_labels, label_selector), (parse_fields, field_selector)):
        try:
            parse(text)
        except SelectorError as error:
            raise UsageError(f"the selector cannot be read: {error}") from error
    # Imported by the first cache.
    from kmagic.magics.work.caching import KCache

    place = session.place if namespace in (HERE, None) else session.place.at(namespace)
    where = place.target.namespace if namespace is HERE else namespace
    found = session.runtime.run(_resolve(place, resource, where))
    number = cell_number()
    objects = session.caches.objects(
        place,
        found,
        where,
        labels=label_selector,
        fields=field_selector,
        runtime=session.runtime,
        owner=f"cell [{number}]" if number else "a cell",
    )
    made = KCache(objects, session.runtime, place.target.badge)
    try:
        session.runtime.run(objects.wait_synced(timeout))
    except BaseException:
        made.stop()
        raise
    session.on_rerun(made.close)
    return made


async def _resolve(place: Place, resource: str, namespace: str | None) -> APIResource:
    found = await place.client.mapper.resource_for(resource)
    if found.namespaced:
        await require_namespace(place.client, namespace)
    return found


def _session() -> Session:
    shell = get_ipython()
    try:
        return session_of(shell)
    except KeyError:
        raise UsageError(
            "kmagic.cache(…) works in the notebook's session, and the extension is not loaded",
            hint="%load_ext kmagic; in a program use client.informers()",
        ) from None
