"""Labels and annotations set and removed: ``KEY=VALUE`` and ``KEY-``, for `%klabel` and `%kannotate`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.gvk import GroupVersionKind
from kmagic.api.names import label_value_problem
from kmagic.errors import UsageError
from kmagic.magics.language.selection import chosen
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.results.values import KText
from kmagic.magics.work.chosen import Failing, chosen_objects
from kmagic.magics.work.patches import Change, make
from kmagic.magics.work.printing import check_printing
from kmagic.safety.salt import SALT
from kmagic.views.masking import mask_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.changes import Step
    from kmagic.magics.work.fetched import Fetched
    from kmagic.rest.resource import APIResource

__all__ = ("ANNOTATIONS", "LABELS", "Wording", "change_metadata", "split_pairs")


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
    if not pairs and not command.on("list"):
        raise command.usage_error("say what to set: KEY=VALUE, or KEY- to remove it")
    return replace(command, arguments=words[:first]), pairs


def _is_pair(word: str) -> bool:
    return "=" in word or (word.endswith("-") and "/" not in word[:1])


@dataclass(frozen=True)
class Wording:
    """Kubectl's words for a change of one field of ``metadata``.

    Attributes:
        field: ``labels`` or ``annotations``.
        added: The word where keys were set.
        removed: The word where keys were removed.
        both: The word where keys were set and others removed.
        same: The word where nothing had to be changed.
    """

    field: str
    added: str
    removed: str
    both: str
    same: str

    def done(self, pairs: Mapping[str, str | None]) -> str:
        """The word for a change of these keys."""
        removed = [key for key, value in pairs.items() if value is None]
        return self.added if not removed else self.removed if len(removed) == len(pairs) else self.both


LABELS = Wording("labels", "labeled", "unlabeled", "modified", "not labeled")
ANNOTATIONS = Wording("annotations", "annotated", "annotated", "annotated", "annotated")


def change_metadata(command: Command, session: Session, wording: Wording) -> object:
    """Sets and removes keys of ``metadata.labels`` or ``metadata.annotations``; with ``--list`` shows them.

    Args:
        command: With objects and pairs.
        session: The session of the notebook.
        wording: The field, and the words of the result.
    """
    check_printing(command)
    objects, pairs = split_pairs(command)
    for key, value in pairs.items():
        if wording is LABELS and "=" in (value or ""):
            raise command.usage_error(f"invalid label spec: {key}={value}", at=f"{key}={value}")
        if wording is LABELS and (problem := label_value_problem(value or "")):
            raise command.usage_error(f'invalid label value: "{key}={value}": {problem}', at=f"{key}={value}")
    namespace = session.namespace_for(command)
    if not command.values("filename"):
        chosen(objects)
    if command.on("list"):
        if pairs:
            raise command.usage_error("--list shows what is set: leave KEY=VALUE out, or --list")
        place = session.place_for(command)
        found, unread = session.run(command, chosen_objects(objects, place.client, namespace))
        if unread:
            raise unread[0].error
        return KText(_listed(found, wording))

    async def steps(client: AsyncClient) -> list[Step]:
        found, failing = await chosen_objects(objects, client, namespace)
        return [
            *(_change(each.resource, obj, command, wording, pairs) for each in found for obj in each.objects),
            *failing,
        ]

    return make(command, session, steps)


def _change(
    resource: APIResource, obj: JSONObject, command: Command, wording: Wording, pairs: Mapping[str, str | None]
) -> Step:
    now = _now(obj, wording.field)
    taken = [key for key, value in pairs.items() if value is not None and now.get(key, value) != value]
    if taken and not command.on("overwrite"):
        at = Outcome("failed", meta.name(obj), meta.namespace(obj), resource)
        shown = ", ".join(f"{key}={now[key]}" for key in taken)
        return Failing(UsageError(f"{meta.name(obj)} has {shown} already", hint="--overwrite replaces it"), at)
    new = {key: value for key, value in pairs.items() if now.get(key) != value}
    if wording is LABELS:
        missing = [key for key, value in pairs.items() if value is None and key not in now]
        sys.stdout.write("".join(f'label "{key}" not found.\n' for key in missing))
    # No version goes with it, as in kubectl: a controller that writes the status now is no conflict.
    patch = {"metadata": {wording.field: new}} if new else None
    done = wording.done(new)
    return Change(resource, meta.name(obj), obj, patch, done, said_same=wording.same)


def _now(obj: JSONObject, field: str) -> Mapping[str, Any]:
    return (obj.get("metadata") or {}).get(field) or {}


def _listed(found: Sequence[Fetched], wording: Wording) -> str:
    """``KEY=VALUE`` a line, below the object's name where there are several."""
    several = not (len(found) == 1 and found[0].single)
    lines = []
    for obj in (obj for each in found for obj in each.objects):
        # Secrets repeat what they hold in the last-applied annotation.
        shown = sorted(_now(mask_object(obj, SALT), wording.field).items())
        if several:
            gvk = GroupVersionKind.of(obj)
            lines.append(f"Listing {wording.field} for {gvk.kind}.{gvk.group}/{meta.name(obj)}:")
        lines += [f"{' ' * several}{key}={value}" for key, value in shown]
    return "\n".join(lines)
