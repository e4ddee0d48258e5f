"""WebSockets to the server: the same door, credentials and errors as every other request.

Source: k8s.io/client-go/transport/websocket/roundtripper.go.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
import httpcore
from wsproto import ConnectionType, events
from wsproto.connection import Connection, ConnectionState
from wsproto.utilities import LocalProtocolError

from kmagic.aio.tasks import task_group
from kmagic.errors import StreamError
from kmagic.rest import status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from kmagic.rest.request import Request
    from kmagic.transport.http import Transport

__all__ = ("WebSocket", "connect")

# Above what kubelets send at once (32 KiB and a channel byte).
_READ_BYTES = 65536
# client-go's heartbeat: a ping every 5 s, an answer within 61 s.
_PING_SECONDS = 5.0
_PONG_SECONDS = 61.0

_NORMAL_CLOSURES = (1000, 1001, 1005)
_TOO_BIG = 1009
_NO_ANSWER = 1011
_CLOSE_SECONDS = 1.0

# Kubelets send 32 KiB a message at most.
_MAX_MESSAGE_BYTES = 16 << 20

# RFC 6455, section 4.2.2.
_ACCEPT_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class WebSocket:
    """An open WebSocket that speaks in binary messages.

    Messages are read from the connection when they are asked for, so a slow receiver slows the sender. One task may
    receive at a time; any may send.

    Attributes:
        protocol: The sub-protocol the server chose.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream, protocol: str, what: str) -> None:
        self.protocol: str = protocol
        self._stream: httpcore.AsyncNetworkStream = stream
        self._what: str = what
        self._frames: Connection = Connection(ConnectionType.CLIENT)
        self._events: deque[events.Event] = deque()
        self._closed: events.CloseConnection | None = None
        self._writing: anyio.Lock = anyio.Lock()
        self._waiting_since: float | None = None
        self._answered: anyio.Event = anyio.Event()

    async def send(self, message: bytes) -> None:
        """Sends one message.

        Raises:
            StreamError: The connection is gone.
        """
        try:
            await self._send(events.BytesMessage(message))
        except (LocalProtocolError, httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise StreamError(f"the stream is closed: {self._what}") from error

    async def receive(self) -> bytes | None:
        """The next message; None when the server closed the stream in order.

        Raises:
            StreamError: It ended in another way, or sent text or a message of more than 16 MiB.
        """
        parts: list[bytes] = []
        size = 0
        while True:
            event = await self._next()
            match event:
                case events.BytesMessage():
                    parts.append(bytes(event.data))
                    size += len(event.data)
                    if event.message_finished:
                        return b"".join(parts)
                    if size > _MAX_MESSAGE_BYTES:
                        await self.close(_TOO_BIG)
                        raise StreamError(
                            f"the server sent a message of more than {_MAX_MESSAGE_BYTES >> 20} MiB: {self._what}"
                        )
                case events.TextMessage():
                    raise StreamError("unexpected message type: 1")
                case events.CloseConnection():
                    if event.code in _NORMAL_CLOSURES:
                        return None
                    raise StreamError(f"the server closed the stream: {self._what} ({event.code} {event.reason})")

    async def keep_alive(self, ping_seconds: float, pong_seconds: float) -> None:
        """Pings a peer that is waited for and silent, and closes the connection when no answer comes.

        Never while messages come or wait to be taken: a peer that has sent everything and closed answers a ping by a
        reset, and what it sent and we did not read yet is lost.
        """
        while True:
            await anyio.sleep(ping_seconds)
            if self._waiting_since is None or anyio.current_time() - self._waiting_since < ping_seconds:
                continue
            self._answered = anyio.Event()
            try:
                await self._send(events.Ping(os.urandom(4)))
            except (LocalProtocolError, httpcore.NetworkError, httpcore.TimeoutException):
                # The connection is gone; whoever receives sees it.
                return
            with anyio.move_on_after(pong_seconds) as scope:
                await self._answered.wait()
            if scope.cancelled_caught:
                await self.close(_NO_ANSWER)
                return

    async def close(self, code: int = _NORMAL_CLOSURES[0]) -> None:
        """Says good-bye and closes the connection; does not wait for the peer's answer."""
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
            with suppress(LocalProtocolError, httpcore.NetworkError, httpcore.TimeoutException):
                if self._frames.state is ConnectionState.OPEN:
                    await self._send(events.CloseConnection(code))
        with anyio.CancelScope(shield=True):
            await self._stream.aclose()

    async def _next(self) -> events.Event:
        """The next event that is for whoever receives."""
        while True:
            while not self._events:
                if self._closed is not None:
                    return self._closed
                await self._read()
            event = self._events.popleft()
            if isinstance(event, events.Ping | events.CloseConnection):
                if isinstance(event, events.CloseConnection):
                    self._closed = event
                with suppress(LocalProtocolError, httpcore.NetworkError, httpcore.TimeoutException):
                    await self._send(event.response())
            if isinstance(event, events.Pong):
                self._answered.set()
            elif not isinstance(event, events.Ping):
                return event

    async def _read(self) -> None:
        self._waiting_since = anyio.current_time()
        try:
            data = await self._stream.read(_READ_BYTES)
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise StreamError(f"the connection broke during: {self._what}") from error
        finally:
            self._waiting_since = None
        if not data:
            raise StreamError(f"the connection broke during: {self._what}")
        self._frames.receive_data(data)
        self._events += self._frames.events()

    async def _send(self, event: events.Event) -> None:
        async with self._writing:
            await self._stream.write(self._frames.send(event))


@asynccontextmanager
async def connect(
    transport: Transport,
    request: Request,
    protocols: Sequence[str],
    *,
    ping_seconds: float = _PING_SECONDS,
    pong_seconds: float = _PONG_SECONDS,
) -> AsyncIterator[WebSocket]:
    """Opens a WebSocket.

    Args:
        transport: Transport of the request.
        request: A GET; credentials and impersonation are added as to any request.
        protocols: Sub-protocols that will do, best first.
        ping_seconds: Seconds of silence after which the peer gets a ping.
        pong_seconds: Seconds in which it must answer.

    Raises:
        StatusError: The server refused it, with its reason.
        StreamError: It answered, but not as a WebSocket.
    """
    key = base64.b64encode(os.urandom(16))
    upgrade = request.with_headers(
        [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key.decode("ascii")),
            ("Sec-WebSocket-Protocol", ", ".join(protocols)),
            ("Accept-Encoding", "identity"),
        ]
    )
    async with transport.stream(upgrade) as answer:
        if answer.status != 101:
            body = await answer.read()
            if answer.status >= 300:
                raise status.error_from_response(request, answer.status, answer.headers, body)
            raise StreamError(f"the server does not speak WebSocket for: {request.describe()}")
        accept = base64.b64encode(hashlib.sha1(key + _ACCEPT_KEY, usedforsecurity=False).digest()).decode("ascii")
        chosen = answer.headers.get("sec-websocket-protocol", "")
        if chosen not in protocols:
            raise StreamError(
                f'the server chose no usable stream protocol ("{chosen}") for: {request.describe()}',
                hint="servers before 1.30 may lack it",
            )
        if answer.headers.get("sec-websocket-accept") != accept:
            raise StreamError(f"the server's WebSocket is not an answer to ours: {request.describe()}")
        socket = WebSocket(answer.network_stream, chosen, request.describe())
        try:
            async with task_group() as tasks:
                tasks.start_soon(socket.keep_alive, ping_seconds, pong_seconds)
                yield socket
                tasks.cancel_scope.cancel()
        finally:
            await socket.close()
