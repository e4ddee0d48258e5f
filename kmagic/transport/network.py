"""Connections that do not outlive what they were opened for.

A request that is cancelled while its TLS handshake waits (the ■ of a notebook, a timeout, a stopped informer) leaves
the socket under it open: httpcore closes it after an error, but not after a cancellation. Here it is closed in both.

A proxy that is asked for a tunnel may answer no more than a head's size before it opens it: httpcore skips interim
answers (1xx) without an end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

__all__ = ("ClosingTransport",)

# Bytes of a proxy's answer to CONNECT.
_MAX_TUNNEL_ANSWER = 64 * 1024


class ClosingTransport(httpx.AsyncHTTPTransport):
    """httpx's connections with the backend below."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # httpx has no argument for it; every kind of pool (direct, HTTP proxy, SOCKS) reads this one.
        self._pool._network_backend = _ClosingBackend(self._pool._network_backend)


class _ClosingBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _ClosingStream(await self._backend.connect_tcp(host, port, timeout, local_address, socket_options))

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _ClosingStream(await self._backend.connect_unix_socket(path, timeout, socket_options))

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class _ClosingStream(httpcore.AsyncNetworkStream):
    """A stream that counts what comes between a CONNECT and the TLS of its tunnel."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._answer_left: int | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        found = await self._stream.read(max_bytes, timeout)
        if self._answer_left is not None:
            self._answer_left -= len(found)
            if self._answer_left < 0:
                raise httpcore.RemoteProtocolError("the proxy answers and answers, and opens no tunnel")
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer.startswith(b"CONNECT "):
            self._answer_left = _MAX_TUNNEL_ANSWER
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _ClosingStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
