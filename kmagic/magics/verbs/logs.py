"""``%klogs``: the logs of a Pod or of all Pods of a workload; ``-f`` returns a handle that goes on reading."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kmagic.api import meta
from kmagic.client.containers import names_of
from kmagic.client.pods_of import by_logging, pod_selector, pods_of, require_some
from kmagic.errors import NotFoundError, UsageError
from kmagic.magics.language.selection import one_object
from kmagic.magics.work.fetch import close_name, fetch
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.log_lines import KLogs, LogsWanted, read_logs

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session
    from kmagic.magics.work.log_live import KLiveLogs

__all__ = ("follow_on_a_page", "run")


def run(command: Command, session: Session) -> object:
    """Reads or follows; a Pod that cannot be read is one line as long as another one can be.

    Returns:
        A `KLogs`.

    Raises:
        NotFoundError: There is no such Pod, or a selector matches none.
        KubeError: No log can be read, unless ``--ignore-errors``.
    """
    client = session.place_for(command).client
    namespace = session.namespace_for(command)
    options = _options(command)
    found = session.run(command, _pods(command, client, namespace))
    pods = tuple(meta.name(pod) for pod in found)
    # Who asks for all Pods wants to know whose each line is, as in kubectl.
    every = command.has("all-pods") and command.on("all-pods")
    wanted = LogsWanted(namespace, pods, options, prefix=command.on("prefix") or every)
    ignored = command.on("ignore-errors")
    if command.on("follow"):
        if not session.headless():
            return _on_a_page(command, session, found, options)
        _refuse_too_many(command, found)
        logs = KLogs(follow=wanted).start(client, session.runtime, headless=session.headless())
        session.on_rerun(logs.close)
        return logs
    read = session.run(command, read_logs(client, wanted))
    if read.error is not None and len(read.unread) == len(pods) and not ignored:
        raise read.error
    return read


def follow_on_a_page(command: Command, session: Session, *, text: str = "") -> KLiveLogs:
    """Follows what a command names, in a view.

    Args:
        command: A ``logs`` command.
        session: The session of the notebook.
        text: The filter that the view begins with.

    Raises:
        NotFoundError: There is no such Pod, or a selector matches none.
    """
    options = _options(command)
    found = session.run(command, _pods(command, session.place_for(command).client, session.namespace_for(command)))
    return _on_a_page(command, session, found, options, text)


def _on_a_page(
    command: Command, session: Session, found: list[JSONObject], options: dict[str, Any], text: str = ""
) -> KLiveLogs:
    """Follows the Pods there are and those that join them; the page shows what does not fit."""
    # Imported by the first view.
    from kmagic.magics.work.log_live import MOST_STREAMS, follow_logs

    most = command.number("max-log-requests") if command.has("max-log-requests") else MOST_STREAMS
    if command.has("max-log-requests"):
        _refuse_too_many(command, found)
    return follow_logs(
        session,
        session.place_for(command),
        session.namespace_for(command),
        found,
        options,
        title=" ".join(command.arguments[:1]) or command.text("selector"),
        labels=_joining(command, session),
        most=most,
        text=text,
    )


def _joining(command: Command, session: Session) -> str:
    """The selector of the Pods that may join; "" where one Pod is followed."""
    if labels := command.text("selector"):
        return labels
    wanted = one_object(command, command.arguments[0], "pods")
    if wanted.resource in ("po", "pod", "pods") or not command.on("all-pods"):
        return ""
    client = session.place_for(command).client
    owner = session.run(command, fetch(client, [wanted], Scope(session.namespace_for(command))))[0].objects[0]
    return pod_selector(owner)


def _refuse_too_many(command: Command, pods: list[JSONObject]) -> None:
    """A followed log is a connection that stays."""
    most = command.number("max-log-requests")
    streams = len(pods)
    if command.on("all-containers"):
        streams = sum(len(names_of(pod)) for pod in pods)
    if streams > most:
        raise UsageError(
            f"you are attempting to follow {streams} log streams, but maximum allowed concurrency is {most}",
            hint="use --max-log-requests to increase the limit",
        )


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


async def _pods(command: Command, client: AsyncClient, namespace: str | None) -> list[JSONObject]:
    """The Pods to read, the one that says most first."""
    pods = client.resource("pods", namespace)
    labels = command.text("selector")
    if labels:
        return by_logging(require_some((await pods.list(label_selector=labels)).items, labels, namespace))
    if not command.arguments:
        raise command.usage_error("say which Pod, TYPE/NAME or -l SELECTOR")
    wanted = one_object(command, command.arguments[0], "pods")
    if wanted.resource in ("po", "pod", "pods"):
        return [await _pod(client, namespace, wanted.names[0])]
    owner = (await fetch(client, [wanted], Scope(namespace)))[0].objects[0]
    try:
        found = await pods_of(pods, owner)
    except ValueError as error:
        raise UsageError(str(error), hint="example: %klogs deploy/web") from error
    return by_logging(found) if command.on("all-pods") else by_logging(found)[:1]


async def _pod(client: AsyncClient, namespace: str | None, name: str) -> JSONObject:
    """A misspelt Pod is answered with those that look like it."""
    try:
        return await client.resource("pods", namespace).get(name)
    except NotFoundError as error:
        close = await close_name(client, "pods", namespace, name)
        hint = close or "%kget pods lists them; or TYPE/NAME: %klogs deploy/web"
        raise NotFoundError(error.message, status=error.status, request=error.request, hint=hint) from error
