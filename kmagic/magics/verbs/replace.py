"""``%kreplace``: objects replaced by their manifests, whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.errors import ConflictError
from kmagic.magics.language.manifest import manifests_to_send
from kmagic.magics.results.outcome import NOT_DONE, Outcome
from kmagic.magics.work import applying
from kmagic.magics.work.changes import Changes, carry_out
from kmagic.magics.work.creating import VALIDATION, annotated, namespace_of
from kmagic.magics.work.printing import printing

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.errors import KubeError
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)


@dataclass(frozen=True)
class _Replace:
    """The step of `changes` that replaces one object."""

    resource: APIResource
    before: JSONObject
    obj: JSONObject
    manager: str
    validation: str

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Replaces it.

        Raises:
            KubeError: The server refused it.
        """
        # A manifest that names no version is for whichever is there, as with kubectl.
        version = meta.resource_version(self.obj) or meta.resource_version(self.before)
        obj = {**self.obj, "metadata": {**self.obj["metadata"], "resourceVersion": version}}
        target = client.dynamic.resource(self.resource, meta.namespace(self.before) or None)
        after = await target.update(obj, dry_run=dry_run, field_manager=self.manager, field_validation=self.validation)
        return replace(self.outcome("replaced"), after=after)

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """The outcome after it was refused."""
        if isinstance(error, ConflictError) and meta.resource_version(self.obj):
            what = f"{self.resource.kind_name}/{meta.name(self.before)}"
            error.hint = f"it changed meanwhile: %kedit {what} gives a cell with it as it is now"
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        """The outcome without being sent."""
        after = None if action in NOT_DONE else self.obj
        namespace = meta.namespace(self.before)
        return Outcome(action, meta.name(self.before), namespace, self.resource, before=self.before, after=after)

    def tried(self) -> Outcome:
        """The outcome of a client-side dry run."""
        return self.outcome("replaced")


def run(command: Command, session: Session) -> object:
    """Replaces, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.

    Raises:
        KubeError: Something was not replaced; the card before it says what was.
    """
    place = session.place_for(command)
    printed = printing(command)
    if command.body is None and not command.values("filename"):
        raise command.usage_error("must specify --filename to replace")
    steps = session.run(command, _steps(command, place))
    changes = Changes(command, place, tuple(steps), what_failed="objects were not replaced", printed=printed)
    return carry_out(changes, session)


async def _steps(command: Command, place: Place) -> list[_Replace]:
    steps = []
    for manifest in manifests_to_send(command):
        resource = await applying.resolve(place.client, manifest)
        where = namespace_of(command, place, manifest, resource) or None
        before = await place.client.dynamic.resource(resource, where).get(manifest.name)
        obj = annotated(manifest.obj) if command.on("save-config") else manifest.obj
        manager, validation = command.text("field-manager"), VALIDATION[command.text("validate", "strict")]
        steps.append(_Replace(resource, before, obj, manager, validation))
    return steps
