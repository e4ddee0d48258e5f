"""``%kapi-resources``: the types of objects that the server has, as discovery tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.language.flags import comma_separated
from kmagic.magics.results.values import KValues
from kmagic.views.text import aligned

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)

_HEAD = ("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES")


def run(command: Command, session: Session) -> object:
    """Lists them, asked again unless ``--cached``.

    Returns:
        `KValues`: a dict a type, or the types' names for ``-o name``.
    """
    discovery = session.place_for(command).client.discovery
    if not command.on("cached"):
        discovery.invalidate()
    found = [each for each in session.run(command, discovery.preferred_resources()) if _wanted(command, each)]
    first = {"name": "resource", "kind": "kind"}.get(command.text("sort-by"), "group")
    found.sort(key=lambda each: (getattr(each, first), each.resource))
    if command.text("output") == "name":
        names = [each.full_name for each in found]
        return KValues(names, "\n".join(names))
    rows = [_row(each) for each in found]
    shown = len(_HEAD) if command.text("output") == "wide" else 5
    head = [] if command.on("no-headers") else [_HEAD[:shown]]
    values = [dict(zip(map(str.lower, _HEAD), row, strict=True)) for row in rows]
    return KValues(values, aligned([*head, *(row[:shown] for row in rows)]))


def _wanted(command: Command, resource: APIResource) -> bool:
    if not resource.verbs or (command.has("api-group") and command.text("api-group") != resource.group):
        return False
    if command.has("namespaced") and command.on("namespaced") != resource.namespaced:
        return False
    verbs, categories = comma_separated(command, "verbs"), comma_separated(command, "categories")
    return set(verbs) <= set(resource.verbs) and set(categories) <= set(resource.categories)


def _row(resource: APIResource) -> tuple[str, ...]:
    return (
        resource.resource,
        ",".join(resource.short_names),
        resource.api_version,
        str(resource.namespaced).lower(),
        resource.kind,
        ",".join(resource.verbs),
        ",".join(resource.categories),
    )
