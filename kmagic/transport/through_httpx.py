"""Connections by httpx: through proxies, and through a transport that a test or a server in the same process gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from kmagic.rest.http1 import joined_headers
from kmagic.transport.exchange import CONNECT_SECONDS, SILENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import httpcore

    from kmagic.transport.exchange import Message

__all__ = ("HttpxConnections", "HttpxExchange")


class HttpxConnections:
    """The connections of an httpx transport.

    Args:
        transport: Whose.
        server: ``https://host:port/prefix``.
        server_name: Whose certificate is expected; "" for the host's.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, server: str, server_name: str = "") -> None:
        self._transport: httpx.AsyncBaseTransport = transport
        self._server: str = server
        self._server_name: str = server_name

    async def open(self, message: Message) -> HttpxExchange:
        """Sends a request; returns when the head of the answer is there.

        Raises:
            httpx.TransportError: There was no answer.
        """
        extensions: dict[str, object] = {
            "timeout": {
                "connect": CONNECT_SECONDS,
                "read": message.idle,
                "write": SILENCE_SECONDS,
                "pool": SILENCE_SECONDS,
            }
        }
        if self._server_name:
            extensions["sni_hostname"] = self._server_name
        request = httpx.Request(
            message.method,
            self._server + message.target,
            headers=[(name.encode("latin-1"), value.encode("utf-8")) for name, value in message.headers],
            content=message.body,
            extensions=extensions,
        )
        return HttpxExchange(await self._transport.handle_async_request(request))

    async def aclose(self) -> None:
        """Closes all of them."""
        await self._transport.aclose()


class HttpxExchange:
    """An answer under way."""

    def __init__(self, response: httpx.Response) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = _headers(response)
        self._response: httpx.Response = response
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._stream: httpx.AsyncByteStream = response.stream
        self._chunks: AsyncIterator[bytes] = aiter(self._stream)

    @property
    def network_stream(self) -> httpcore.AsyncNetworkStream:
        """The raw connection after an upgrade."""
        stream: httpcore.AsyncNetworkStream = self._response.extensions["network_stream"]
        return stream

    async def read(self) -> bytes:
        """The next bytes of the body, still compressed; ``b""`` at the end."""
        async for chunk in self._chunks:
            if chunk:
                return chunk
        return b""

    async def aclose(self) -> None:
        """Ends the answer, whole or not."""
        await self._stream.aclose()


def _headers(response: httpx.Response) -> dict[str, str]:
    return joined_headers(
        (name.decode("latin-1"), value.decode("utf-8", errors="replace")) for name, value in response.headers.raw
    )
