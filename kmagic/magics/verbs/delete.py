"""``%kdelete``: deletes by name, selector or manifest; says what is gone and what keeps the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kmagic.errors import NotFoundError
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.language.selection import chosen
from kmagic.magics.results.cards import KDelete
from kmagic.magics.results.values import KValues
from kmagic.magics.work import applying
from kmagic.magics.work.changes import Changes, carry_out
from kmagic.magics.work.deleting import Delete, DeleteOptions, wait_gone
from kmagic.magics.work.fetch import fetch, scope_of

if TYPE_CHECKING:
    from kmagic.api.options import Propagation
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.results.outcome import Outcome
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.telling import Say
    from kmagic.rest.resource import APIResource

__all__ = ("run",)

_WAIT_SECONDS = 60.0
Objects = list[tuple["APIResource", "JSONObject"]]


def run(command: Command, session: Session) -> object:
    """Deletes, or makes a plan where the target is protected.

    Returns:
        A `KDelete`, with ``-o name`` the names, or an unapplied `KPlan`.

    Raises:
        KubeError: Something was not deleted; the card before it says what was.
    """
    place = session.place_for(command)
    options = _options(command)
    # As in kubectl, 0 leaves the time to the server; a notebook does not wait for ever.
    seconds = command.seconds("timeout") or _WAIT_SECONDS
    objects = session.run(command, _objects(command, place.client, session.namespace_for(command)))

    async def until_gone(done: list[Outcome], say: Say) -> None:
        done[:] = await wait_gone(place.client, done, seconds, say)

    waits = command.on("wait") and not command.on("force")
    changes = Changes(
        command,
        place,
        tuple(Delete(*each, options) for each in objects),
        card=KDelete,
        what_failed="objects were not deleted",
        every=command.on("all"),
        force=command.on("force"),
        collects=options.propagation != "Orphan",
        quiet=command.has("output"),
        settle=until_gone if waits else None,
    )
    result = carry_out(changes, session)
    if command.has("output") and isinstance(result, KDelete):
        names = [each.what for each in result]
        return KValues(names, "\n".join(names))
    return result


async def _objects(command: Command, client: AsyncClient, namespace: str | None) -> Objects:
    """The objects to delete, as they are now."""
    if command.body is not None or command.values("filename"):
        return await _of_manifests(command, client, namespace)
    wanted = chosen(command)
    found = await fetch(client, wanted, scope_of(command, namespace))
    return [(each.resource, obj) for each in found for obj in each.objects]


async def _of_manifests(command: Command, client: AsyncClient, namespace: str | None) -> Objects:
    found: Objects = []
    for manifest in reversed(manifests_of(command)):
        resource = await applying.resolve(client, manifest)
        where = (manifest.namespace or namespace) if resource.namespaced else None
        try:
            found.append((resource, await client.dynamic.resource(resource, where).get(manifest.name)))
        except NotFoundError:
            if not command.on("ignore-not-found"):
                raise
    return found


def _options(command: Command) -> DeleteOptions:
    grace: int | None = command.number("grace-period")
    if command.number("grace-period") < 0:
        grace = None
    if command.on("now"):
        grace = 1
    if command.on("force"):
        grace = 0
    # The flag's choices are these words.
    return DeleteOptions(cast("Propagation", command.text("cascade").capitalize()), grace)
