"""``%kscale``: how many replicas, for everything that has a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import NotFoundError, UsageError
from kmagic.magics.language.selection import chosen
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.chosen import Failing, chosen_objects
from kmagic.magics.work.patches import Change, make

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.changes import Step
    from kmagic.rest.resource import APIResource

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
    if not command.values("filename"):
        chosen(command)
    namespace = session.namespace_for(command)
    return make(command, session, lambda client: _changes(command, client, namespace))


async def _changes(command: Command, client: AsyncClient, namespace: str | None) -> list[Step]:
    found, failing = await chosen_objects(command, client, namespace)
    if not failing and not any(each.rows for each in found):
        raise UsageError("no objects passed to scale")
    steps = [await _change(command, client, each.resource, obj) for each in found for obj in each.objects]
    return [*steps, *failing]


async def _change(command: Command, client: AsyncClient, resource: APIResource, obj: JSONObject) -> Step:
    namespace, name = meta.namespace(obj), meta.name(obj)
    at = Outcome("failed", name, namespace, resource)
    target = client.dynamic.resource(resource, namespace or None)
    try:
        before = await target.get(name, subresource="scale")
    except NotFoundError:
        return Failing(UsageError(f"{resource.singular or resource.kind} {name} has no scale"), at)
    now = (before.get("spec") or {}).get("replicas") or 0
    if command.has("current-replicas") and command.number("current-replicas") not in (-1, now):
        return Failing(UsageError(f"{name} has {now} replicas, not {command.number('current-replicas')}"), at)
    replicas = command.number("replicas")
    patch = {"spec": {"replicas": replicas}} if now != replicas else None
    return Change(resource, name, before, patch, "scaled", subresource="scale", said_same="scaled", shown=obj)
