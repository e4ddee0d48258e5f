"""``%kpatch``: a patch as JSON or YAML, in the line or in the cell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kmagic.api import meta
from kmagic.api.codec import YAMLError, decode_text, load_yaml_documents
from kmagic.magics.language.flags import DryRun
from kmagic.magics.language.selection import chosen
from kmagic.magics.work.chosen import chosen_objects
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.patches import Change, make

if TYPE_CHECKING:
    from kmagic.api.options import PatchType
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.changes import Step

__all__ = ("run",)

_ONE_WORD = re.compile(r"\{\s*(\w+)\s*\}")


def run(command: Command, session: Session) -> object:
    """Patches, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    if not command.values("filename"):
        chosen(command)
    patch = _patch(command)
    kind = cast("PatchType", command.text("type"))  # the flag's choices
    if (kind == "json") != isinstance(patch, list):
        raise command.usage_error("a json patch is a list of operations, every other patch an object")
    if kind == "strategic" and command.text("output") and DryRun.of(command) is DryRun.CLIENT:
        raise command.usage_error("only the server knows what a strategic patch makes of it: --dry-run=server shows it")
    scope = Scope(session.namespace_for(command))
    subresource = command.text("subresource")

    async def steps(client: AsyncClient) -> list[Step]:
        found, failing = await chosen_objects(command, client, scope.namespace, scope=scope)
        changes = [
            Change(
                each.resource,
                meta.name(obj),
                obj,
                patch,
                "patched",
                kind,
                subresource,
                said_same="patched (no change)",
                # The answer is the scale itself.
                kind="scale.autoscaling" if subresource == "scale" else "",
            )
            for each in found
            for obj in each.objects
        ]
        return [*changes, *failing]

    return make(command, session, steps, note_below=True)


def _patch(command: Command) -> Any:
    """The patch as a value; JSON is YAML."""
    given = [bool(command.text("patch")), bool(command.text("patch-file")), command.body is not None]
    if sum(given) != 1:
        raise command.usage_error("say the patch once: -p, --patch-file, or the cell below %%kpatch")
    text = command.body if command.body is not None else command.text("patch")
    if command.text("patch-file"):
        try:
            text = decode_text(Path(command.text("patch-file")).expanduser().read_bytes())
        except OSError as error:
            raise command.usage_error(f"the file cannot be read: {error.strerror}") from error
        except YAMLError as error:
            raise command.usage_error(f"the file cannot be read: {error.message}") from error
    try:
        documents = load_yaml_documents(text)
    except YAMLError as error:
        raise command.usage_error(f"the patch cannot be read: {error}") from error
    if command.has("patch") and (name := _ONE_WORD.fullmatch(text)):
        # YAML for an object whose one field is null, which is not written on purpose.
        raise command.usage_error(f"{text} is no value here; {{{{{name[1]}}}}} puts in that of a variable", at=text)
    if len(documents) != 1 or not isinstance(documents[0].obj, dict | list):
        raise command.usage_error("a patch is one object, or a list of operations with --type json")
    return documents[0].obj
