"""The one object that `%kexpose` and `%kautoscale` are about: named, or in a manifest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import selected
from kmagic.magics.work.fetch import fetch, fetch_manifests
from kmagic.magics.work.fetched import Scope

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.rest.resource import APIResource

__all__ = ("named_objects",)


async def named_objects(
    command: Command, client: AsyncClient, namespace: str | None
) -> list[tuple[APIResource, JSONObject]]:
    """The objects that a command names by ``TYPE NAME…``, or by the files it gives.

    Raises:
        UsageError: It names a type only.
        NotFoundError: One of them does not exist.
    """
    scope = Scope(namespace)
    if command.values("filename"):
        found = await fetch_manifests(client, manifests_of(command), scope)
    else:
        # Their --selector is not for choosing objects.
        wanted = selected(replace(command, flags=command.flags.changed("selector", "")))
        if not all(each.names for each in wanted):
            raise command.usage_error("resource(s) were provided, but no name was specified")
        found = await fetch(client, wanted, scope)
    return [(each.resource, {**obj, "kind": each.resource.kind}) for each in found for obj in each.objects]
