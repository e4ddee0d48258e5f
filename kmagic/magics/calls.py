"""Calls for code in a notebook: ``kmagic.cache("pods")``, ``kmagic.watch("pods")``, ``kmagic.logs("deploy/web")``.

Where the extension is loaded they work in the session of its magics, and return what the magics return. In marimo, which
has no IPython, they work in a session of their own, which pins its context by its first call.
"""

from __future__ import annotations

import atexit
import shlex
import sys
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from kmagic.api.selectors import SelectorError, parse_fields, parse_labels
from kmagic.errors import UsageError
from kmagic.magics.extension import session_of
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import VERBS
from kmagic.magics.results.cards import cell_number
from kmagic.magics.session.session import Session
from kmagic.magics.work.fetch import require_namespace

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.work.caching import KCache
    from kmagic.magics.work.live import KWatch
    from kmagic.magics.work.log_live import KLiveLogs
    from kmagic.magics.work.rolling import KRollout
    from kmagic.rest.resource import APIResource

__all__ = ("HERE", "cache", "logs", "rollout", "watch")

# The notebook's own namespace, because None is all of them.
HERE: Any = object()

# Its value, "" where it is not given, None where it takes none.
_Flag = tuple[str, str | None]

# Of a marimo notebook.
_own: Session | None = None


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
    for read, text in ((parse_labels, label_selector), (parse_fields, field_selector)):
        try:
            read(text)
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


def watch(
    what: str,
    namespace: str | None = HERE,
    *,
    label_selector: str = "",
    field_selector: str = "",
    wide: bool = False,
    group_by: str = "",
) -> KWatch:
    """Follows a resource in a live table, and returns it when the first list is there: ``%kwatch`` without a magic.

    Args:
        what: Name of one or more types, or one object: ``"pods"``, ``"deploy,sts"``, ``"deploy/web"``.
        namespace: This notebook's unless given; None for all.
        label_selector: Only these.
        field_selector: Only these.
        wide: Also the columns of lower priority.
        group_by: Grouping of the rows: ``"owner"``, ``"node"``, ``"namespace"``.

    Raises:
        UsageError: The extension is not loaded, `what` cannot be read, or its rows cannot be grouped so.
        KubeError: The first list failed: no such type or namespace, forbidden, unreachable.
    """
    flags: list[_Flag] = [("-l", label_selector), ("--field-selector", field_selector), ("-o", "wide" if wide else "")]
    flags.append(("--group-by", group_by))
    command, session = _command("watch", [what], namespace, flags)
    # Imported by the first view.
    from kmagic.magics.work.live import follow

    return follow(command, session)


def logs(
    what: str,
    namespace: str = HERE,
    *,
    container: str = "",
    all_containers: bool = False,
    tail: int | None = None,
    since: str = "",
    filter: str = "",  # noqa: A002  # the word of the page
) -> KLiveLogs:
    """Follows the logs of a Pod, or of all Pods of a workload and those that join them: ``%klogs -f`` without a magic.

    Args:
        what: ``"web-0"``, ``"deploy/web"``.
        namespace: This notebook's unless given.
        container: One container of each Pod; the usual one unless given.
        all_containers: All containers of each Pod.
        tail: Number of last lines of each container to begin with.
        since: Only lines of this time back: ``"10m"``.
        filter: The filter the page begins with: ``"level:error !healthz"``.

    Raises:
        UsageError: The extension is not loaded, or `what` cannot be read.
        NotFoundError: There is no such Pod or workload.
    """
    flags: list[_Flag] = [("-c", container), ("--tail", "" if tail is None else str(tail)), ("--since", since)]
    flags += [("--all-containers=true", None)] if all_containers else []
    command, session = _command("logs", [what], namespace, [*flags, ("--follow=true", None)])
    from kmagic.magics.verbs.logs import follow_on_a_page

    return follow_on_a_page(command, session, text=filter)


def rollout(what: str, namespace: str = HERE) -> KRollout:
    """Follows a rollout, and returns at once; ``.wait()`` waits for its end: ``%krollout status`` without a magic.

    Args:
        what: ``"deploy/web"``, ``"sts/db"``, ``"ds/net"``.
        namespace: This notebook's unless given.

    Raises:
        UsageError: The extension is not loaded, or it has no rollout.
        NotFoundError: There is no such workload.
    """
    command, session = _command("rollout", ["status", what], namespace, [])
    from kmagic.magics.verbs.rollout import follow_one

    return follow_one(command, session)


def _command(verb: str, words: list[str], namespace: str | None, flags: list[_Flag]) -> tuple[Command, Session]:
    """Reads a call as the line of a magic, so that both take the same words and refuse the same mistakes."""
    line = [shlex.quote(word) for word in words]
    if namespace is not HERE:
        line += ["-A"] if namespace is None else ["-n", shlex.quote(namespace)]
    for flag, value in flags:
        line += [flag] if value is None else [flag, shlex.quote(value)] if value else []
    return parse(VERBS[verb], " ".join(line), None, _no_expression), _session()


def _no_expression(expression: str) -> object:
    raise UsageError(f"{expression!r} is no part of a name; a call takes values as they are")


async def _resolve(place: Place, resource: str, namespace: str | None) -> APIResource:
    found = await place.client.mapper.resource_for(resource)
    if found.namespaced:
        await require_namespace(place.client, namespace)
    return found


def _session() -> Session:
    global _own
    shell = get_ipython()
    marimo = sys.modules.get("marimo")
    if shell is None and marimo is not None:
        if _own is None:
            _own = Session(lambda: not marimo.running_in_notebook())  # as a script it has no page
            atexit.register(_own.close)
        return _own
    try:
        return session_of(shell)
    except KeyError:
        raise UsageError(
            "this call works in the notebook's session, and the extension is not loaded",
            hint="%load_ext kmagic; in a program use client.informers()",
        ) from None
