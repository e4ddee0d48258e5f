"""``%kwait``: waits until objects exist, are gone, have a condition or a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from kmagic.api import meta
from kmagic.client import wait
from kmagic.errors import NotFoundError, WaitError
from kmagic.magics.fetch import Scope, fetch, scope_of
from kmagic.magics.results import KText
from kmagic.magics.selection import Selected, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmagic.client.client import AsyncClient
    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Session
    from kmagic.rest.resource import APIResource

__all__ = ("run",)

_SECONDS = 30.0
Waited = tuple["APIResource", str, str]


def run(command: Command, session: Session) -> object:
    """Waits; several ``--for`` must all be met.

    Returns:
        Kubectl's line for each object.

    Raises:
        WaitError: Not in time; the message says the last state.
    """
    conditions = command.values("for")
    if not conditions:
        raise command.usage_error("say what to wait for: --for condition=Ready, --for delete, --for jsonpath={…}=VALUE")
    for text in conditions:
        try:
            if text not in ("create", "delete"):
                wait.parse(text)
        except ValueError as error:
            raise command.usage_error(str(error), at=text) from error
    wanted = chosen(command)
    scope = scope_of(command, session.namespace_for(command))
    seconds = command.seconds("timeout")
    client = session.place_for(command).client
    return KText(session.run(command, _all(client, wanted, scope, conditions, seconds if seconds else _SECONDS)))


async def _all(
    client: AsyncClient, wanted: Sequence[Selected], scope: Scope, conditions: Sequence[str], seconds: float
) -> str:
    lines: list[str] = []
    failed: list[Exception] = []

    async def one(resource: APIResource, namespace: str, name: str) -> None:
        try:
            for text in conditions:
                lines.append(await _met(client, resource, namespace, name, text, seconds))
        except (WaitError, NotFoundError) as error:
            failed.append(error)

    async with anyio.create_task_group() as group:
        for each in await _objects(client, wanted, scope):
            group.start_soon(one, *each)
    if failed:
        raise failed[0]
    return "\n".join(lines) or "no matching resources found"


async def _objects(client: AsyncClient, wanted: Sequence[Selected], scope: Scope) -> list[Waited]:
    """What to wait on; names need not exist yet."""
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


async def _met(client: AsyncClient, resource: APIResource, namespace: str, name: str, text: str, seconds: float) -> str:
    target = client.dynamic.resource(resource, namespace or None)
    if text == "delete":
        await wait.until_deleted(target, name, timeout=seconds)
    elif text == "create":
        await wait.until_created(target, name, timeout=seconds)
    else:
        await wait.until(target, name, wait.parse(text), timeout=seconds, what=text)
    return f"{resource.kind_name}/{name} condition met"
