"""WebSockets to the server: the same door, credentials and errors as every other request.

Source: k8s.io/client-go/transport/websocket/roundtripper.go.
"""

from __future__ import annotations

import base64
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import httpcore
import httpx_ws
import wsproto

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


class WebSocket:
    """An open WebSocket that speaks in binary messages.

    Attributes:
        protocol: The sub-protocol the server chose.
    """

    def __init__(self, session: httpx_ws.AsyncWebSocketSession, protocol: str, what: str) -> None:
        self._session = session
        self.protocol = protocol
        self._what = what
        self._waiting_since: float | None = None

    async def send(self, message: bytes) -> None:
        """Sends one message.

        Raises:
            StreamError: The connection is gone.
        """
        try:
            await self._session.send_bytes(message)
        except (httpx_ws.HTTPXWSException, wsproto.utilities.LocalProtocolError, httpcore.NetworkError) as error:
            raise StreamError(f"the stream is closed: {self._what}") from error

    async def receive(self) -> bytes | None:
        """The next message; None when the server closed the stream in order.

        Raises:
            StreamError: It ended in another way, or sent text.
        """
        try:
            self._waiting_since = anyio.current_time()
            try:
                event = await self._session.receive()
            finally:
                self._waiting_since = None
        except httpx_ws.WebSocketDisconnect as error:
            if error.code in _NORMAL_CLOSURES:
                return None
            raise StreamError(f"the server closed the stream: {self._what} ({error.code} {error.reason})") from error
        except httpx_ws.HTTPXWSException as error:
            raise StreamError(f"the connection broke during: {self._what}") from error
        if isinstance(event, wsproto.events.BytesMessage):
            return bytes(event.data)
        raise StreamError("unexpected message type: 1")

    async def keep_alive(self, ping_seconds: float, pong_seconds: float) -> None:
        """Pings a peer that is waited for and silent, and closes the connection when no answer comes.

        Never while messages come or wait to be taken: a peer that has sent everything and closed answers a ping by a
        reset, and what it sent and we did not read yet is lost.
        """
        while True:
            await anyio.sleep(ping_seconds)
            if self._waiting_since is None or anyio.current_time() - self._waiting_since < ping_seconds:
                continue
            try:
                pong = await self._session.ping()
            except (httpx_ws.HTTPXWSException, wsproto.utilities.LocalProtocolError, httpcore.NetworkError):
                # The connection is gone; whoever receives is told.
                return
            with anyio.move_on_after(pong_seconds) as scope:
                await pong.wait()
            if scope.cancelled_caught:
                await self._session.close(1011, "no answer to a ping")
                return


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
        transport: Where to.
        request: A GET; credentials and impersonation are added as to any request.
        protocols: Sub-protocols that will do, best first.
        ping_seconds: How long to wait for a message before the peer is asked whether it is still there.
        pong_seconds: How long it may take to answer.

    Raises:
        StatusError: The server refused it, with its reason.
        StreamError: It answered, but not as a WebSocket.
    """
    upgrade = request.with_headers(
        [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", base64.b64encode(os.urandom(16)).decode("ascii")),
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
        chosen = answer.headers.get("sec-websocket-protocol", "")
        if chosen not in protocols:
            raise StreamError(
                f'the server chose no usable stream protocol ("{chosen}") for: {request.describe()}',
                hint="servers before 1.30 may lack it",
            )
        session = httpx_ws.AsyncWebSocketSession(
            answer.network_stream,
            max_message_size_bytes=_READ_BYTES,
            keepalive_ping_interval_seconds=None,
        )
        socket = WebSocket(session, chosen, request.describe())
        try:
            async with session, anyio.create_task_group() as group:
                group.start_soon(socket.keep_alive, ping_seconds, pong_seconds)
                yield socket
                group.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            # The session's own task group wraps what the caller raised.
            raise _only(group) from None


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _only(first) if isinstance(first, BaseExceptionGroup) else first
