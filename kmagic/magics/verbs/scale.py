"""``%kscale``: how many replicas, for everything that has a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import NotFoundError, UsageError
from kmagic.magics.language.selection import Selected, chosen
from kmagic.magics.work.fetch import Scope, fetch, scope_of
from kmagic.magics.work.patches import Change, make

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Scales, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    if not command.has("replicas") or command.number("replicas") < 0:
        raise command.usage_error("say how many: --replicas N, 0 or more")
    if command.number("current-replicas") < -1:
        raise command.usage_error("--current-replicas must be -1 or more", at="--current-replicas")
    wanted = chosen(command)
    scope = scope_of(command, session.namespace_for(command))
    return make(command, session, lambda client: _changes(command, client, wanted, scope))


async def _changes(command: Command, client: AsyncClient, wanted: Sequence[Selected], scope: Scope) -> list[Change]:
    replicas = command.number("replicas")
    changes = []
    for found in await fetch(client, wanted, scope):
        for namespace, name in found.keys:
            target = client.dynamic.resource(found.resource, namespace or None)
            try:
                before = await target.get(name, subresource="scale")
            except NotFoundError as error:
                raise UsageError(f"{found.resource.singular or found.resource.kind} {name} has no scale") from error
            now = (before.get("spec") or {}).get("replicas") or 0
            if command.has("current-replicas") and command.number("current-replicas") not in (-1, now):
                raise UsageError(f"{meta.name(before)} has {now} replicas, not {command.number('current-replicas')}")
            patch = {"spec": {"replicas": replicas}} if now != replicas else None
            changes.append(Change(found.resource, name, before, patch, "scaled", subresource="scale"))
    return changes
