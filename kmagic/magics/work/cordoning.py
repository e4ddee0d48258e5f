"""Nodes marked as schedulable or not, for `%kcordon`, `%kuncordon` and what drains them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.magics.language.selection import Selected
from kmagic.magics.work.fetch import fetch, scope_of
from kmagic.magics.work.patches import Change, make

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("cordon", "cordoning", "nodes_of")


def cordon(command: Command, session: Session, *, wanted: bool) -> object:
    """Cordons or uncordons the nodes of a command, or makes a plan where the target is protected."""

    async def changes(client: AsyncClient) -> list[Change]:
        return [cordoning(resource, node, wanted=wanted) for resource, node in await nodes_of(command, client)]

    return make(command, session, changes)


async def nodes_of(command: Command, client: AsyncClient) -> list[tuple[APIResource, JSONObject]]:
    """The nodes that a command names or selects.

    Raises:
        NotFoundError: One of them does not exist.
    """
    # kubectl takes node/NAME, too.
    names = tuple(word.removeprefix("nodes/").removeprefix("node/") for word in command.objects)
    found = await fetch(client, [Selected("nodes", names)], scope_of(command, None))
    return [(each.resource, node) for each in found for node in each.objects]


def cordoning(resource: APIResource, node: JSONObject, *, wanted: bool) -> Change:
    """The change of one node."""
    word = "cordoned" if wanted else "uncordoned"
    now = bool((node.get("spec") or {}).get("unschedulable"))
    patch = None if now is wanted else {"spec": {"unschedulable": True if wanted else None}}
    return Change(resource, meta.name(node), node, patch, word, type="strategic", same=f"already {word}")
