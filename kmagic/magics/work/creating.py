"""Creating objects: the step of `changes` that posts one, and what every verb that creates has in common."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.codec import encode_json
from kmagic.api.meta import LAST_APPLIED
from kmagic.errors import UsageError
from kmagic.magics.language.flags import DryRun
from kmagic.magics.results.next_cell import offer_cell
from kmagic.magics.results.outcome import NOT_DONE, Outcome
from kmagic.magics.work.changes import Changes, carry_out
from kmagic.magics.work.generators.parts import resource_of
from kmagic.magics.work.printing import check_printing, printing
from kmagic.views.yaml import to_yaml

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.errors import KubeError
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.language.manifest import Manifest
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = (
    "VALIDATION",
    "Create",
    "annotated",
    "create",
    "create_generated",
    "in_its_namespace",
    "namespace_of",
    "random_suffix",
)

# As k8s.io/apimachinery/pkg/util/rand: no vowels, nothing that looks like another one.
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"

VALIDATION = {"strict": "Strict", "true": "Strict", "warn": "Warn", "ignore": "Ignore", "false": "Ignore"}


def random_suffix() -> str:
    """Five random letters that make a name its own."""
    return "".join(random.choices(_LETTERS, k=5))


@dataclass(frozen=True)
class Create:
    """The step of `changes` that creates an object.

    Attributes:
        namespace: Namespace; "" for a type without one.
        done: The word of the result: ``created``, ``exposed``.
        dry: The word of a client-side dry run; "" for the same.
    """

    resource: APIResource
    obj: JSONObject
    namespace: str = ""
    done: str = "created"
    dry: str = ""
    manager: str = "kmagic"
    validation: str = "Strict"

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Creates it.

        Raises:
            KubeError: The server refused it.
        """
        after = await client.dynamic.resource(self.resource, self.namespace or None).create(
            self.obj, dry_run=dry_run, field_manager=self.manager, field_validation=self.validation
        )
        return replace(self.outcome(self.done), name=meta.name(after), after=after)

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """The outcome after it was refused."""
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        """The outcome without being sent."""
        after = None if action in NOT_DONE else self.obj
        return Outcome(action, meta.name(self.obj), self.namespace, self.resource, after=after)

    def tried(self) -> Outcome:
        """The outcome of a client-side dry run."""
        return self.outcome(self.dry or self.done)


def create_generated(
    command: Command, session: Session, obj: JSONObject, done: str = "created", dry: str = ""
) -> object:
    """Creates an object that a generator made, or makes a plan where the target is protected."""
    place = session.place_for(command)
    resource = resource_of(obj)
    obj = in_its_namespace(command, obj, place, namespaced=resource.namespaced)
    return create(command, session, place, [(resource, obj)], done, dry)


def in_its_namespace(command: Command, obj: JSONObject, place: Place, *, namespaced: bool) -> JSONObject:
    """The object with the namespace that ``-n`` says, which is written into it as kubectl writes it."""
    if not namespaced or not command.has("namespace"):
        return obj
    return {**obj, "metadata": {**obj["metadata"], "namespace": place.target.namespace}}


def namespace_of(command: Command, place: Place, manifest: Manifest, resource: APIResource) -> str:
    """The namespace of a manifest's object: the one that it says, else the one the command works in; "" without any.

    Raises:
        UsageError: It says another one than ``-n``.
    """
    namespace, own = place.target.namespace, manifest.namespace
    if not resource.namespaced:
        return ""
    if own and command.has("namespace") and own != namespace:
        raise UsageError(
            f'the namespace from the provided object "{own}" does not match the namespace "{namespace}". '
            f"You must pass '--namespace={own}' to perform this operation."
        )
    return own or namespace


def create(
    command: Command,
    session: Session,
    place: Place,
    objects: Sequence[tuple[APIResource, JSONObject]],
    done: str = "created",
    dry: str = "",
) -> object:
    """Creates objects, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    check_printing(command)
    steps = tuple(
        Create(
            resource,
            annotated(obj) if command.on("save-config") else obj,
            (meta.namespace(obj) or place.target.namespace) if resource.namespaced else "",
            done,
            dry,
            command.text("field-manager"),
            VALIDATION[command.text("validate", "strict")],
        )
        for resource, obj in objects
    )
    changes = Changes(command, place, steps, what_failed="objects were not created", printed=printing(command))
    result = carry_out(changes, session)
    if DryRun.of(command) is DryRun.CLIENT and command.text("output") == "yaml" and not session.headless():
        _offer([obj for _, obj in objects])
    return result


def _offer(objects: Sequence[JSONObject]) -> None:
    """Puts a cell that applies the objects below this one, ready to edit; none that would hold a Secret's values."""
    if all(obj.get("kind") != "Secret" for obj in objects):
        offer_cell("%%kapply\n" + "---\n".join(map(to_yaml, objects)))


def annotated(obj: JSONObject) -> JSONObject:
    """The object with itself in the annotation that ``kubectl apply`` compares with."""
    metadata: dict[str, Any] = obj["metadata"]
    note = f"{encode_json(obj).decode()}\n"
    return {**obj, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), LAST_APPLIED: note}}}
