"""Labels and annotations set and removed: ``KEY=VALUE`` and ``KEY-``, for `%klabel` and `%kannotate`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.errors import UsageError
from kmagic.magics.language.selection import Selected, chosen
from kmagic.magics.results.values import KText
from kmagic.magics.work.fetch import Scope, fetch, scope_of
from kmagic.magics.work.patches import Change, make
from kmagic.safety.salt import SALT
from kmagic.views.masking import mask_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("change_metadata", "split_pairs")


def split_pairs(command: Command) -> tuple[Command, dict[str, str | None]]:
    """The command with only its objects, and what to set; None removes a key.

    Raises:
        UsageError: There is nothing to set, a key is twice, or objects come after it.
    """
    words = command.arguments
    first = next((at for at, word in enumerate(words) if _is_pair(word)), len(words))
    pairs: dict[str, str | None] = {}
    for word in words[first:]:
        if not _is_pair(word):
            raise command.usage_error("objects come first, then KEY=VALUE or KEY-", at=word)
        key, equals, value = word.partition("=")
        key = key if equals else word[:-1]
        if not key:
            raise command.usage_error(f"{word!r} has no key", at=word)
        if key in pairs:
            raise command.usage_error(f"{key} is given twice", at=word)
        pairs[key] = value if equals else None
    if not pairs:
        raise command.usage_error("say what to set: KEY=VALUE, or KEY- to remove it")
    return replace(command, arguments=words[:first]), pairs


def _is_pair(word: str) -> bool:
    return "=" in word or (word.endswith("-") and "/" not in word[:1])


def change_metadata(command: Command, session: Session, field: str, done: str) -> object:
    """Sets and removes keys of ``metadata.<field>``.

    Args:
        command: With objects and pairs.
        session: The session of the notebook.
        field: ``labels`` or ``annotations``.
        done: The action in the result.
    """
    if command.on("list"):
        return _listed(command, session, field)
    objects, pairs = split_pairs(command)
    wanted = chosen(objects)
    scope = scope_of(command, session.namespace_for(command))
    overwrite = command.on("overwrite")
    return make(command, session, lambda client: _changes(client, wanted, scope, field, pairs, overwrite, done))


def _listed(command: Command, session: Session, field: str) -> KText:
    """The labels or annotations of each object; nothing is changed."""
    if any(_is_pair(word) for word in command.arguments):
        raise command.usage_error("--list shows what is set: leave KEY=VALUE out, or --list")
    wanted, scope = chosen(command), scope_of(command, session.namespace_for(command))
    found = session.run(command, fetch(session.place_for(command).client, wanted, scope))
    several = not (len(found) == 1 and found[0].single)
    lines: list[str] = []
    for each in found:
        for obj in each.objects:
            if several:
                lines.append(f"Listing {field} for {each.resource.kind}.{each.resource.group}/{meta.name(obj)}:")
            shown = mask_object(obj, SALT)["metadata"].get(field) or {}
            lines += [f"{' ' * several}{key}={value}" for key, value in sorted(shown.items())]
    return KText("\n".join(lines))


async def _changes(
    client: AsyncClient,
    wanted: Sequence[Selected],
    scope: Scope,
    field: str,
    pairs: Mapping[str, str | None],
    overwrite: bool,
    done: str,
) -> list[Change]:
    changes = []
    for found in await fetch(client, wanted, scope):
        for obj in found.objects:
            now: Mapping[str, Any] = (obj.get("metadata") or {}).get(field) or {}
            taken = [key for key, value in pairs.items() if value is not None and now.get(key, value) != value]
            if taken and not overwrite:
                shown = ", ".join(f"{key}={now[key]}" for key in taken)
                raise UsageError(f"{meta.name(obj)} has {shown} already", hint="--overwrite replaces it")
            new = {key: value for key, value in pairs.items() if now.get(key) != value}
            # No version goes with it, as in kubectl: a controller that writes the status now is no conflict.
            patch = {"metadata": {field: new}} if new else None
            changes.append(Change(found.resource, meta.name(obj), obj, patch, done))
    return changes
