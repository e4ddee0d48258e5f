"""The httpx transport for a server that is reached without a proxy.

Connections are opened when needed, kept while they are good, and used one answer at a time. httpx's own transport does
the same for three times the CPU an event of a watch; docs/decisions/http.md has the figures.
"""

from __future__ import annotations

import asyncio
import socket
import weakref
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from kmagic.aio.fork import Origin
from kmagic.api.secrecy import hidden
from kmagic.transport.connection import Connection, UpgradedStream, connect
from kmagic.transport.http1 import request_head

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Sequence

__all__ = ("DirectTransport", "keepalive_options")

_MAX_IDLE = 25
_IDLE_SECONDS = 90.0
# Asked twice they give the same answer, so a connection that was closed just before may be tried again.
_REPEATABLE = frozenset(("GET", "HEAD"))


class DirectTransport(httpx.AsyncBaseTransport):
    """The connections to one server.

    Beside httpx's own, requests may carry the extension ``"gathers"``: true for a stream of events of which those that
    come closely one after the other may be read together. Connections that are still open when this object is collected
    are closed.

    Args:
        server: ``https://host:port``; a path is not looked at.
        context: For TLS; not used for plain HTTP.
        server_name: Name that the certificate must have; "" for the host's.

    Raises:
        httpx.InvalidURL, httpx.UnsupportedProtocol: The server's address is none.
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
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()  # until the socket is closed
        weakref.finalize(self, _abandon, self._open, Origin("the connections")).atexit = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request; returns when the head of the answer is there.

        Raises:
            httpx.TransportError: There was no answer.
        """
        extensions = request.extensions
        timeouts = extensions.get("timeout", {})
        try:
            head = request_head(request.method, request.url.raw_path, request.headers.raw)
            data = hidden(head + await request.aread())
        except ValueError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        while True:
            kept = self._kept()
            connection = kept or await self._connect(timeouts.get("connect"))
            try:
                connection.send(
                    request.method,
                    data,
                    timeouts.get("read"),
                    gathers=bool(extensions.get("gathers")),
                    upgrades=b"\r\nupgrade:" in head.lower(),
                )
                answer = await connection.head()
            except BaseException as error:
                stale = (
                    kept is not None
                    and connection.silent
                    and isinstance(error, httpx.NetworkError | httpx.ProtocolError)
                )
                self.give_back(connection)
                if not (stale and request.method in _REPEATABLE):
                    raise
            else:
                stream = _Body(self, connection)
                return httpx.Response(
                    answer.status,
                    headers=answer.fields,
                    stream=stream,
                    extensions={"network_stream": UpgradedStream(connection)} if answer.upgraded else {},
                )

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

    async def _connect(self, seconds: float | None) -> Connection:
        connection = await connect(
            self._host,
            self._port,
            context=self._context,
            server_name=self._server_name,
            seconds=seconds,
            options=keepalive_options(),
        )
        self._open.add(connection)
        connection.on_closed(self._open.discard)
        return connection


class _Body(httpx.AsyncByteStream):
    """The body of an answer, still compressed, on one of these connections."""

    def __init__(self, owner: DirectTransport, connection: Connection) -> None:
        self._owner: DirectTransport = owner
        self._connection: Connection | None = connection

    def __aiter__(self) -> _Body:
        return self

    async def __anext__(self) -> bytes:
        if self._connection is None:
            raise StopAsyncIteration
        if data := await self._connection.read():
            return data
        raise StopAsyncIteration

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


def _abandon(connections: Iterable[Connection], origin: Origin) -> None:
    for connection in list(connections) if origin.is_here else ():
        connection.abandon()
