"""``%ktaint``: taints of nodes, set and removed.

Source: k8s.io/kubectl/pkg/cmd/taint (taint.go, utils.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.api.names import label_key_problem, label_value_problem
from kmagic.errors import UsageError
from kmagic.magics.language.selection import Selected
from kmagic.magics.work.fetch import fetch, scope_of
from kmagic.magics.work.patches import Change, make

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@dataclass(frozen=True)
class _Taint:
    key: str
    value: str = ""
    effect: str = ""

    @property
    def words(self) -> str:
        """As it is written: ``key=value:Effect``, without what is empty."""
        value = f"={self.value}" if self.value else ""
        return f"{self.key}{value}{':' if self.effect else ''}{self.effect}"

    def matches(self, taint: JSONObject) -> bool:
        """Returns whether this is about `taint`; without an effect it is about all of its key."""
        return taint.get("key") == self.key and (not self.effect or taint.get("effect") == self.effect)


def run(command: Command, session: Session) -> object:
    """Changes the taints, or makes a plan where the target is protected.

    Returns:
        A `KApply`, or an unapplied `KPlan`.
    """
    words, added, removed = _read(command)
    if not command.on("all") and not command.text("selector") and len(words) < 2:
        raise command.usage_error("at least one resource name must be specified since 'all' parameter is not set")
    chosen = () if command.on("all") or command.text("selector") else words[1:]

    async def changes(client: AsyncClient) -> list[Change]:
        resource = await client.mapper.resource_for(words[0].lower())
        if (resource.kind, resource.group) != ("Node", ""):
            says = f"invalid resource type {words[0].lower()}, only node types are supported"
            raise command.usage_error(says, at=words[0])
        found = await fetch(client, [Selected("nodes", chosen)], scope_of(command, None))
        return [_change(command, each.resource, node, added, removed) for each in found for node in each.objects]

    return make(command, session, changes, note_below=True)


def _read(command: Command) -> tuple[tuple[str, ...], list[_Taint], list[_Taint]]:
    """The words before the taints, the taints to set and those to remove."""
    words = command.arguments
    first = next((at for at, word in enumerate(words) if _is_taint(word)), len(words))
    late = next((word for word in words[first:] if not _is_taint(word)), None)
    if late is not None:
        raise command.usage_error(f"all resources must be specified before taint changes: {late}", at=late)
    if not first:
        raise command.usage_error("one or more resources must be specified as <resource> <name>")
    if first == len(words):
        raise command.usage_error("at least one taint update is required")
    added: list[_Taint] = []
    removed: list[_Taint] = []
    for word in words[first:]:
        taint = _parse(command, word.removesuffix("-"))
        if word.endswith("-"):
            removed.append(replace(taint, value=""))
            continue
        if not taint.effect:
            raise command.usage_error(f"invalid taint spec: {word}", at=word)
        if any((each.key, each.effect) == (taint.key, taint.effect) for each in added):
            raise command.usage_error(f"duplicated taints with the same key and effect: {taint.words}", at=word)
        added.append(taint)
    both = [f"{each.key}={each.effect}" for one in added for each in removed if each.matches(_object(one))]
    if both:
        raise command.usage_error(
            f"can not both modify and remove the following taint(s) in the same command: {', '.join(both)}"
        )
    return words[:first], added, removed


def _is_taint(word: str) -> bool:
    return "=" in word or ":" in word or word.endswith("-")


def _parse(command: Command, text: str) -> _Taint:
    """Reads ``KEY=VALUE:EFFECT``, ``KEY:EFFECT`` or ``KEY``."""
    head, *effects = text.split(":")
    key, *values = head.split("=") if effects else (head,)
    if len(effects) > 1 or len(values) > 1:
        raise command.usage_error(f"invalid taint spec: {text}", at=text)
    if effects and effects[0] not in _EFFECTS:
        raise command.usage_error(f"invalid taint effect: {effects[0]}, unsupported taint effect", at=text)
    value = values[0] if values else ""
    problem = label_value_problem(value) or label_key_problem(key)
    if problem:
        raise command.usage_error(f"invalid taint spec: {text}, {problem}", at=text)
    return _Taint(key, value, effects[0] if effects else "")


def _object(taint: _Taint) -> JSONObject:
    found: dict[str, Any] = {"key": taint.key, "value": taint.value, "effect": taint.effect}
    return {key: value for key, value in found.items() if value}


def _change(
    command: Command, resource: Any, node: JSONObject, added: Sequence[_Taint], removed: Sequence[_Taint]
) -> Change:
    name = meta.name(node)
    old: list[JSONObject] = (node.get("spec") or {}).get("taints") or []
    overwrite = command.on("overwrite")
    there = [one.key for one in added for taint in old if one.matches(taint)]
    if there and not overwrite:
        raise UsageError(
            f"node {name} already has {','.join(there)} taint(s) with same effect(s) and --overwrite is false",
            hint="--overwrite replaces them",
        )
    new = [_object(one) for one in added]
    new += [taint for taint in old if not any(one.matches(taint) for one in added)]
    more = len(new) != len(old)
    fewer = False
    for one in removed:
        kept = [taint for taint in new if not one.matches(taint)]
        fewer = len(kept) != len(new)
        if not fewer:
            raise UsageError(f'taint "{one.words}" not found', hint=f"%kdescribe node {name} shows its taints")
        new = kept
    done = "modified" if overwrite or (more and fewer) else "tainted" if more else "untainted"
    # As a whole, as kubectl sends it: a taint is known by its key and effect, which no patch of one can tell apart.
    return Change(resource, name, node, {"spec": {"taints": new or None}}, done, same=done)
