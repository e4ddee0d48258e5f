"""Faults that are played in the sandbox: written to the Pod templates of workloads, found there, and taken out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.errors import UsageError
from kmagic.magics.language.selection import Selected, chosen
from kmagic.magics.work.fetch import fetch
from kmagic.magics.work.fetched import Fetched, Scope
from kmagic.magics.work.patches import Change, make

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("FAULTS", "break_objects", "played", "reset_objects")

ANNOTATION = "kmagic.dev/fault"
FAULTS = {
    "crashloop": "crash-loop",
    "imagepull": "image-pull",
    "oom": "oom",
    "pending": "pending",
    "notready": "never-ready",
    "slowstart": "slow-start",
}
"""The faults by the words of the line, and what the annotation says."""

TEMPLATED = ("deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "cronjobs")
"""The types whose Pod template may change."""


def break_objects(command: Command, session: Session) -> object:
    """Makes the Pods of workloads fail from now on.

    Raises:
        UsageError: The line names no fault, no object, or one without a Pod template that may change.
    """
    word, *objects = command.objects or ("",)
    fault = FAULTS.get(word.replace("-", ""))
    if fault is None:
        raise command.usage_error(f"say what to play: {', '.join(FAULTS)}", at=word)
    wanted = chosen(replace(command, arguments=tuple(objects)))
    scope = Scope(session.namespace_for(command))

    async def changes(client: AsyncClient) -> list[Change]:
        found = await fetch(client, wanted, scope)
        return [_change(each, obj, fault, f"plays {word}") for each in found for obj in each.objects]

    return make(command, session, changes)


def reset_objects(command: Command, session: Session) -> object:
    """Lets workloads be well again: those that are named, or all."""
    objects = command.objects
    wanted = chosen(replace(command, arguments=objects)) if objects else ()
    scope = Scope(session.namespace_for(command))

    async def changes(client: AsyncClient) -> list[Change]:
        if not wanted:
            return [_change(each, obj, None, "reset") for each, obj in await _workloads(client) if _fault(obj)]
        found = await fetch(client, wanted, scope)
        return [_change(each, obj, None, "reset") for each in found for obj in each.objects]

    return make(command, session, changes)


async def played(client: AsyncClient) -> list[str]:
    """The faults that are played, a line each: ``deployment/web in shop: crash-loop``."""
    return [
        f"{each.resource.singular}/{meta.name(obj)} in {meta.namespace(obj)}: {_fault(obj)}"
        for each, obj in await _workloads(client)
        if _fault(obj)
    ]


async def _workloads(client: AsyncClient) -> list[tuple[Fetched, JSONObject]]:
    """The workloads of all namespaces that no other one controls: a ReplicaSet copies its Deployment's template."""
    wanted: Sequence[Selected] = tuple(Selected(each) for each in TEMPLATED)
    found = await fetch(client, wanted, Scope(None))
    return [(each, obj) for each in found for obj in each.objects if not _owners(obj)]


def _owners(obj: JSONObject) -> Any:
    return obj["metadata"].get("ownerReferences")


def _template(obj: JSONObject) -> JSONObject:
    spec = obj.get("spec") or {}
    template: JSONObject = ((spec.get("jobTemplate") or {}).get("spec") or spec).get("template") or {}
    return template


def _fault(obj: JSONObject) -> str:
    return str(((_template(obj).get("metadata") or {}).get("annotations") or {}).get(ANNOTATION, ""))


def _change(found: Fetched, obj: JSONObject, fault: str | None, done: str) -> Change:
    name = meta.name(obj)
    if found.resource.resource not in TEMPLATED:
        what = f"{found.resource.singular}/{name}"
        hint = "name what makes the Pods: deploy/NAME, sts/NAME, ds/NAME, cronjob/NAME"
        raise UsageError(f"{what} has no Pod template that may change", hint=hint)
    patch: JSONObject | None = {"template": {"metadata": {"annotations": {ANNOTATION: fault}}}}
    if "jobTemplate" in (obj.get("spec") or {}):
        patch = {"jobTemplate": {"spec": patch}}
    if _fault(obj) == (fault or ""):
        return Change(found.resource, name, obj, None, done)
    return Change(found.resource, name, obj, {"spec": patch}, done)
