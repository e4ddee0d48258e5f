"""Changing a part of objects: a patch each, planned where the target is protected, told with what changed.

Every verb that changes a part (scale, label, annotate, patch, rollout) makes `Change` values; what is sent, gated
and shown is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.errors import GateError, KubeError, StatusError, UnsupportedMediaTypeError
from kmagic.magics.apply import Applied, moved_since
from kmagic.magics.cards import KApply, KPlan, announce
from kmagic.magics.manifest import Manifest, Source
from kmagic.views.yaml import neat

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("Change", "make")


@dataclass(frozen=True)
class Change:
    """One object's change.

    Attributes:
        before: The object, or its subresource, as read.
        patch: What to send; None where there is nothing to change.
        done: What the result says: ``scaled``, ``labeled``.
        type: ``merge``, ``json`` or ``strategic``.
    """

    resource: APIResource
    name: str
    before: JSONObject
    patch: Any
    done: str = "patched"
    type: str = "merge"
    subresource: str = ""

    @property
    def namespace(self) -> str:
        """The object's namespace, or ""."""
        return meta.namespace(self.before)

    def outcome(self, action: str, after: JSONObject | None = None, error: KubeError | None = None) -> Applied:
        """What became of it, as cards show it."""
        named = Manifest({"kind": self.resource.kind, "metadata": {"name": self.name}}, Source(""), 1, 1)
        return Applied(named, action, self.resource, self.namespace, self.before, after, error)


def make(
    command: Command, session: Session, read: Callable[[AsyncClient], Coroutine[Any, Any, list[Change]]]
) -> KApply | KPlan:
    """Reads, then sends the changes, or makes a plan where the target is protected.

    Args:
        command: Its ``--dry-run`` and ``--field-manager`` count.
        session: Where.
        read: Reads the objects and says what to change; called again when a plan is applied.

    Raises:
        KubeError: A change was refused; the card before it says which were made.
    """
    client = session.place_for(command).client
    changes = session.run(command, read(client))
    dry_run = command.text("dry-run", "none")
    if dry_run == "client":
        outcomes = [each.outcome(each.done, each.before) for each in changes]
        return _shown(KApply(outcomes, session.place_for(command).target, note="client dry run: nothing was sent"))
    if dry_run == "server":
        return _shown(_send(command, session, changes, dry_run=True))
    if not session.needs_plan(command):
        return _shown(_send(command, session, changes))
    preview = _send(command, session, changes, dry_run=True)
    if not preview.ok:
        return _shown(preview)

    def carry_out() -> KApply:
        moved = session.run(command, moved_since(client, list(preview)))
        if moved:
            raise GateError(
                f"{', '.join(moved)} changed since the plan was made", hint="run the cell again for a new plan"
            )
        with session.place_for(command).approved():
            return _shown(_send(command, session, changes))

    return session.gate(KPlan(preview, carry_out))


def _send(command: Command, session: Session, changes: Sequence[Change], *, dry_run: bool = False) -> KApply:
    place = session.place_for(command)
    manager = command.text("field-manager") or "kmagic"
    done: list[Applied] = []
    note = "server dry run" if dry_run else ""
    try:
        session.run(command, _send_all(place.client, changes, manager, dry_run, done))
    except BaseException:
        # Interrupted or cut off: say how far it came before the error shows.
        rest = [each.outcome("not tried") for each in changes[len(done) :]]
        if done:
            announce(KApply([*done, *rest], place.target, note=note))
        raise
    return KApply(done, place.target, note=note)


async def _send_all(
    client: AsyncClient, changes: Sequence[Change], manager: str, dry_run: bool, done: list[Applied]
) -> None:
    for each in changes:
        if each.patch is None:
            done.append(each.outcome("unchanged", each.before))
            continue
        target = client.dynamic.resource(each.resource, each.namespace or None)
        try:
            after = await target.patch(
                each.name,
                each.patch,
                type=each.type,
                subresource=each.subresource,
                dry_run=dry_run,
                field_manager=manager,
            )
        except StatusError as error:
            done.append(each.outcome("failed", error=_explained(each, error)))
            continue
        same = {**neat(each.before), "status": None} == {**neat(after), "status": None} and not each.subresource
        done.append(each.outcome("unchanged" if same else each.done, after))


def _explained(change: Change, error: StatusError) -> StatusError:
    if isinstance(error, UnsupportedMediaTypeError) and change.type == "strategic":
        error.hint = f"{change.resource.kind} is a custom type, which has no strategic patches: add --type merge"
    return error


def _shown(result: KApply) -> KApply:
    """Announces the result; failures are raised after it, so that Run All stops."""
    if result.ok or len(result) > 1:
        announce(result)
    errors = result.errors
    if len(errors) > 1:
        raise KubeError(f"{len(errors)} of {len(result)} objects were not changed") from errors[0]
    if errors:
        raise errors[0]
    return result
