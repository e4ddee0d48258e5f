"""The one door to a server: sends request values, gives back bytes.

Theory of operation. A `Transport` belongs to one server and one identity. It opens nothing before the first
request. Below it sit HTTP/1.1 connections, our own where they lead straight to the server (`direct`: a watch's events
cost a third of httpx's time) and httpx's through proxies (`through_httpx`); a changed client certificate or CA file replaces them,
and the old ones close when their last stream has ended. A 401 asks the authenticator for new credentials once and
repeats what is safe to repeat.

Promises: httpx's types and errors do not leak; a watch is never compressed (kube-apiserver's multi-member gzip);
lists may be, and every gzip member is decoded. Does not: retry, throttle, bound a request's whole time or raise for HTTP codes (`client.rest`).
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import msgspec

from kmagic.config.client_config import TLSConfig
from kmagic.errors import ConfigError, DecodeError, TransportError
from kmagic.transport import auth as auths
from kmagic.transport import failures, proxy, tls
from kmagic.transport.clock import SystemClock
from kmagic.transport.credentials import authenticator_for
from kmagic.transport.direct import DirectConnections, keepalive_options
from kmagic.transport.exchange import SILENCE_SECONDS, Connections, Exchange, Message
from kmagic.transport.network import ClosingTransport
from kmagic.transport.through_httpx import HttpxConnections
from kmagic.transport.user_agent import user_agent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from types import TracebackType

    import httpcore

    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig
    from kmagic.rest.request import Request

__all__ = ("Response", "StreamResponse", "Transport")

# Rotated certificates are looked for at most this often (RE-26: client-go caches for 1 s and checks in the background).
_CERTIFICATE_CHECK_SECONDS = 1.0

_PROXY_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=25, keepalive_expiry=90.0)


class Response(msgspec.Struct, frozen=True, gc=False):
    """A whole answer.

    Attributes:
        headers: With lower-case names; repeated ones joined by ``", "``.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Response {self.status} ({len(self.body)} bytes)>"


class StreamResponse:
    """An answer whose body comes in chunks."""

    def __init__(self, request: Request, exchange: Exchange, server: str) -> None:
        self.status: int = exchange.status
        self.headers: Mapping[str, str] = exchange.headers
        self._request = request
        self._exchange = exchange
        self._server = server

    @property
    def network_stream(self) -> httpcore.AsyncNetworkStream:
        """The raw connection after an upgrade."""
        return self._exchange.network_stream

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body, decompressed, in pieces of any size.

        Raises:
            TransportError: The connection broke, or was silent for longer than the request allows.
            DecodeError: The compressed data is broken.
        """
        inflate = _Inflate() if self.headers.get("content-encoding") == "gzip" else None
        read = self._exchange.read
        try:
            while chunk := await read():
                data = inflate.feed(chunk) if inflate else chunk
                if data:
                    yield data
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise failures.transport_error(error, self._request, self._server) from error

    async def read(self) -> bytes:
        """The rest of the body in one piece."""
        return b"".join([chunk async for chunk in self.chunks()])


class Transport:
    """Connections to one server as one user.

    Args:
        config: Where and who.
        clock: For credentials that expire.
        http: Another httpx transport to send through (tests, a server in the same process).
        environ: Where proxies are looked up; the process's by default.
    """

    def __init__(
        self,
        config: ClientConfig,
        *,
        clock: Clock | None = None,
        http: httpx.AsyncBaseTransport | None = None,
        environ: Mapping[str, str] = os.environ,
        authenticator: auths.Authenticator | None = None,
    ) -> None:
        if http is not None and config.tls != TLSConfig():
            raise ConfigError(
                "using a custom transport with TLS certificate options or the insecure flag is not allowed"
            )
        self.config = config
        self._server = config.server.rstrip("/")
        self._clock: Clock = clock or SystemClock()
        self._environ = environ
        self._given = HttpxConnections(http, self._server) if http is not None else None
        self._connections: Connections | None = self._given
        self._authenticator = authenticator or authenticator_for(config, self._clock)
        self._certificate: tuple[bytes, bytes] | None = None
        self._stamps: object = None
        self._checked_at = float("-inf")
        self._users: dict[Connections, int] = {}
        self._retired: set[Connections] = set()
        self._base_headers = self._fixed_headers()
        self._closed = False

    @property
    def server(self) -> str:
        """The server's address, without a trailing slash."""
        return self._server

    @property
    def authenticator(self) -> auths.Authenticator:
        """Who the requests come from."""
        return self._authenticator

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes every connection; open streams end with an error."""
        self._closed = True
        closing = {*self._users, *self._retired, *([self._connections] if self._connections else [])}
        self._connections = None
        self._retired.clear()
        for connections in closing:
            await connections.aclose()

    async def send(self, request: Request) -> Response:
        """Sends a request and reads the whole answer, whatever its code.

        Raises:
            TransportError: There was no answer.
            AuthError: There were no credentials.
        """
        async with self.stream(request) as answer:
            return Response(answer.status, answer.headers, await answer.read())

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[StreamResponse]:
        """Sends a request and gives the answer as soon as its headers are there; leaving closes it."""
        connections, exchange = await self._open(request)
        try:
            yield StreamResponse(request, exchange, self._server)
        finally:
            await self._release(connections, exchange)

    async def authorized_headers(self) -> list[tuple[str, str]]:
        """The headers every request carries: user agent, credentials, impersonation."""
        authorization = await self._authenticator.authorization()
        return [*self._base_headers, *([("Authorization", authorization)] if authorization else [])]

    async def connections(self) -> Connections:
        """The connections to use now, with certificates that are up to date."""
        if self._closed:
            raise TransportError(f"the client for {self._server} is closed")
        if self._given is not None:
            return self._given
        now = self._clock.now()
        if self._connections is None or now - self._checked_at >= _CERTIFICATE_CHECK_SECONDS:
            self._checked_at = now
            certificate = await self._authenticator.certificate()
            stamps = tls.file_stamps(self.config.tls)
            if self._connections is None or certificate != self._certificate or stamps != self._stamps:
                self._certificate, self._stamps = certificate, stamps
                await self._replace()
        assert self._connections is not None
        return self._connections

    async def _open(self, request: Request) -> tuple[Connections, Exchange]:
        authorization = request.header("Authorization") or await self._authenticator.authorization()
        connections, exchange = await self._attempt(request, authorization)
        if exchange.status != 401 or request.header("Authorization"):
            return connections, exchange
        try:
            renewed = await self._authenticator.renew(authorization)
        except BaseException:
            await self._release(connections, exchange)
            raise
        if not (renewed and request.idempotent):
            return connections, exchange
        await self._release(connections, exchange)
        return await self._attempt(request, await self._authenticator.authorization())

    async def _attempt(self, request: Request, authorization: str) -> tuple[Connections, Exchange]:
        message = self._message(request, authorization)
        try:
            connections = await self.connections()
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise failures.transport_error(error, request, self._server) from error
        self._users[connections] = self._users.get(connections, 0) + 1
        try:
            return connections, await connections.open(message)
        except BaseException as error:
            await self._release(connections, None)
            if isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError):
                raise failures.transport_error(error, request, self._server) from error
            raise

    def _message(self, request: Request, authorization: str) -> Message:
        headers = [*self._base_headers, *request.headers]
        if authorization and not request.header("Authorization"):
            headers.append(("Authorization", authorization))
        if not request.header("Accept-Encoding"):
            headers.append(("Accept-Encoding", "identity" if self.config.disable_compression else "gzip"))
        idle = request.idle_timeout
        if idle is None and request.verb not in ("watch", "connect"):
            idle = max(SILENCE_SECONDS, request.timeout or 0.0)
        return Message(request.method, request.url, headers, request.body, idle, request.verb == "watch")

    async def _release(self, connections: Connections, exchange: Exchange | None) -> None:
        try:
            if exchange is not None:
                await exchange.aclose()
        finally:
            left = self._users.get(connections, 1) - 1
            if left:
                self._users[connections] = left
            else:
                self._users.pop(connections, None)
                if connections in self._retired:
                    self._retired.discard(connections)
                    await connections.aclose()

    async def _replace(self) -> None:
        old, self._connections = self._connections, self._new_connections()
        if old is None:
            return
        if self._users.get(old):
            self._retired.add(old)
        else:
            await old.aclose()

    def _new_connections(self) -> Connections:
        context = tls.ssl_context(self.config.tls, certificate=self._certificate)
        server_name = self.config.tls.server_name or ""
        address = proxy.proxy_for(self._server, self.config.proxy_url, self._environ)
        if address is None:
            return DirectConnections(self._server, context, server_name)
        proxied = ClosingTransport(
            verify=context,
            limits=_PROXY_LIMITS,
            proxy=httpx.Proxy(address),
            trust_env=False,
            socket_options=keepalive_options(),
        )
        return HttpxConnections(proxied, self._server, server_name)

    def _fixed_headers(self) -> list[tuple[str, str]]:
        headers = [
            ("Host", urlsplit(self._server).netloc.rpartition("@")[2]),
            ("User-Agent", self.config.user_agent or user_agent()),
        ]
        return headers + auths.impersonation_headers(self.config.impersonate)


class _Inflate:
    """gzip in pieces; goes on after the end of a member, as kube-apiserver may send several."""

    def __init__(self) -> None:
        self._member = _new_member()

    def feed(self, chunk: bytes) -> bytes:
        try:
            data = self._member.decompress(chunk)
            while self._member.eof and (rest := self._member.unused_data):
                self._member = _new_member()
                data += self._member.decompress(rest)
        except zlib.error as error:
            raise DecodeError(f"the server's compressed answer is broken: {error}") from error
        return data


def _new_member() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)
