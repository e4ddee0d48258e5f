"""``%%kapply``: server-side apply of the cell's manifests; shows what was created and which fields changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmagic.errors import GateError, KubeError
from kmagic.magics.apply import Applied, ApplyOptions, apply_all, moved_since
from kmagic.magics.cards import KApply, KPlan, announce
from kmagic.magics.manifest import Manifest, manifests_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Session

__all__ = ("run",)

_VALIDATION = {"strict": "Strict", "true": "Strict", "warn": "Warn", "ignore": "Ignore", "false": "Ignore"}


def run(command: Command, session: Session) -> object:
    """Applies, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.

    Raises:
        KubeError: Something was not applied; the card before it says what was.
    """
    manifests = manifests_of(command)
    options = _options(command, session)
    if command.text("dry-run") == "client":
        return _shown(_unsent(manifests, session))
    if options.dry_run:
        return _shown(_apply(command, session, manifests, options))
    if command.on("plan") or session.needs_plan(command):
        return _plan(command, session, manifests, options)
    return _shown(_apply(command, session, manifests, options))


def _options(command: Command, session: Session) -> ApplyOptions:
    return ApplyOptions(
        namespace=session.namespace_for(command) or "default",
        explicit=command.has("namespace"),
        field_manager=command.text("field-manager"),
        force=command.on("force-conflicts"),
        dry_run=command.text("dry-run", "none") != "none",
        validation=_VALIDATION[command.text("validate") or "strict"],
    )


def _apply(command: Command, session: Session, manifests: Sequence[Manifest], options: ApplyOptions) -> KApply:
    place = session.place_for(command)
    done: list[Applied] = []
    note = "server dry run" if options.dry_run else "server-side applied"
    try:
        session.run(command, apply_all(place.client, manifests, options, done))
    except BaseException:
        # Interrupted or cut off: say how far it came before the error shows.
        rest = [Applied(each, "not tried") for each in manifests[len(done) :]]
        if done:
            announce(KApply([*done, *rest], place.target, note=note))
        raise
    for each in done:
        if each.resource is not None and each.after is not None and not options.dry_run:
            session.memory.saw_objects(each.resource, [(each.namespace, each.manifest.name)])
    return KApply(done, place.target, note=note)


def _unsent(manifests: Sequence[Manifest], session: Session) -> KApply:
    outcomes = [Applied(each, "valid", after=each.obj) for each in manifests]
    return KApply(outcomes, session.target, note="client dry run: nothing was sent")


def _shown(result: KApply) -> KApply:
    """Announces the result; failures are raised after it, so that Run All stops."""
    if result.ok:
        announce(result)
        return result
    if len(result) > 1:
        announce(result)
    errors = result.errors
    if len(errors) == 1:
        raise errors[0]
    raise KubeError(f"{len(errors)} of {len(result)} manifests were not applied") from errors[0]


def _plan(command: Command, session: Session, manifests: Sequence[Manifest], options: ApplyOptions) -> KPlan:
    preview = _apply(command, session, manifests, replace(options, dry_run=True))
    if not preview.ok:
        _shown(preview)
    place = session.place_for(command)

    def apply() -> KApply:
        changed = session.run(command, moved_since(place.client, list(preview)))
        if changed:
            raise GateError(
                f"{', '.join(changed)} changed since the plan was made", hint="run the cell again for a new plan"
            )
        with place.approved():
            return _shown(_apply(command, session, manifests, options))

    return session.gate(KPlan(preview, apply))
