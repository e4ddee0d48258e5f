"""``%krollout``: how far a rollout is, its history, and starting, stopping or undoing it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.client import wait
from kmagic.client.restart import restart_patch
from kmagic.errors import ArgumentError, UsageError, WaitError
from kmagic.magics.language.selection import chosen
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.results.values import KText
from kmagic.magics.work.chosen import Failing, chosen_objects
from kmagic.magics.work.fetch import fetch
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.patches import Change, make
from kmagic.magics.work.revisions import revisions, undo
from kmagic.magics.work.telling import Say, Troubles, tell_of_pods, telling
from kmagic.views.rollout import Progress, progress, rolling_kind
from kmagic.views.text import aligned

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.changes import Step
    from kmagic.magics.work.fetched import Fetched
    from kmagic.magics.work.rolling import KRollout

__all__ = ("follow_one", "run")


def run(command: Command, session: Session) -> object:
    """Shows a rollout's status or history, or changes it.

    Returns:
        Text for ``history``, and for ``status`` unless a page shows it: there a `KRollout`, of several the last; a
        `KApply` or an unapplied `KPlan` for the others.

    Raises:
        WaitError: The rollout failed, or was not complete in time.
    """
    action, *objects = command.arguments
    command = replace(command, arguments=tuple(objects))
    if not command.values("filename"):
        chosen(command)
    namespace = session.namespace_for(command)
    client = session.place_for(command).client
    if action in ("status", "history"):
        found, unread = session.run(command, chosen_objects(command, client, namespace))
        if unread:
            raise unread[0].error
        if action == "history":
            return KText(session.run(command, _history(command, client, found)))
        if not session.headless() and command.on("watch"):
            return _on_a_page(command, session, found)
        return KText(telling(session.runtime, lambda say: _status(command, client, found, say)))

    async def steps(client: AsyncClient) -> list[Step]:
        found, failing = await chosen_objects(command, client, namespace)
        return [*[await _step(command, action, client, each, obj) for each in found for obj in each.objects], *failing]

    return make(command, session, steps)


async def _step(command: Command, action: str, client: AsyncClient, found: Fetched, obj: JSONObject) -> Step:
    try:
        return await _change(command, action, client, found, obj)
    except UsageError as error:
        return Failing(error, Outcome("failed", meta.name(obj), meta.namespace(obj), found.resource))


def _on_a_page(command: Command, session: Session, found: list[Fetched]) -> object:
    """Shows each rollout while it is waited for."""
    # Imported by the first view.
    from kmagic.magics.work.rolling import follow_rollout

    place, limit = session.place_for(command), command.seconds("timeout") or 0.0
    rollout = None
    for each in found:
        for obj in each.objects:
            rollout = follow_rollout(session, place, each.resource, obj)
            rollout.show()
            try:
                rollout.wait(limit if limit > 0 else None)
            except BaseException:  # an interrupt too: who waited for it has gone
                rollout.stop()
                raise
    return rollout


def follow_one(command: Command, session: Session) -> KRollout:
    """Follows the one rollout that a command names, and returns at once.

    Raises:
        UsageError: It has none, or several are named.
    """
    from kmagic.magics.work.rolling import follow_rollout

    _, *objects = command.arguments
    place = session.place_for(command)
    wanted = chosen(replace(command, arguments=tuple(objects)))
    found = session.run(command, fetch(place.client, wanted, Scope(session.namespace_for(command))))
    each = [(one.resource, obj) for one in found for obj in one.objects]
    if len(each) != 1:
        raise command.usage_error("say one rollout: TYPE/NAME", at=objects[0])
    return follow_rollout(session, place, *each[0])


async def _change(command: Command, action: str, client: AsyncClient, found: Fetched, obj: JSONObject) -> Change:
    name, spec = meta.name(obj), obj.get("spec") or {}
    paused = bool(spec.get("paused"))
    if action == "undo":
        return await undo(client, found.resource, obj, command.number("to-revision"))
    if action == "restart":
        try:
            patch: Any = restart_patch(obj, client.rest.clock.wall())
        except ArgumentError as error:
            raise UsageError(error.message, hint=error.hint) from error
        return Change(found.resource, name, obj, patch, "restarted")
    kind = _rolling(obj)
    if kind != "Deployment":
        raise UsageError(f"a {kind} cannot be paused")
    if paused is (action == "pause"):
        raise UsageError(f'{found.resource.full_name} "{name}" is {"already" if paused else "not"} paused')
    return Change(found.resource, name, obj, {"spec": {"paused": True if action == "pause" else None}}, f"{action}d")


async def _status(command: Command, client: AsyncClient, found: list[Fetched], say: Say) -> str:
    lines: list[str] = []
    for each in found:
        for obj in each.objects:
            _rolling(obj)
            follow = command.on("watch")
            lines.append(await _awaited(command, client, each, obj, say) if follow else _progress(obj).text)
    return "\n".join(lines)


async def _awaited(command: Command, client: AsyncClient, found: Fetched, obj: JSONObject, say: Say) -> str:
    """The last thing to say of a rollout that is complete; what is so before is said on the way."""
    troubles = Troubles(say)
    last = ""

    def complete(now: JSONObject) -> bool:
        nonlocal last
        # Items of a list may come without their kind.
        state = _progress({**now, "kind": obj.get("kind")})
        if state.failed:
            what = f"{found.resource.singular}/{meta.name(obj)}"
            raise WaitError(state.text, hint=troubles.now or f"%kdescribe {what} says why")
        if not state.done and state.text != last:
            say(state.text)
        last = state.text
        return state.done

    target = client.dynamic.resource(found.resource, meta.namespace(obj))
    limit = command.seconds("timeout") or 0.0
    seconds = limit if limit > 0 else None
    try:
        async with tell_of_pods(client, obj, troubles):
            await wait.until(target, meta.name(obj), complete, timeout=seconds, what="the rollout")
    except WaitError as error:
        error.hint = error.hint or "\n".join(filter(None, (last, troubles.now)))
        raise
    return last


def _rolling(obj: JSONObject) -> str:
    try:
        return rolling_kind(obj)
    except ArgumentError as error:
        raise UsageError(str(error)) from error


def _progress(obj: JSONObject) -> Progress:
    try:
        return progress(obj)
    except ArgumentError as error:
        raise UsageError(str(error)) from error


async def _history(command: Command, client: AsyncClient, found: list[Fetched]) -> str:
    parts = []
    for each in found:
        for obj in each.objects:
            known = await revisions(client, obj)
            rows = [[str(one.number), one.cause or "<none>"] for one in known]
            title = f"{each.resource.singular}.{each.resource.group}/{meta.name(obj)}"
            parts.append(f"{title}\n{aligned([['REVISION', 'CHANGE-CAUSE'], *rows])}")
    return "\n\n".join(parts)
