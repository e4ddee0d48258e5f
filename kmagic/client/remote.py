"""A running command's streams: what exec and attach share.

Theory of operation. One WebSocket carries all channels, so one reader takes messages as they come and the caller
gets them in that order; nothing is buffered beyond the connection, so a caller that stops reading stops the
command. The error channel carries the result at the end.

Source: k8s.io/client-go/tools/remotecommand.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from kmagic.errors import StreamError
from kmagic.rest import channels

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from kmagic.client.rest import RESTClient
    from kmagic.rest.request import Query, Request
    from kmagic.transport.websocket import WebSocket

__all__ = ("RemoteOutput", "RemoteSession", "open_session", "stream_query")

# kubelets read at most this much at once.
_CHUNK = 32 * 1024


class RemoteOutput(msgspec.Struct, frozen=True):
    """A piece of output; `stream` is ``"stdout"`` or ``"stderr"``."""

    stream: str
    data: bytes


class RemoteSession:
    """The streams of one command."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._error = bytearray()
        self._ended = False
        self._stdin_closed = False

    async def write(self, data: bytes) -> None:
        """Sends to the command's standard input.

        Raises:
            StreamError: It was closed, or the connection is gone.
        """
        if self._stdin_closed:
            raise StreamError("standard input is closed")
        for at in range(0, len(data), _CHUNK):
            await self._socket.send(bytes([channels.STDIN]) + data[at : at + _CHUNK])

    async def close_stdin(self) -> None:
        """Ends the command's standard input; it goes on running.

        Raises:
            StreamError: The server is too old (before 1.30) to end it.
        """
        if self._stdin_closed:
            return
        if not channels.supports_close(self._socket.protocol):
            raise StreamError(
                "this server cannot end standard input while the command runs",
                hint="let the command stop by itself, for example with head -c <bytes>",
            )
        self._stdin_closed = True
        await self._socket.send(bytes([channels.CLOSE, channels.STDIN]))

    async def resize(self, width: int, height: int) -> None:
        """Sends the terminal's size in characters."""
        await self._socket.send(channels.resize_message(width, height))

    async def output(self) -> AsyncGenerator[RemoteOutput, None]:
        """Yields the command's output, until it ends.

        Raises:
            StreamError: The connection broke.
        """
        while not self._ended:
            try:
                message = await self._socket.receive()
            except StreamError:
                # A server that closes while we still send input resets the connection; the last word was said before.
                if not self.told:
                    raise
                message = None
            if message is None:
                self._ended = True
                return
            channel, data = channels.split(message)
            if channel == channels.ERROR:
                self._error += data
            elif channel in (channels.STDOUT, channels.STDERR) and data:
                yield RemoteOutput("stdout" if channel == channels.STDOUT else "stderr", data)

    async def collect(self, stdout: bytearray, stderr: bytearray) -> int:
        """Adds what the command writes to two buffers, which have it also when this is cancelled or fails.

        Returns:
            The exit code.

        Raises:
            StreamError: The command could not be run, or the stream broke or ended before it said how it went.
        """
        async for piece in self.output():
            (stdout if piece.stream == "stdout" else stderr).extend(piece.data)
        if not self.told:
            raise StreamError(
                "the stream ended before the command said how it went",
                hint="what it wrote last may be lost; look before you run it again",
            )
        return self.code()

    @property
    def told(self) -> bool:
        """True if the server has said how the command ended; every server does, so without it the output is cut."""
        return bool(self._error)

    def code(self) -> int:
        """Returns the exit code, after `output` ended; 0, too, where the server reported none (see `told`).

        Raises:
            StreamError: The command could not be run.
        """
        return channels.exit_code(bytes(self._error))

    async def wait(self) -> int:
        """Drops what is left of the output and returns the exit code.

        Raises:
            StreamError: The command could not be run.
        """
        async for _ in self.output():
            pass
        return self.code()


@asynccontextmanager
async def open_session(rest: RESTClient, request: Request) -> AsyncIterator[RemoteSession]:
    """Opens the streams; leaving closes them, which ends an attached terminal but not the command."""
    rest.check(request)
    from kmagic.transport import websocket  # its library is imported by the first stream

    async with websocket.connect(rest.transport, request, channels.REMOTE_PROTOCOLS) as socket:
        yield RemoteSession(socket)


def stream_query(container: str | None, *, stdin: bool, stdout: bool, stderr: bool, tty: bool) -> Query:
    """The options exec and attach share; a terminal has no stderr of its own."""
    pairs = [("container", container)] if container else []
    wanted = {"stdin": stdin, "stdout": stdout, "stderr": stderr and not tty, "tty": tty}
    return (*pairs, *((name, "true") for name, value in wanted.items() if value))
