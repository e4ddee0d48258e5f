"""``%%kapply``: server-side apply of the cell's manifests; shows what was created and which fields changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.language.flags import DryRun
from kmagic.magics.language.manifest import manifests_to_send
from kmagic.magics.results.cards import KApply
from kmagic.magics.work import output
from kmagic.magics.work.applying import Apply, ApplyOptions
from kmagic.magics.work.changes import Changes, carry_out
from kmagic.magics.work.creating import VALIDATION

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.place import Place
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Applies, or makes a plan where the target is protected.

    Returns:
        A `KApply`, with ``-o`` the objects as text or values, or an unapplied `KPlan`.

    Raises:
        KubeError: Something was not applied; the card before it says what was.
    """
    output.check_output(command, tables=False)
    if command.has("server-side") and DryRun.of(command) is DryRun.CLIENT:
        raise command.usage_error(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)", at="--dry-run"
        )
    place = session.place_for(command)
    options = _options(command, place)
    changes = Changes(
        command,
        place,
        tuple(Apply(manifest, options) for manifest in manifests_to_send(command)),
        what_failed="manifests were not applied",
        plan=command.on("plan"),
        quiet=command.has("output"),
    )
    result = carry_out(changes, session)
    if command.has("output") and isinstance(result, KApply):
        return output.show_objects(command, result, place.target)
    return result


def _options(command: Command, place: Place) -> ApplyOptions:
    return ApplyOptions(
        namespace=place.target.namespace,
        explicit=command.has("namespace"),
        field_manager=command.text("field-manager"),
        force=command.on("force-conflicts"),
        said="serverside-applied" if command.has("server-side") else "",
        validation=VALIDATION[command.text("validate") or "strict"],
    )
