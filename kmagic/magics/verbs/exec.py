"""``%kexec``: runs a command in a Pod's container, to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.client.pods_of import most_active, pods_of
from kmagic.errors import StreamError, UsageError
from kmagic.magics.language.selection import one_object
from kmagic.magics.results.values import KExec
from kmagic.magics.work.fetch import Scope, fetch

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Runs the words after ``--``; a protected target refuses it, for it reaches into the workload.

    Returns:
        A `KExec`.

    Raises:
        StreamError: The command failed, unless ``--no-check``, or could not be run.
    """
    if not command.arguments:
        raise command.usage_error("say which Pod and, after --, which command")
    client = session.place_for(command).client
    result = session.run(command, _run(command, client, session.namespace_for(command)))
    if result.rc and not command.on("no-check"):
        hint = "\n".join(filter(None, [result.stdout[-500:], result.stderr[-500:]])).strip()
        raise StreamError(f"command terminated with exit code {result.rc}", hint=hint)
    return result


async def _run(command: Command, client: AsyncClient, namespace: str | None) -> KExec:
    found = await fetch(client, [one_object(command, command.arguments[0], "pods")], Scope(namespace))
    owner = found[0].objects[0]
    try:
        behind = await pods_of(client.resource("pods", namespace), owner)
    except ValueError as error:
        raise UsageError(str(error), hint="example: %kexec deploy/web -- id") from error
    pod = meta.name(most_active(behind, "exec into a container in"))
    pods = client.core_v1.pods(namespace)
    done = await pods.exec(pod, list(command.rest), container=command.text("container") or None)
    return KExec(done.code, done.stdout, done.stderr)
