"""Changing a part of objects: a patch each.

Every verb that changes a part (scale, label, annotate, patch, rollout) makes `Change` values; what is sent, gated
and shown is the same for all (`changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.patch import json_patch, merge_patch
from kmagic.errors import KubeError, UnsupportedMediaTypeError
from kmagic.magics.results.outcome import NOT_DONE, Outcome
from kmagic.magics.work.changes import Changes, carry_out
from kmagic.magics.work.printing import printing
from kmagic.views.yaml import same_wish

if TYPE_CHECKING:
    from kmagic.api.options import PatchType
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.results.cards import KApply, KDelete, KPlan
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.changes import Step
    from kmagic.rest.resource import APIResource

__all__ = ("Change", "make")


@dataclass(frozen=True)
class Change:
    """The step of `changes` that patches one object.

    Attributes:
        before: The object, or its subresource, as read.
        patch: The patch to send; None where there is nothing to change.
        done: The action in the result: ``scaled``, ``labeled``.
        same: The action where nothing was to be changed.
        said_same: Kubectl's words where nothing was.
        shown: The object that ``-o`` shows, where that is not what is patched.
        wanted: The object as it would be, where that is known without the server.
        type: ``merge``, ``json`` or ``strategic``.
        manager: The field manager.
    """

    resource: APIResource
    name: str
    before: JSONObject
    patch: Any
    done: str = "patched"
    type: PatchType = "merge"
    subresource: str = ""
    manager: str = "kmagic"
    same: str = "unchanged"
    said_same: str = ""
    shown: JSONObject | None = None
    wanted: JSONObject | None = None
    silent_same: bool = False
    kind: str = ""

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Sends the patch, if there is something to change.

        Raises:
            KubeError: The server refused it.
        """
        if self.patch is None:
            return self._outcome(self.same, self.before)
        target = client.dynamic.resource(self.resource, meta.namespace(self.before) or None)
        after = await target.patch(
            self.name,
            self.patch,
            type=self.type,
            subresource=self.subresource,
            dry_run=dry_run,
            field_manager=self.manager,
        )
        same = same_wish(self.before, after, with_status=self.subresource == "status")
        return self._outcome(self.same if same else self.done, after)

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """Returns its outcome after a refusal."""
        if isinstance(error, UnsupportedMediaTypeError) and self.type == "strategic":
            error.hint = f"{self.resource.kind} is a custom type, which has no strategic patches: add --type merge"
        return replace(self.outcome("failed"), error=error)

    def outcome(self, action: str) -> Outcome:
        """Returns its outcome without a request."""
        return self._outcome(action, None if action in NOT_DONE else self.before)

    def tried(self) -> Outcome:
        """Returns its outcome in a client-side dry run."""
        return self._outcome(self.same if self.patch is None else self.done, self.wanted or self._patched())

    def _patched(self) -> JSONObject:
        """The object with the patch, as far as it is known without the server: who merges strategically has a schema."""
        if self.patch is None or self.type == "strategic":
            return self.before
        patched: JSONObject
        patched = json_patch(self.before, self.patch) if self.type == "json" else merge_patch(self.before, self.patch)  # type: ignore[assignment]  # an object stays one
        return patched

    def _outcome(self, action: str, after: JSONObject | None) -> Outcome:
        return Outcome(
            action,
            self.name,
            meta.namespace(self.before),
            self.resource,
            subresource=self.subresource,
            before=self.before,
            after=after,
            shown=self.shown,
            said=self.said_same if action == self.same else "",
            silent=self.silent_same and action == self.same,
            kind=self.kind,
        )


def make(
    command: Command,
    session: Session,
    read: Callable[[AsyncClient], Coroutine[Any, Any, Sequence[Step]]],
    *,
    note_below: bool = False,
) -> KApply | KDelete | KPlan:
    """Reads, then sends the changes, or makes a plan where the target is protected.

    Args:
        command: Its ``--dry-run`` and ``--field-manager`` count.
        session: The session of the notebook.
        read: Reads the objects and says what to change.
        note_below: Of a dry run kubectl's lines say nothing: it is said below them.

    Raises:
        KubeError: A change was refused; the card before it says which were made.
    """
    place = session.place_for(command)
    manager = command.text("field-manager")
    read_steps = session.run(command, read(place.client))
    steps = [replace(each, manager=manager) if isinstance(each, Change) else each for each in read_steps]
    changes = Changes(
        command, place, tuple(steps), every=command.on("all"), printed=printing(command), note_below=note_below
    )
    return carry_out(changes, session)
