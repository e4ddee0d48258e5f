"""``%kwait``: waits until objects exist, are gone, have a condition or a value."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kmagic.aio.tasks import first_error
from kmagic.api import meta
from kmagic.api.jsonpath import JSONPathError
from kmagic.api.trouble import never_met, trouble_of
from kmagic.client import wait
from kmagic.errors import KubeError, NotFoundError, WaitError
from kmagic.magics.language.selection import Selected, chosen
from kmagic.magics.results.values import KText
from kmagic.magics.work.fetch import fetch, scope_of
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.telling import Say, Troubles, tell_of_pods, telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)

Waited = tuple["APIResource", str, str]


def run(command: Command, session: Session) -> object:
    """Waits; several ``--for`` must all be met. What changes meanwhile is printed, one line each.

    Returns:
        Kubectl's line for each object.

    Raises:
        WaitError: Not in time, or it cannot come true any more; the message says the last state.
        NotFoundError: There is nothing to wait for.
    """
    conditions = _conditions(command)
    wanted = chosen(command)
    scope = scope_of(command, session.namespace_for(command))
    client = session.place_for(command).client
    left = wait.TimeLeft(client.rest.clock, command.seconds("timeout"))
    if conditions[0] == "create":
        telling(session.runtime, lambda say: _some(client, wanted, scope, left, say))
    objects = session.run(command, _objects(client, wanted, scope))
    if not objects and "delete" not in conditions:
        raise NotFoundError("no matching resources found", status={"reason": "NotFound", "code": 404})
    return KText(telling(session.runtime, lambda say: _all(client, objects, conditions, left, say)))


def _conditions(command: Command) -> list[str]:
    """Returns the conditions to wait for, in kubectl's order: creation first."""
    given = command.values("for")
    if not given:
        raise command.usage_error("say what to wait for: --for condition=Ready, --for delete, --for jsonpath={…}=VALUE")
    found = [text.lower() if text.lower() in ("create", "delete") else text for text in given]
    for text in found:
        try:
            if text not in ("create", "delete"):
                wait.parse(text)
        except (ValueError, JSONPathError) as error:
            raise command.usage_error(str(error), at=text) from error
    return sorted(found, key=lambda text: text != "create")


async def _all(
    client: AsyncClient, objects: Sequence[Waited], conditions: Sequence[str], left: wait.TimeLeft, say: Say
) -> str:
    lines: list[str] = []

    async def one(waited: Waited) -> None:
        for text in conditions:
            lines.append(await _met(client, waited, text, left(), Troubles(say)))

    try:
        await first_error(partial(one, each) for each in objects)
    except KubeError:
        for line in lines:
            say(line)
        raise
    return "\n".join(lines) or "no matching resources found"


async def _objects(client: AsyncClient, wanted: Sequence[Selected], scope: Scope) -> list[Waited]:
    """Returns the objects to wait for; names need not exist yet."""
    found: list[Waited] = []
    for each in wanted:
        if each.names:
            for resource in await client.mapper.expand(each.resource):
                namespace = (scope.namespace or "") if resource.namespaced else ""
                found += [(resource, namespace, name) for name in each.names]
            continue
        for listed in await fetch(client, [each], scope):
            found += [(listed.resource, meta.namespace(obj), meta.name(obj)) for obj in listed.objects]
    return found


async def _some(client: AsyncClient, wanted: Sequence[Selected], scope: Scope, left: wait.TimeLeft, say: Say) -> None:
    """Waits until there is one of each type that is named without names."""
    for each in wanted:
        for resource in await client.mapper.expand(each.resource) if not each.names else ():
            target = client.dynamic.resource(resource, scope.namespace if resource.namespaced else None)
            what = f"{resource.resource} with {scope.labels}" if scope.labels else resource.resource
            absent = partial(say, f"{what}: there are none yet")
            await wait.until_created(target, label_selector=scope.labels, timeout=left(), absent=absent)


async def _met(client: AsyncClient, waited: Waited, text: str, seconds: float | None, troubles: Troubles) -> str:
    resource, namespace, name = waited
    target = client.dynamic.resource(resource, namespace or None)
    what = f"{resource.kind_name}/{name}"
    if text == "delete":

        def seen(obj: JSONObject) -> None:
            if seconds != 0:
                troubles.saw(what, wait.leaving(obj))

        await wait.until_deleted(target, name, timeout=seconds, seen=seen)
    elif text == "create":
        await wait.until_created(target, name, timeout=seconds, absent=partial(troubles.saw, what, "is not there yet"))
    else:
        await _until(client, waited, text, seconds, troubles)
    return f"{what} condition met"


async def _until(client: AsyncClient, waited: Waited, text: str, seconds: float | None, troubles: Troubles) -> None:
    resource, namespace, name = waited
    target = client.dynamic.resource(resource, namespace or None)
    what = f"{resource.kind_name}/{name}"
    met = wait.parse(text)

    def test(obj: JSONObject) -> bool:
        if met(obj):
            return True
        # Items of a list may come without their kind.
        now = {**obj, "kind": resource.kind}
        if why := never_met(now, text):
            raise WaitError(f"{text} will not be met on {what}: {why}", hint=f"%kdescribe {what} says more")
        if seconds != 0:
            troubles.saw(what, str(trouble_of(now) or wait.state(now) or "no status yet"))
        return False

    if seconds == 0:
        await wait.until(target, name, test, timeout=0, what=text)
        return
    owner = await target.get(name)
    try:
        async with tell_of_pods(client, {**owner, "kind": resource.kind}, troubles):
            await wait.until(target, name, test, timeout=seconds, what=text)
    except WaitError as error:
        error.hint = error.hint or troubles.now
        raise
