"""Runs a command in a container.

Source: k8s.io/client-go/tools/remotecommand, kubectl exec.
"""

from __future__ import annotations

import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from kmagic.aio.tasks import task_group
from kmagic.client.remote import RemoteSession, open_session, stream_query
from kmagic.errors import ArgumentError, StreamError
from kmagic.rest import verbs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from kmagic.client.rest import RESTClient
    from kmagic.rest.resource import APIResource

__all__ = ("ExecResult", "exec_session", "run")


class ExecResult(msgspec.Struct, frozen=True):
    """The exit code and the output of a command.

    Attributes:
        code: Exit code; 0 is success.
    """

    code: int
    stdout_bytes: bytes = b""
    stderr_bytes: bytes = b""

    @property
    def stdout(self) -> str:
        """Standard output as text; bytes that are no UTF-8 show as a replacement character."""
        return self.stdout_bytes.decode(errors="replace")

    @property
    def stderr(self) -> str:
        """Standard error as text."""
        return self.stderr_bytes.decode(errors="replace")

    def check(self) -> ExecResult:
        """Returns itself, if the command succeeded.

        Raises:
            StreamError: It did not; the message has the end of its standard error.
        """
        if self.code:
            tail = self.stderr.strip()[-500:]
            error = StreamError(f"command terminated with exit code {self.code}", hint=tail)
            error.stdout, error.stderr = self.stdout_bytes, self.stderr_bytes
            raise error
        return self


@asynccontextmanager
async def exec_session(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    pod: str,
    command: Sequence[str],
    *,
    container: str | None = None,
    stdin: bool = False,
    tty: bool = False,
) -> AsyncIterator[RemoteSession]:
    """A command's streams, to talk with it."""
    if isinstance(command, str):
        raise TypeError('a command is a list of words: ["sh", "-c", "..."]')
    if not command:
        raise ArgumentError("you must specify at least one command for the container")
    query = (
        *(("command", word) for word in command),
        *stream_query(container, stdin=stdin, stdout=True, stderr=True, tty=tty),
    )
    async with open_session(rest, verbs.connect(resource, namespace, pod, "exec", query)) as session:
        yield session


async def run(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    pod: str,
    command: Sequence[str],
    *,
    container: str | None = None,
    stdin: bytes | None = None,
) -> ExecResult:
    """Runs a command to its end and collects what it writes; input is sent while output is read.

    Raises:
        StreamError: It could not be run, or the connection broke; the error has what it wrote before.
    """
    out, err = bytearray(), bytearray()
    session = exec_session(rest, resource, namespace, pod, command, container=container, stdin=stdin is not None)
    async with session as streams, task_group() as group:

        async def feed() -> None:
            if stdin is not None:
                # A command that ends without reading its input is no failure.
                with contextlib.suppress(StreamError):
                    await streams.write(stdin)
                    await streams.close_stdin()

        group.start_soon(feed)
        try:
            code = await streams.collect(out, err)
        except StreamError as error:
            error.stdout, error.stderr = bytes(out), bytes(err)
            raise
        group.cancel_scope.cancel()
    return ExecResult(code, bytes(out), bytes(err))
