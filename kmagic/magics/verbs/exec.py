"""``%kexec``: runs a command in a Pod's container, to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.client.pods_of import most_active, pods_of
from kmagic.errors import KubeError, StreamError, UsageError
from kmagic.magics.language.selection import one_object
from kmagic.magics.results.cards import keep_result
from kmagic.magics.results.values import KExec
from kmagic.magics.work.fetch import fetch
from kmagic.magics.work.fetched import Scope

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)

# What the card of an error shows of each stream; the result has all that came.
_LAST = 500


def run(command: Command, session: Session) -> object:
    """Runs the words after ``--``; a protected target refuses it, for it reaches into the workload.

    Returns:
        A `KExec`; what came before an error or an interrupt is one, too.

    Raises:
        StreamError: The command failed, unless ``--no-check``, or could not be run.
    """
    if not command.arguments:
        raise command.usage_error("say which Pod and, after --, which command")
    client = session.place_for(command).client
    written = bytearray(), bytearray()
    code: int | None = None
    try:
        code = session.run(command, _run(command, client, session.namespace_for(command), *written))
        if code and not command.on("no-check"):
            raise StreamError(f"command terminated with exit code {code}")
    except BaseException as error:  # also an interrupt, or the end of --request-timeout
        came = _result(code, *written)
        keep_result(error, came)
        if isinstance(error, KubeError):
            last = (each.strip()[-_LAST:] for each in (came.stdout, came.stderr))
            error.hint = "\n".join(filter(None, (*last, error.hint)))
        else:
            sys.stdout.write(f"{came}\n" if came.stdout or came.stderr else "")
        raise
    return _result(code, *written)


def _result(code: int | None, stdout: bytearray, stderr: bytearray) -> KExec:
    return KExec(code, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


async def _run(
    command: Command, client: AsyncClient, namespace: str | None, stdout: bytearray, stderr: bytearray
) -> int:
    """The exit code; what the command writes goes into the buffers as it comes."""
    found = await fetch(client, [one_object(command, command.arguments[0], "pods")], Scope(namespace))
    owner = found[0].objects[0]
    try:
        behind = await pods_of(client.resource("pods", namespace), owner)
    except ValueError as error:
        raise UsageError(str(error), hint="example: %kexec deploy/web -- id") from error
    pod = meta.name(most_active(behind, "exec into a container in"))
    container = command.text("container") or None
    async with client.core_v1.pods(namespace).exec_session(pod, list(command.rest), container=container) as streams:
        return await streams.collect(stdout, stderr)
