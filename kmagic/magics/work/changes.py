"""The one way of everything that changes objects: decided, checked, sent one by one, reported.

A verb decides `Changes`: which objects, how each is changed, and where. From then on nothing asks where the notebook
is: a plan that is applied later goes to the client, namespace and objects that it was made for, and only if these
objects are still as they were. The before and after of every object pass through `_send`, so what is to know of
every change (names for completion now, undo and audit) is reported there.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from kmagic.api import meta
from kmagic.errors import GateError, KubeError, NoMatchError, NotFoundError, StatusError, UsageError, WaitError
from kmagic.magics.language.flags import DryRun
from kmagic.magics.results.cards import KApply, KDelete, KPlan, keep_result
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.cascade import count_collected
from kmagic.magics.work.telling import Say, telling
from kmagic.safety.approval import Demand, Touched, demand
from kmagic.views.yaml import same_wish

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session

__all__ = ("Changes", "Step", "carry_out", "moved_since")


class Step(Protocol):
    """One object's change, decided."""

    async def send(self, client: AsyncClient, *, dry_run: bool, done: Sequence[Outcome]) -> Outcome:
        """Sends it.

        Args:
            client: Client to send with.
            dry_run: The server answers as if, and keeps nothing.
            done: The outcomes of the steps before.

        Raises:
            KubeError: It was refused; a `StatusError`, `NoMatchError` or `UsageError` does not stop the other steps.
        """

    async def failed(self, client: AsyncClient, error: KubeError) -> Outcome:
        """Returns its outcome after a refusal, with the error as a person needs it."""

    def outcome(self, action: str) -> Outcome:
        """Returns its outcome without a request: ``not tried``."""

    def tried(self) -> Outcome:
        """Returns its outcome in a client-side dry run."""


_GONE = ("deleted", "evicted")


@dataclass(frozen=True)
class Changes:
    """Changes that were decided.

    Attributes:
        command: The command of the changes; its flags bound the time of requests.
        place: Destination, whatever happens to the notebook.
        card: Card of the outcomes.
        note: Note on the card beside each object that was sent.
        what_failed: ``manifests were not applied``, after "2 of 3".
        plan: Show what would change and stop there, also where the target asks for no plan.
        every: The steps are for every object of a type.
        force: Deleted objects are not waited for.
        collects: The objects' dependents are deleted with them.
        quiet: The card is shown only where something was not done; the command shows the objects itself.
        settle: The work after the sending, which changes the outcomes in place: waiting until objects are gone.
        note_below: The note stands below kubectl's lines, which do not have it.
        printed: Makes the text that ``-o`` asks for of the objects, instead of the lines that say what was done.
    """

    command: Command
    place: Place
    steps: tuple[Step, ...]
    card: type[KApply] | type[KDelete] = KApply
    note: str = ""
    what_failed: str = "objects were not changed"
    plan: bool = False
    every: bool = False
    force: bool = False
    collects: bool = False
    quiet: bool = False
    settle: Callable[[list[Outcome], Say], Coroutine[Any, Any, None]] | None = None
    printed: Callable[[Sequence[JSONObject]], str] | None = None
    note_below: bool = False

    def told(self, outcomes: Sequence[Outcome], note: str, foot: str = "") -> KApply | KDelete:
        """The outcomes as a card."""
        if note and self.note_below:
            note, foot = "", "\n".join(filter(None, (f"    {note}", foot)))
        return self.card(outcomes, self.place.target, note=note, foot=foot)


def carry_out(changes: Changes, session: Session) -> KApply | KDelete | KPlan:
    """Sends changes, or makes a plan of them where the target is protected or the command asks for one.

    Returns:
        What was done, or a plan that waits.

    Raises:
        KubeError: Something was not done; the card before it says what was, and `keep_result` keeps it.
    """
    changes = _at_its_level(changes, session)
    dry_run = DryRun.of(changes.command)
    if dry_run is DryRun.CLIENT:
        return _shown(changes, session, changes.told([step.tried() for step in changes.steps], "dry run"))
    if dry_run is DryRun.SERVER:
        return _shown(changes, session, _send(changes, session, dry_run=True))
    if not changes.steps or not (changes.plan or session.needs_plan(changes.place)):
        return _shown(changes, session, _send(changes, session))
    return _planned(changes, session)


def _at_its_level(changes: Changes, session: Session) -> Changes:
    """The changes at the most careful place that one of their objects is in: some namespaces are always protected."""
    if not session.needs_plan(changes.place):
        for namespace in {step.outcome("not tried").namespace for step in changes.steps} - {""}:
            place = changes.place.at(namespace)
            if session.needs_plan(place):
                return replace(changes, place=place)
    return changes


def _planned(changes: Changes, session: Session) -> KApply | KDelete | KPlan:
    preview = _send(changes, session, dry_run=True)
    if not preview.ok:
        return _shown(changes, session, preview)

    def apply(plan: KPlan, said: str) -> KApply | KDelete:
        return session.heard.while_doing(changes.command, lambda: approved(plan, said))

    def approved(plan: KPlan, said: str) -> KApply | KDelete:
        session.admit(plan, said)
        moved = session.run(changes.command, moved_since(changes.place.client, tuple(preview)), changes.place)
        if moved:
            plan.discard()
            raise GateError(
                f"{', '.join(moved)} changed since the plan was made", hint="run the cell again for a new plan"
            )
        plan.spend()
        with changes.place.approved():
            loud = replace(changes, quiet=False)
            return _shown(loud, session, _send(loud, session, foot=f"applied to {changes.place.target.badge}"))

    wanted = Demand()
    if session.needs_plan(changes.place):
        wanted = session.run(changes.command, _demanded(changes, tuple(preview)), changes.place)
    return session.gate(KPlan(preview, apply, wanted))


async def _demanded(changes: Changes, planned: Sequence[Outcome]) -> Demand:
    """Returns the words that apply the changes."""
    deleted = [each for each in planned if each.action in _GONE]
    counted = deleted and changes.collects
    return demand(
        [
            Touched(each.resource.full_name, each.name, each.action in _GONE, each.before, each.after)
            for each in planned
            if each.resource is not None
        ],
        every=changes.every,
        force=changes.force,
        collected=await count_collected(changes.place.client, deleted) if counted else 0,
    )


def _send(changes: Changes, session: Session, *, dry_run: bool = False, foot: str = "") -> KApply | KDelete:
    """Sends the steps one by one; what they did is known also when an interrupt or a lost connection ends it early."""
    begun: list[Step] = []
    done: list[Outcome] = []
    note = "server dry run" if dry_run else changes.note
    client = changes.place.client
    try:
        session.run(changes.command, _send_all(changes.steps, client, dry_run, begun, done), changes.place)
        if (settle := changes.settle) is not None and not dry_run:
            # A wait has a time of its own, which is no request's.
            telling(session.runtime, lambda say: settle(done, say))
    except BaseException as error:
        # An interrupt comes back before the loop has ended the step under way.
        cut = [step.outcome("interrupted") for step in begun[len(done) :]]
        rest = [step.outcome("not tried") for step in changes.steps[len(begun) :]]
        result = changes.told([*done, *cut, *rest], note, foot)
        if begun:
            session.announce(result)
        keep_result(error, result)
        raise
    finally:
        if not dry_run:
            _remember(changes.place, done)
    return changes.told(done, note, foot)


async def _send_all(
    steps: Sequence[Step], client: AsyncClient, dry_run: bool, begun: list[Step], done: list[Outcome]
) -> None:
    for step in steps:
        begun.append(step)
        try:
            done.append(await step.send(client, dry_run=dry_run, done=done))
        except (StatusError, NoMatchError, UsageError) as error:
            done.append(await step.failed(client, error))
        except KubeError as error:
            done.append(await step.failed(client, error))
            raise


def _remember(place: Place, done: Sequence[Outcome]) -> None:
    for each in done:
        if each.resource is None or not each.done:
            continue
        if each.action in _GONE:
            place.memory.forgot_object(each.resource, each.namespace, each.name)
        else:
            place.memory.saw_objects(each.resource, [(each.namespace, each.name)])


def _shown(changes: Changes, session: Session, result: KApply | KDelete) -> KApply | KDelete:
    """Announces the result; failures are raised after it, so that Run All stops."""
    errors = result.errors
    if changes.printed is not None and result.ok:
        try:
            result.show_as(changes.printed([each.shown or each.after or each.before or {} for each in result]))
        except KubeError as error:
            # What was asked for cannot be shown, but it was done.
            session.announce(result)
            keep_result(error, result)
            raise
    if not (result.ok and changes.quiet) and (result.ok or len(result) > 1 or not errors):
        session.announce(result)
    if result.ok:
        return result
    failure: KubeError
    if len(errors) == 1:
        failure = errors[0]
    elif errors:
        failure = KubeError(f"{len(errors)} of {len(result)} {changes.what_failed}")
        failure.__cause__ = errors[0]
    else:
        left = sum(not each.done for each in result)
        failure = WaitError(
            f"{left} of {len(result)} objects are still there",
            hint="they are being deleted; what keeps them is named above",
        )
    keep_result(failure, result)
    raise failure


async def moved_since(client: AsyncClient, planned: Sequence[Outcome]) -> list[str]:
    """Returns the objects that have changed since a plan was made; their status alone does not count."""
    moved = []
    for each in planned:
        if each.resource is None:
            continue
        target = client.dynamic.resource(each.resource, each.namespace or None)
        try:
            now: JSONObject | None = await target.get(each.name, subresource=each.subresource)
        except NotFoundError:
            now = None
        if not _is_as_it_was(each.before, now, with_status=each.subresource == "status"):
            moved.append(each.what)
    return moved


def _is_as_it_was(before: JSONObject | None, now: JSONObject | None, *, with_status: bool) -> bool:
    if before is None or now is None:
        return before is now
    if meta.uid(before) != meta.uid(now) or meta.deletion_timestamp(before) != meta.deletion_timestamp(now):
        return False
    same_version = meta.resource_version(before) == meta.resource_version(now)
    return same_version or same_wish(before, now, with_status=with_status)
