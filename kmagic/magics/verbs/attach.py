"""``%kattach``: what a container's own process writes from now on, until it ends.

Source: k8s.io/kubectl/pkg/cmd/attach/attach.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.api import meta
from kmagic.client.pods_of import most_active, pods_of
from kmagic.errors import UsageError
from kmagic.magics.language.selection import one_object
from kmagic.magics.results.cards import keep_result
from kmagic.magics.results.values import KExec
from kmagic.magics.session.session import within
from kmagic.magics.work.fetch import fetch
from kmagic.magics.work.fetched import Scope
from kmagic.magics.work.telling import Say, telling

if TYPE_CHECKING:
    from kmagic.client.client import AsyncClient
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


class _Attached(KExec):
    """The end of an attached process; its output was shown as it came."""

    def __repr__(self) -> str:
        return f"exit code {self.rc}" if self.rc else ""


def run(command: Command, session: Session) -> object:
    """Shows the output as it comes; a protected target refuses it, for it reaches into the workload.

    Returns:
        A `KExec` once the process has ended; what came before an error or an interrupt is one, too.

    Raises:
        KubeError: There is no such Pod, or it has ended.
    """
    if not command.arguments:
        raise command.usage_error("at least 1 argument is required for attach")
    client, namespace = session.place_for(command).client, session.namespace_for(command)
    pod = session.run(command, _pod(command, client, namespace))
    container = command.text("container") or None
    written = bytearray(), bytearray()

    async def follow(say: Say) -> int:
        async with client.core_v1.pods(namespace).attach(pod, container=container) as streams:
            line = bytearray()
            async for piece in streams.output():
                written[piece.stream == "stderr"].extend(piece.data)
                line += piece.data
                *whole, rest = bytes(line).split(b"\n")
                line[:] = rest
                for each in whole:
                    say(each.decode(errors="replace").rstrip("\r"))
            if line:
                say(line.decode(errors="replace"))
            return streams.code()

    seconds = command.seconds("request-timeout") or 0.0
    try:
        code = telling(session.runtime, lambda say: within(follow(say), seconds if seconds > 0 else None))
    except BaseException as error:  # also an interrupt, or the end of --request-timeout
        keep_result(error, _result(None, *written))
        raise
    return _result(code, *written)


def _result(code: int | None, stdout: bytearray, stderr: bytearray) -> _Attached:
    return _Attached(code, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


async def _pod(command: Command, client: AsyncClient, namespace: str | None) -> str:
    word = "/".join(command.arguments)
    if len(command.arguments) > 1 and "/" in "".join(command.arguments):
        raise command.usage_error("arguments in resource/name form must have a single resource and name", at=word)
    found = await fetch(client, [one_object(command, word, "pods")], Scope(namespace))
    try:
        behind = await pods_of(client.resource("pods", namespace), found[0].objects[0])
    except ValueError as error:
        raise UsageError(str(error), hint="example: %kattach deploy/web") from error
    return meta.name(most_active(behind, "attach a container in"))
