"""The one door to a server: sends request values, gives back bytes.

Theory of operation. A `Transport` belongs to one server and one identity. It opens nothing before the first
request. Below it sits an httpx transport: our own where it leads straight to the server (`direct`), httpx's through
proxies (`network`), or one that was given; a changed client certificate or CA file replaces it, and the old one closes
when its last stream has ended. A 401 asks the authenticator for new credentials once and repeats what is safe to repeat.

Promises: httpx's types and errors do not leak; a watch is never compressed (kube-apiserver's multi-member gzip);
lists may be, and every gzip member is decoded (`inflate`). Does not: retry, throttle, bound a request's whole time or raise for HTTP codes (`client.rest`).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import msgspec

from kmagic.aio.fork import Origin
from kmagic.api.secrecy import SECRET_HEADERS, SecretText, hidden, redacted_url, reveal
from kmagic.config.client_config import TLSConfig
from kmagic.errors import ConfigError, TransportError
from kmagic.transport import auth as auths
from kmagic.transport import failures, proxy, tls
from kmagic.transport.agent import user_agent
from kmagic.transport.clock import SystemClock
from kmagic.transport.credentials import authenticator_for
from kmagic.transport.direct import DirectTransport, keepalive_options
from kmagic.transport.http1 import joined_headers
from kmagic.transport.inflate import inflater_for
from kmagic.transport.network import ClosingTransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
    from types import TracebackType

    import httpcore

    from kmagic.api.clock import Clock
    from kmagic.config.client_config import ClientConfig
    from kmagic.rest.request import Request

__all__ = ("Response", "StreamResponse", "Transport")

# Rotated certificates are looked for at most this often (RE-26: client-go caches for 1 s and checks in the background).
_CERTIFICATE_CHECK_SECONDS = 1.0

_CONNECT_SECONDS = 5.0

# An apiserver ends requests after 60 s by itself, so silence beyond that means that the peer is gone.
_SILENCE_SECONDS = 65.0

# What httpx raises while a body is read.
_BROKEN = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL)

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
    """An answer whose body comes in chunks.

    Attributes:
        headers: With lower-case names; repeated ones joined by ``", "``.
    """

    def __init__(
        self, request: Request, response: httpx.Response, server: str, ended: Callable[[], Awaitable[None]]
    ) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = joined_headers(response.headers.raw)
        self._request = request
        self._response = response
        self._server = server
        self._ended = ended

    @property
    def network_stream(self) -> httpcore.AsyncNetworkStream:
        """The raw connection after an upgrade."""
        stream: httpcore.AsyncNetworkStream = self._response.extensions["network_stream"]
        return stream

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body, decompressed, in pieces of any size.

        Raises:
            TransportError: The connection broke, was silent for longer than the request allows, or sent too much.
            DecodeError: The compressed data is broken.
        """
        inflater = inflater_for(self.headers.get("content-encoding", ""), self._request)
        assert isinstance(self._response.stream, httpx.AsyncByteStream)
        try:
            async for chunk in self._response.stream:
                if inflater is None:
                    yield chunk
                else:
                    for piece in inflater.feed(chunk):
                        yield piece
        except _BROKEN as error:
            raise failures.transport_error(error, self._request, self._server) from error
        if inflater is not None:
            inflater.finish()

    async def read(self) -> bytes:
        """The rest of the body in one piece; raises like `chunks`."""
        if self.headers.get("content-encoding"):
            return b"".join([chunk async for chunk in self.chunks()])
        # Without a generator, of which asyncio keeps a book.
        assert isinstance(self._response.stream, httpx.AsyncByteStream)
        try:
            return b"".join([chunk async for chunk in self._response.stream])
        except _BROKEN as error:
            raise failures.transport_error(error, self._request, self._server) from error

    async def aclose(self) -> None:
        """Ends the answer; one that has more to say takes its connection along."""
        try:
            assert isinstance(self._response.stream, httpx.AsyncByteStream)
            await self._response.stream.aclose()
        finally:
            await self._ended()


class Transport:
    """Connections to one server as one user.

    Args:
        config: The server and the identity.
        clock: For credentials that expire.
        http: Another httpx transport to send through (tests, a server in the same process).
        environ: Environment with the proxy variables; the process's by default.
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
        self._given = http
        self._current: httpx.AsyncBaseTransport | None = http
        self._authenticator = authenticator or authenticator_for(config, self._clock)
        self._certificate: tuple[bytes, bytes] | None = None
        self._stamps: object = None
        self._checked_at = float("-inf")
        self._users: dict[httpx.AsyncBaseTransport, int] = {}
        self._retired: set[httpx.AsyncBaseTransport] = set()
        self._base_headers = self._fixed_headers()
        self._last_headers: tuple[object, httpx.Headers] | None = None
        self._closed = False
        self._origin = Origin(f"the client of {self._server}")

    @property
    def server(self) -> str:
        """The server's address, without a trailing slash."""
        return self._server

    @property
    def authenticator(self) -> auths.Authenticator:
        """The authenticator of the requests."""
        return self._authenticator

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes every connection; open streams end with an error. In a forked process they are the parent's, and stay."""
        if not self._origin.is_here:
            return
        self._closed = True
        closing = {*self._users, *self._retired, *([self._current] if self._current else [])}
        self._current = None
        self._retired.clear()
        for http in closing:
            await http.aclose()

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
        answer = await self.open(request)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def open(self, request: Request) -> StreamResponse:
        """Sends a request and returns the answer as soon as its headers are there; whoever asks closes it.

        Everything that is sent passes here.

        Raises:
            TransportError: There was no answer.
            AuthError: There were no credentials.
        """
        authorization = hidden(request.header("Authorization") or await self._authenticator.authorization())
        answer = await self._attempt(request, authorization)
        if answer.status != 401 or request.header("Authorization"):
            return answer
        try:
            renewed = await self._authenticator.renew(authorization)
        except BaseException:
            await answer.aclose()
            raise
        if not (renewed and request.idempotent):
            return answer
        await answer.aclose()
        return await self._attempt(request, hidden(await self._authenticator.authorization()))

    async def authorized_headers(self) -> list[tuple[str, str]]:
        """The headers every request carries: user agent, credentials, impersonation."""
        authorization = hidden(await self._authenticator.authorization())
        return [*self._base_headers, *([("Authorization", authorization)] if authorization else [])]

    async def current(self) -> httpx.AsyncBaseTransport:
        """The httpx transport to use now, with certificates that are up to date."""
        self._origin.check()
        if self._closed:
            raise TransportError(f"the client for {self._server} is closed")
        if self._given is not None:
            return self._given
        now = self._clock.now()
        if self._current is None or now - self._checked_at >= _CERTIFICATE_CHECK_SECONDS:
            self._checked_at = now
            certificate = await self._authenticator.certificate()
            stamps = tls.file_stamps(self.config.tls)
            if self._current is None or certificate != self._certificate or stamps != self._stamps:
                self._certificate, self._stamps = certificate, stamps
                await self._replace()
        assert self._current is not None
        return self._current

    async def _attempt(self, request: Request, authorization: SecretText) -> StreamResponse:
        http: httpx.AsyncBaseTransport | None = None
        try:
            message = self._message(request, authorization)
            http = await self.current()
            self._users[http] = self._users.get(http, 0) + 1
            response = await http.handle_async_request(message)
        except BaseException as error:
            if http is not None:
                await self._release(http)
            if isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError):
                raise failures.transport_error(error, request, self._server) from error
            raise
        return StreamResponse(request, response, self._server, functools.partial(self._release, http))

    def _message(self, request: Request, authorization: SecretText) -> httpx.Request:
        body = hidden(request.body or b"")
        idle = request.idle_timeout
        if idle is None and request.verb not in ("watch", "connect"):
            idle = max(_SILENCE_SECONDS, request.timeout or 0.0)
        extensions: dict[str, object] = {
            "timeout": {"connect": _CONNECT_SECONDS, "read": idle, "write": _SILENCE_SECONDS, "pool": _SILENCE_SECONDS},
            "gathers": request.verb == "watch",
        }
        if server_name := self.config.tls.server_name:
            extensions["sni_hostname"] = server_name
        message = httpx.Request(
            request.method,
            _url(self._server, request.url),
            headers=self._headers(request, authorization, len(body)),
            stream=httpx.ByteStream(body),
            extensions=extensions,
        )
        message.read()
        return message

    def _headers(self, request: Request, authorization: SecretText, length: int) -> httpx.Headers:
        # One call mostly has the headers of the last, which httpx needs longer to make than to send.
        key = (request.headers, authorization)
        if self._last_headers is None or self._last_headers[0] != key:
            self._last_headers = (key, self._lasting_headers(request, authorization))
        lasting = self._last_headers[1]
        if not length and request.method in ("GET", "HEAD"):
            return lasting
        return httpx.Headers([*lasting.raw, (b"Content-Length", b"%d" % length)])

    def _lasting_headers(self, request: Request, authorization: SecretText) -> httpx.Headers:
        headers = [*self._base_headers, *((name, _kept(name, value)) for name, value in request.headers)]
        if authorization and not request.header("Authorization"):
            headers.append(("Authorization", authorization))
        if not request.header("Accept-Encoding"):
            headers.append(("Accept-Encoding", "identity" if self.config.disable_compression else "gzip"))
        return httpx.Headers([(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers])

    async def _release(self, http: httpx.AsyncBaseTransport) -> None:
        left = self._users.get(http, 1) - 1
        if left:
            self._users[http] = left
            return
        self._users.pop(http, None)
        if http in self._retired:
            self._retired.discard(http)
            await http.aclose()

    async def _replace(self) -> None:
        old, self._current = self._current, self._new_transport()
        if old is None:
            return
        if self._users.get(old):
            self._retired.add(old)
        else:
            await old.aclose()

    def _new_transport(self) -> httpx.AsyncBaseTransport:
        context = tls.ssl_context(self.config.tls, certificate=self._certificate)
        address = proxy.proxy_for(self._server, self.config.proxy_url, self._environ)
        if address is None:
            return DirectTransport(self._server, context, self.config.tls.server_name or "")
        try:
            return ClosingTransport(
                verify=context,
                limits=_PROXY_LIMITS,
                proxy=_proxy(address),
                trust_env=False,
                socket_options=keepalive_options(),
            )
        except ImportError:
            raise ConfigError("a SOCKS proxy needs socksio", hint="pip install 'kmagic[socks]'") from None
        except (ValueError, httpx.InvalidURL):
            # The error's own text may quote the address, and the address a password.
            raise ConfigError(
                f"the proxy {redacted_url(address)} is none",
                hint="proxy-url in the kubeconfig, or HTTPS_PROXY, begins with http://, https:// or socks5://",
            ) from None

    def _fixed_headers(self) -> list[tuple[str, str]]:
        headers = [
            ("Host", urlsplit(self._server).netloc.rpartition("@")[2]),
            ("User-Agent", self.config.user_agent or user_agent()),
        ]
        return headers + auths.impersonation_headers(self.config.impersonate)


def _proxy(address: str) -> httpx.Proxy:
    """A proxy whose password is in no variable that shows it."""
    url = httpx.URL(reveal(address))
    if not url.userinfo:
        return httpx.Proxy(url)
    bare = url.copy_with(userinfo=b"")
    if url.scheme.startswith("socks"):
        return httpx.Proxy(bare, auth=(url.username, hidden(url.password)))
    header = auths.basic_header(url.username, url.password).encode()
    return httpx.Proxy(bare, headers=[(b"Proxy-Authorization", header)])


def _kept(name: str, value: str) -> str:
    return hidden(value) if name.lower() in SECRET_HEADERS else value


@functools.lru_cache(maxsize=256)  # httpx needs longer for it than for all the rest of a request
def _url(server: str, target: str) -> httpx.URL:
    url = httpx.URL(server + target)
    # httpx writes some addresses in another way (dots between slashes, characters that are not allowed); what was
    # judged and logged is what goes out.
    if target[:1] != "/" or url.raw_path != (urlsplit(server).path + target).encode("utf-8"):
        raise httpx.InvalidURL("its path holds dots between slashes, or a character that must be encoded")
    return url
