"""``%kdelete``: deletes by name, selector or manifest; says what is gone and what keeps the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.errors import GateError, KubeError, NotFoundError, WaitError
from kmagic.magics import apply
from kmagic.magics.cards import KDelete, KPlan, announce
from kmagic.magics.delete import Deleted, DeleteOptions, delete_all, wait_gone
from kmagic.magics.fetch import fetch, scope_of
from kmagic.magics.manifest import manifests_of
from kmagic.magics.selection import seconds_of, selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)

_WAIT_SECONDS = 60.0
Objects = list[tuple["APIResource", "JSONObject"]]


def run(command: Command, session: Session) -> object:
    """Deletes, or makes a plan where the target is protected.

    Returns:
        A `KDelete`, or an unapplied `KPlan`.

    Raises:
        KubeError: Something was not deleted; the card before it says what was.
    """
    place = session.place_for(command)
    objects = session.run(command, _objects(command, place.client, session.namespace_for(command)))
    dry_run = command.text("dry-run", "none")
    if dry_run == "client":
        return _shown(KDelete([Deleted(*each) for each in objects], place.target, note="client dry run"))
    if dry_run == "none" and session.needs_plan(command):
        return _plan(command, session, objects)
    return _shown(_delete(command, session, objects))


async def _objects(command: Command, client: AsyncClient, namespace: str | None) -> Objects:
    """The objects to delete, as they are now."""
    if command.body is not None or command.values("filename"):
        return await _of_manifests(command, client, namespace)
    wanted = selected(command)
    if not any(each.names for each in wanted) and not (
        command.on("all") or command.text("selector") or command.text("field-selector")
    ):
        raise command.usage_error("say which: names, a selector (-l), or --all for every one of the type")
    found = await fetch(client, wanted, scope_of(command, namespace))
    return [(each.resource, obj) for each in found for obj in each.objects]


async def _of_manifests(command: Command, client: AsyncClient, namespace: str | None) -> Objects:
    found: Objects = []
    for manifest in reversed(manifests_of(command)):
        resource = await apply.resolve(client, manifest)
        where = (manifest.namespace or namespace) if resource.namespaced else None
        try:
            found.append((resource, await client.dynamic.resource(resource, where).get(manifest.name)))
        except NotFoundError:
            if not command.on("ignore-not-found"):
                raise
    return found


def _options(command: Command) -> DeleteOptions:
    grace: int | None = command.number("grace-period") if command.has("grace-period") else None
    if command.on("now"):
        grace = 1
    if command.on("force"):
        grace = 0
    cascade = command.text("cascade") or "background"
    return DeleteOptions(cascade.capitalize(), grace, command.text("dry-run", "none") != "none")


def _delete(command: Command, session: Session, objects: Objects) -> KDelete:
    place = session.place_for(command)
    options = _options(command)
    done: list[Deleted] = []
    note = "server dry run" if options.dry_run else ""
    try:
        session.run(command, delete_all(place.client, objects, options, done))
        if not options.dry_run and command.flags.get("wait") is not False and not command.on("force"):
            seconds = seconds_of(command, "timeout", _WAIT_SECONDS) or _WAIT_SECONDS
            done = session.run(command, wait_gone(place.client, done, seconds))
    except BaseException:
        # Interrupted or cut off: say how far it came before the error shows.
        rest = [Deleted(*each, action="not tried") for each in objects[len(done) :]]
        announce(KDelete([*done, *rest], place.target, note=note))
        raise
    if not options.dry_run:
        for each in done:
            session.memory.forgot_object(each.resource, each.namespace, each.name)
    return KDelete(done, place.target, note=note)


def _shown(result: KDelete) -> KDelete:
    announce(result)
    if result.errors:
        raise result.errors[0] if len(result) == 1 else KubeError(_count(result)) from result.errors[0]
    if result.remaining:
        raise WaitError(_count(result), hint="they are being deleted; what keeps them is named above")
    return result


def _count(result: KDelete) -> str:
    left = len(result.remaining) + len(result.errors)
    return f"{left} of {len(result)} objects are still there"


def _plan(command: Command, session: Session, objects: Sequence[tuple[APIResource, JSONObject]]) -> KPlan:
    place = session.place_for(command)
    preview = KDelete([Deleted(*each) for each in objects], place.target, note="planned")

    def carry_out() -> KDelete:
        now = session.run(command, _objects(command, place.client, session.namespace_for(command)))
        if {_identity(each) for each in now} != {_identity(each) for each in objects}:
            raise GateError("other objects match now than when the plan was made", hint="run the cell again")
        with place.approved():
            return _shown(_delete(command, session, now))

    return session.gate(KPlan(preview, carry_out))


def _identity(each: tuple[APIResource, JSONObject]) -> str:
    uid: str = each[1]["metadata"]["uid"]
    return uid
