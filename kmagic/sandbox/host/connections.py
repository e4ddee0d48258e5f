"""A connection of the server: uvicorn's on llhttp, with upstream's bounds on what a peer may send and how slowly.

Source: staging/src/k8s.io/apiserver/pkg/server/secure_serving.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ("HEADER_SECONDS", "MAX_HEADER", "BoundedProtocol")

# Seconds for a request's line and headers from the first byte on, and for a new connection until they are there.
HEADER_SECONDS = 32.0
# Bytes of a request's line and headers; and of trailers.
MAX_HEADER = 1 << 20

TOO_LARGE = b"431 Request Header Fields Too Large"


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose headers are too slow or too large."""

    header_seconds: float = HEADER_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._in_body = False
        self._unread = 0  # bytes that came since a line of the head, or a part of the body, was last complete
        self._head = 0  # bytes of complete headers and trailers

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins a connection: from here on time counts."""
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends a connection."""
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what came, unless it is too much."""
        if not self._in_body and self._timer is None:
            self._begin()
        self._unread += len(data)
        super().data_received(data)
        if max(self._unread, self._head) > MAX_HEADER and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Begins a request, which may come with the one before."""
        if self._timer is None:
            self._begin()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Counts a part of the request's line."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Counts a header or a trailer."""
        self._count(name, value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begins the body, whose time is the application's to bound."""
        self._end()
        if self._head > MAX_HEADER:
            self._refuse()
            return
        self._in_body = True
        self._head = self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Takes a part of the body."""
        self._unread = 0
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Ends a request; the next one's time begins with its first byte."""
        self._in_body = False
        self._head = self._unread = 0
        if not self.transport.is_closing():
            super().on_message_complete()

    def _count(self, *parts: bytes) -> None:
        self._head += sum(map(len, parts))
        self._unread = 0

    def _begin(self) -> None:
        self._timer = self.loop.call_later(self.header_seconds, self.transport.close)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self) -> None:
        if not self._in_body and (self.cycle is None or self.cycle.response_complete):
            head = (
                b"HTTP/1.1 " + TOO_LARGE + b"\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head + TOO_LARGE)
        self.transport.close()
