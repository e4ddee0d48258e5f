"""The approval of a plan: the words that apply it, and the cells that may say them. Pure.

In a protected context some changes take down more than the line that asks for them shows. Their plans are applied
only by who says what they are about: the object's name, or how many there are. And a cell that was sent before a
plan existed cannot have meant that plan, so none of a Run All applies what the same run planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ("MANY", "Demand", "Touched", "demand", "objection")

# A deletion that takes more objects than this with it is said, not just approved.
MANY = 20

# What other objects live in or on: deleting one loses them, or their data.
_GROUNDS = {
    "namespaces": "a namespace with all that is in it",
    "nodes": "a node",
    "customresourcedefinitions.apiextensions.k8s.io": "a definition with all its objects",
    "persistentvolumes": "a volume",
    "persistentvolumeclaims": "a claim on a volume",
}


@dataclass(frozen=True)
class Touched:
    """One object of a plan.

    Attributes:
        resource: Its type, ``deployments.apps``.
        deleted: Whether the plan deletes it.
        before: The object, or its scale, as it is; None where it is created.
        after: As it would be.
    """

    resource: str
    name: str
    deleted: bool = False
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Demand:
    """The words that apply a plan.

    Attributes:
        word: The name or the count; "" where the plan may simply be applied.
        reasons: One clause for each reason: ``it deletes a namespace with all that is in it``.
    """

    word: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def call(self) -> str:
        """The call that applies the plan."""
        return f'_kp.apply(confirm="{self.word}")' if self.word else "_kp.apply()"


def demand(
    touched: Sequence[Touched], *, every: bool = False, force: bool = False, collected: int | None = 0
) -> Demand:
    """Returns the words that apply a plan for a protected target.

    Args:
        touched: The plan's objects.
        every: They are all there are of a type (``--all``).
        force: They are deleted without waiting for them to stop.
        collected: Number of objects that are deleted with them; None where it is unknown.
    """
    reasons = [f"it deletes {_GROUNDS[kind]}" for kind in _GROUNDS if any(_deletes(each, kind) for each in touched)]
    if every:
        reasons.append("it changes every object of a type")
    if force:
        reasons.append("it does not wait for what it deletes to stop")
    if sum(each.deleted for each in touched) > MANY:
        reasons.append(f"it deletes {len(touched)} objects")
    if collected is None:
        reasons.append("what is deleted with it could not be counted")
    elif collected > MANY:
        reasons.append(f"{collected} objects are deleted with it")
    if any(_stops(each) for each in touched):
        reasons.append("it leaves no replicas")
    if not reasons:
        return Demand()
    word = touched[0].name if len(touched) == 1 and not every else str(len(touched))
    return Demand(word, tuple(reasons))


def objection(wanted: Demand, said: str, made: float, sent: float) -> str:
    """Returns the reason why a call may not apply a plan, or "".

    Args:
        wanted: The words that apply it.
        said: The words in the call.
        made: Time at which the plan was shown.
        sent: Time at which the calling cell was sent.
    """
    if sent < made:
        return "this cell was sent before the plan was shown, so it cannot mean this plan"
    if wanted.word and said != wanted.word:
        wrong = f'"{said}" is not' if said else "the plan wants to hear"
        return f'{wrong} "{wanted.word}": {", ".join(wanted.reasons)}'
    return ""


def _deletes(each: Touched, kind: str) -> bool:
    return each.deleted and each.resource == kind


def _stops(each: Touched) -> bool:
    """Returns whether something that runs is left without replicas."""
    if each.deleted or each.before is None or each.after is None:
        return False
    return _replicas(each.before) != 0 and _replicas(each.after) == 0


def _replicas(obj: Mapping[str, Any]) -> object:
    spec = obj.get("spec")
    if not isinstance(spec, Mapping):
        return 0 if obj.get("kind") == "Scale" else None
    # A scale leaves a zero out.
    return spec.get("replicas", 0 if obj.get("kind") == "Scale" else None)
