"""The one door to a server: sends request values, gives back bytes.

Theory of operation. A `Transport` belongs to one server and one identity. It opens nothing before the first
request. Below it sits a pool of HTTP/1.1 connections; a changed client certificate or CA file replaces the pool,
and the old one closes when its last stream has ended. A 401 asks the authenticator for new credentials once and
repeats what is safe to repeat.

Promises: httpx types and errors do not leak; a watch is never compressed (kube-apiserver's multi-member gzip);
lists may be, and every gzip member is decoded. Does not: retry, throttle, bound a request's whole time or raise for HTTP codes (`client.rest`).
"""

from __future__ import annotations

import os
import socket
import ssl
import zlib
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from kmagic.config.client_config import TLSConfig
from kmagic.errors import ConfigError, DecodeError, TransportError
from kmagic.transport import auth as auths
from kmagic.transport import failures, proxy, tls
from kmagic.transport.clock import SystemClock
from kmagic.transport.credentials import authenticator_for
from kmagic.transport.network import ClosingTransport
from kmagic.transport.user_agent import user_agent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence
    from types import TracebackType

    import httpcore

    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig
    from kmagic.rest.request import Request

__all__ = ("Response", "StreamResponse", "Transport")

CONNECT_SECONDS = 5.0

# An apiserver ends requests after 60 s by itself, so silence beyond that means that nobody is there.
_SILENCE_SECONDS = 65.0

# Rotated certificates are looked for at most this often (RE-26: client-go caches for 1 s and checks in the background).
_CERTIFICATE_CHECK_SECONDS = 1.0

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=25, keepalive_expiry=90.0)


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

    def __init__(self, request: Request, response: httpx.Response, server: str) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = _headers(response)
        self._request = request
        self._response = response
        self._server = server

    @property
    def network_stream(self) -> httpcore.AsyncNetworkStream:
        """The raw connection after an upgrade."""
        stream: httpcore.AsyncNetworkStream = self._response.extensions["network_stream"]
        return stream

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body, decompressed, in pieces of any size.

        Raises:
            TransportError: The connection broke, or was silent for longer than the request allows.
            DecodeError: The compressed data is broken.
        """
        stream = self._response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        inflate = _Inflate() if self.headers.get("content-encoding") == "gzip" else None
        try:
            async for chunk in stream:
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
        self._http = http
        self._given_http = http is not None
        self._authenticator = authenticator or authenticator_for(config, self._clock)
        self._certificate: tuple[bytes, bytes] | None = None
        self._stamps: object = None
        self._checked_at = float("-inf")
        self._users: dict[httpx.AsyncBaseTransport, int] = {}
        self._retired: set[httpx.AsyncBaseTransport] = set()
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
        pools = {*self._users, *self._retired, *([self._http] if self._http else [])}
        self._http = None
        self._retired.clear()
        for pool in pools:
            await pool.aclose()

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
        pool, response = await self._open(request)
        try:
            yield StreamResponse(request, response, self._server)
        finally:
            await self._release(pool, response)

    async def authorized_headers(self) -> list[tuple[str, str]]:
        """The headers every request carries: user agent, credentials, impersonation."""
        authorization = await self._authenticator.authorization()
        return [*self._base_headers, *([("Authorization", authorization)] if authorization else [])]

    async def pool(self) -> httpx.AsyncBaseTransport:
        """The connections to use now, with certificates that are up to date."""
        if self._closed:
            raise TransportError(f"the client for {self._server} is closed")
        if self._given_http and self._http is not None:
            return self._http
        now = self._clock.now()
        if self._http is None or now - self._checked_at >= _CERTIFICATE_CHECK_SECONDS:
            self._checked_at = now
            certificate = await self._authenticator.certificate()
            stamps = tls.file_stamps(self.config.tls)
            if self._http is None or certificate != self._certificate or stamps != self._stamps:
                self._certificate, self._stamps = certificate, stamps
                await self._replace_pool()
        assert self._http is not None
        return self._http

    def extensions(self, idle: float | None) -> dict[str, Any]:
        """Httpx request extensions: timeouts in seconds and the TLS server name."""
        options: dict[str, Any] = {
            "timeout": {"connect": CONNECT_SECONDS, "read": idle, "write": _SILENCE_SECONDS, "pool": _SILENCE_SECONDS}
        }
        if self.config.tls.server_name:
            options["sni_hostname"] = self.config.tls.server_name
        return options

    async def _open(self, request: Request) -> tuple[httpx.AsyncBaseTransport, httpx.Response]:
        authorization = request.header("Authorization") or await self._authenticator.authorization()
        pool, response = await self._attempt(request, authorization)
        if response.status_code != 401 or request.header("Authorization"):
            return pool, response
        try:
            renewed = await self._authenticator.renew(authorization)
        except BaseException:
            await self._release(pool, response)
            raise
        if not (renewed and request.idempotent):
            return pool, response
        await self._release(pool, response)
        return await self._attempt(request, await self._authenticator.authorization())

    async def _attempt(self, request: Request, authorization: str) -> tuple[httpx.AsyncBaseTransport, httpx.Response]:
        pool = await self.pool()
        message = self._message(request, authorization)
        self._users[pool] = self._users.get(pool, 0) + 1
        try:
            response = await pool.handle_async_request(message)
        except BaseException as error:
            await self._release(pool, None)
            if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
                raise failures.transport_error(error, request, self._server) from error
            if isinstance(error, ssl.SSLError | OSError):
                raise failures.transport_error(error, request, self._server) from error
            raise
        return pool, response

    def _message(self, request: Request, authorization: str) -> httpx.Request:
        headers = [*self._base_headers, *request.headers]
        if authorization and not request.header("Authorization"):
            headers.append(("Authorization", authorization))
        if not request.header("Accept-Encoding"):
            headers.append(("Accept-Encoding", "identity" if self.config.disable_compression else "gzip"))
        idle = request.idle_timeout
        if idle is None and request.verb not in ("watch", "connect"):
            idle = max(_SILENCE_SECONDS, request.timeout or 0.0)
        try:
            return httpx.Request(
                request.method,
                self._server + request.url,
                headers=[(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers],
                content=request.body,
                extensions=self.extensions(idle),
            )
        except httpx.InvalidURL as error:
            raise failures.transport_error(error, request, self._server) from error

    async def _release(self, pool: httpx.AsyncBaseTransport, response: httpx.Response | None) -> None:
        try:
            if response is not None:
                await response.stream.aclose()  # type: ignore[union-attr]  # transports always give async streams
        finally:
            left = self._users.get(pool, 1) - 1
            if left:
                self._users[pool] = left
            else:
                self._users.pop(pool, None)
                if pool in self._retired:
                    self._retired.discard(pool)
                    await pool.aclose()

    async def _replace_pool(self) -> None:
        old, self._http = self._http, self._new_pool()
        if old is None:
            return
        if self._users.get(old):
            self._retired.add(old)
        else:
            await old.aclose()

    def _new_pool(self) -> httpx.AsyncBaseTransport:
        context = tls.ssl_context(self.config.tls, certificate=self._certificate)
        address = proxy.proxy_for(self._server, self.config.proxy_url, self._environ)
        return ClosingTransport(
            verify=context,
            limits=_LIMITS,
            proxy=httpx.Proxy(address) if address else None,
            trust_env=False,
            socket_options=_keepalive_options(),
        )

    def _fixed_headers(self) -> list[tuple[str, str]]:
        headers = [
            ("Host", httpx.URL(self._server).netloc.decode("ascii")),
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


def _headers(response: httpx.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", errors="replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _keepalive_options() -> Sequence[tuple[int, int, int]]:
    # Finds a peer that is gone (sleep, VPN, load balancer) in about a minute, so that a watch cannot hang for ever.
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options
