"""Connections that lead straight to a server: opened when needed, kept while they are good, used one answer at a time."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from kmagic.rest.http1 import ResponseParser, request_head
from kmagic.transport.connection import Connection, UpgradedStream, connect
from kmagic.transport.exchange import CONNECT_SECONDS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from kmagic.transport.exchange import Message

__all__ = ("DirectConnections", "DirectExchange", "keepalive_options")

_MAX_IDLE = 25
_IDLE_SECONDS = 90.0
# Asked twice they give the same answer, so a connection that was closed just before may be tried anew.
_REPEATABLE = frozenset(("GET", "HEAD"))


class DirectConnections:
    """The connections to one server.

    Args:
        server: ``https://host:port/prefix``.
        context: For TLS; not used for plain HTTP.
        server_name: Whose certificate is expected; "" for the host's.
    """

    def __init__(self, server: str, context: ssl.SSLContext, server_name: str = "") -> None:
        try:
            parts = urlsplit(server)
            port = parts.port
        except ValueError as error:
            raise httpx.InvalidURL(str(error)) from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise httpx.UnsupportedProtocol("it must begin with https:// or http:// and name a host")
        self._host: str = parts.hostname
        self._port: int = port or (443 if parts.scheme == "https" else 80)
        self._context: ssl.SSLContext | None = context if parts.scheme == "https" else None
        self._server_name: str = server_name or parts.hostname
        self._prefix: str = parts.path.rstrip("/")
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()  # until the socket is closed

    async def open(self, message: Message) -> DirectExchange:
        """Sends a request; returns when the head of the answer is there.

        Raises:
            httpx.TransportError: There was no answer.
        """
        body = message.body
        length = len(body) if body is not None else None if message.method in _REPEATABLE else 0
        try:
            data = request_head(message.method, self._prefix + message.target, message.headers, length) + (body or b"")
        except ValueError as error:
            raise httpx.InvalidURL(str(error)) from error
        while True:
            kept = self._kept()
            connection = kept or await self._connect()
            try:
                connection.send(message.method, data, message.idle, gathers=message.gathers)
                return DirectExchange(self, connection, await connection.head())
            except BaseException as error:
                stale = (
                    kept is not None
                    and connection.silent
                    and isinstance(error, httpx.NetworkError | httpx.ProtocolError)
                )
                self.give_back(connection)
                if not (stale and message.method in _REPEATABLE):
                    raise

    async def aclose(self) -> None:
        """Closes all of them; answers under way end with an error."""
        self._idle.clear()
        for connection in self._open:
            connection.abort()
        for connection in list(self._open):
            await connection.wait_closed()

    def give_back(self, connection: Connection) -> None:
        """Takes a connection whose answer is over, or given up."""
        if connection.release() and len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.abort()

    def _kept(self) -> Connection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and now - connection.idle_since < _IDLE_SECONDS:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> Connection:
        connection = await connect(
            self._host,
            self._port,
            context=self._context,
            server_name=self._server_name,
            seconds=CONNECT_SECONDS,
            options=keepalive_options(),
        )
        self._open.add(connection)
        connection.on_closed(self._open.discard)
        return connection


class DirectExchange:
    """An answer under way on one of these connections."""

    def __init__(self, owner: DirectConnections, connection: Connection, head: ResponseParser) -> None:
        self.status: int = head.status
        self.headers: Mapping[str, str] = head.headers
        self.read: Callable[[], Awaitable[bytes]] = connection.read
        self._owner: DirectConnections = owner
        self._connection: Connection | None = connection

    @property
    def network_stream(self) -> UpgradedStream:
        """The raw connection after an upgrade."""
        assert self._connection is not None
        return UpgradedStream(self._connection)

    async def aclose(self) -> None:
        """Ends the answer: a connection that has more to say is closed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._owner.give_back(connection)


def keepalive_options() -> Sequence[tuple[int, int, int]]:
    """Socket options that find a peer that is gone (sleep, VPN, load balancer) in about a minute, so that no watch hangs for ever."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options
