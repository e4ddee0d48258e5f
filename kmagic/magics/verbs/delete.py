"""``%kdelete``: deletes by name, selector or manifest; says what is gone and what keeps the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kmagic.errors import NotFoundError
from kmagic.magics.language.manifest import manifests_of
from kmagic.magics.results.cards import KDelete
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.results.values import KValues
from kmagic.magics.work import applying
from kmagic.magics.work.changes import Changes, carry_out
from kmagic.magics.work.chosen import Failing, chosen_objects
from kmagic.magics.work.deleting import Delete, DeleteOptions, wait_gone

if TYPE_CHECKING:
    from kmagic.api.options import Propagation
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.telling import Say

__all__ = ("run",)

_WAIT_SECONDS = 60.0


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
    steps = session.run(command, _steps(command, place.client, session.namespace_for(command), options))

    async def until_gone(done: list[Outcome], say: Say) -> None:
        done[:] = await wait_gone(place.client, done, seconds, say)

    waits = command.on("wait") and not command.on("force")
    changes = Changes(
        command,
        place,
        tuple(steps),
        card=KDelete,
        what_failed="objects were not deleted",
        every=command.on("all"),
        force=command.on("force"),
        collects=options.propagation != "Orphan",
        quiet=command.has("output"),
        settle=until_gone if waits else None,
        printed=None if steps or not command.on("ignore-not-found") else lambda _: "",
    )
    result = carry_out(changes, session)
    if command.has("output") and isinstance(result, KDelete):
        names = [each.what for each in result]
        return KValues(names, "\n".join(names))
    return result


async def _steps(
    command: Command, client: AsyncClient, namespace: str | None, options: DeleteOptions
) -> list[Delete | Failing]:
    """A step for each object, as it is now; those that are not there fail in their turn."""
    if command.body is not None or command.values("filename"):
        return await _of_manifests(command, client, namespace, options)
    found, failing = await chosen_objects(command, client, namespace)
    return [*(Delete(each.resource, obj, options) for each in found for obj in each.objects), *failing]


async def _of_manifests(
    command: Command, client: AsyncClient, namespace: str | None, options: DeleteOptions
) -> list[Delete | Failing]:
    steps: list[Delete | Failing] = []
    for manifest in reversed(manifests_of(command)):
        resource = await applying.resolve(client, manifest)
        where = (manifest.namespace or namespace) if resource.namespaced else None
        try:
            found = await client.dynamic.resource(resource, where).get(manifest.name)
        except NotFoundError as error:
            if not command.on("ignore-not-found"):
                at = Outcome("failed", manifest.name, where or "", resource)
                steps.append(Failing(error, at))
        else:
            steps.append(Delete(resource, found, options))
    return steps


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
