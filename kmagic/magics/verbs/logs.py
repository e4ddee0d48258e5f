"""``%klogs``: the logs of a Pod or of all Pods of a workload; ``-f`` returns a handle that goes on reading."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kmagic.errors import NotFoundError, UsageError
from kmagic.magics.fetch import Scope, close_names, fetch
from kmagic.magics.logs import KLogs, LogsWanted, pods_behind, pods_selected, read_logs
from kmagic.magics.selection import one_object

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.magics.grammar import Command
    from kmagic.magics.session import Session

__all__ = ("run",)

_MOST_PODS = 50


def run(command: Command, session: Session) -> object:
    """Reads or follows.

    Returns:
        A `KLogs`.

    Raises:
        NotFoundError: There is no such Pod, or a selector matches none.
    """
    client = session.place_for(command).client
    namespace = session.namespace_for(command)
    options = _options(command)
    pods = session.run(command, _pods(command, client, namespace))
    most = command.number("max-log-requests", _MOST_PODS)
    if len(pods) > most:
        left = ", ".join(pods[most : most + 3])
        raise UsageError(f"{len(pods)} Pods match, more than --max-log-requests={most} ({left}, …)", hint="raise it")
    wanted = LogsWanted(namespace, tuple(pods), options, prefix=command.on("prefix"))
    if command.on("follow"):
        logs = KLogs(follow=wanted).start(client, session.runtime, headless=session.headless())
        session.on_rerun(logs.close)
        return logs
    return KLogs(session.run(command, read_logs(client, wanted)))


def _options(command: Command) -> dict[str, Any]:
    since = command.seconds("since")
    if since is not None and since < 0:
        raise command.usage_error("--since must be greater than 0", at="--since")
    if command.number("limit-bytes") < 0:
        raise command.usage_error("--limit-bytes must be greater than 0", at="--limit-bytes")
    tail = command.number("tail")
    if tail < -1:
        raise command.usage_error("--tail must be greater than or equal to -1", at="--tail")
    if command.text("container") and len(command.arguments) > 1:
        raise command.usage_error("only one of -c or an inline [CONTAINER] arg is allowed", at=command.arguments[1])
    container = command.text("container") or (command.arguments[1] if len(command.arguments) > 1 else "")
    if container and command.on("all-containers"):
        raise command.usage_error("a container cannot be combined with --all-containers", at=container)
    return {
        "container": container or None,
        "all_containers": command.on("all-containers"),
        "previous": command.on("previous"),
        "since_seconds": math.ceil(since) if since else None,
        "since_time": command.text("since-time"),
        "tail_lines": tail if tail >= 0 else None,
        "limit_bytes": command.number("limit-bytes") or None,
        "timestamps": command.on("timestamps"),
    }


async def _pods(command: Command, client: AsyncClient, namespace: str | None) -> list[str]:
    if command.text("selector"):
        return await pods_selected(client, namespace, command.text("selector"))
    if not command.arguments:
        raise command.usage_error("say which Pod, TYPE/NAME or -l SELECTOR")
    wanted = one_object(command, command.arguments[0], "pods")
    if wanted.resource in ("po", "pod", "pods"):
        await _require_pod(client, namespace, wanted.names[0])
        return [wanted.names[0]]
    found = await fetch(client, [wanted], Scope(namespace))
    return await pods_behind(client, found[0].objects[0])


async def _require_pod(client: AsyncClient, namespace: str | None, name: str) -> None:
    """A misspelt Pod is answered with those that look like it."""
    try:
        await client.metadata.resource("pods", namespace).get(name)
    except NotFoundError as error:
        names = await close_names(client, "pods", namespace, name)
        hint = (
            f"did you mean {', '.join(names)}?" if names else "%kget pods lists them; or TYPE/NAME: %klogs deploy/web"
        )
        raise NotFoundError(error.message, status=error.status, request=error.request, hint=hint) from error
