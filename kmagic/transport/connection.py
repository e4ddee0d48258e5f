"""One HTTP/1.1 connection: sends a request, hands out the answer as it arrives.

Theory of operation. An asyncio protocol feeds a parser without I/O (`transport.http1`) from the loop's own read callback; whoever
reads the answer is woken once for all that came meanwhile. So an event of a watch costs one callback and one wake-up,
and no task, timer or cancel scope of its own. When a watch's events follow each other closely the socket is left alone
for a moment after each read, so that a wake-up finds several: waking costs more than reading. A reader that
is slow stops the socket, not the memory. Silence is measured by one timer a connection, only during a read.

Promises: a connection that is closed, lost or cancelled in the middle of an answer is aborted at once and never used
again. Failures are httpx's classes, so `failures` has one set to explain.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpcore
import httpx

from kmagic.transport.http1 import ResponseParser

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

__all__ = ("Connection", "UpgradedStream", "connect")

# Unread bytes at which the socket is left alone, and at which it is read again.
_HIGH_WATER = 1 << 20
_LOW_WATER = 1 << 18

# Events that come closer together than this are busy, and gathered: read together after a while, so a busy watch is late
# by that while at most. A read that brought much needs no waiting for more.
_BUSY_SECONDS = 0.015
_GATHER_SECONDS = 0.05
_GATHERED_BYTES = 1 << 15


class Connection(asyncio.Protocol):
    """A connection and the answer that is under way on it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._socket: asyncio.Transport | None = None  # below TLS; the same where there is none
        self._gathers: bool = False
        self._gathering: asyncio.TimerHandle | None = None
        self._response: ResponseParser | None = None
        self._pieces: deque[bytes] = deque()
        self._size: int = 0
        self._paused: bool = False
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._writable: asyncio.Future[None] | None = None
        self._idle_seconds: float | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._heard_at: float = 0.0
        self._waits_since: float = 0.0
        self.idle_since: float = 0.0

    @property
    def usable(self) -> bool:
        """True if another request may be sent."""
        return self._transport is not None and not self._transport.is_closing() and self._response is None

    @property
    def silent(self) -> bool:
        """True if not a byte of the answer has come."""
        return self._response is not None and not self._response.status and not self._heard_at

    def set_options(self, options: Iterable[tuple[int, int, int]]) -> None:
        """Sets options of the socket."""
        raw: socket.socket | None = self.extra_info("socket")
        if raw is not None:
            for option in options:
                raw.setsockopt(*option)

    async def start_tls(self, context: ssl.SSLContext, server_name: str, *, handshake_seconds: float | None) -> None:
        """Encrypts from here on.

        Raises:
            OSError: The handshake failed.
        """
        assert self._socket is not None
        self._transport = await self._loop.start_tls(
            self._socket, self, context, server_hostname=server_name, ssl_handshake_timeout=handshake_seconds
        )

    def send(
        self,
        method: str,
        data: bytes,
        idle_seconds: float | None,
        *,
        gathers: bool = False,
        upgrades: bool = False,
    ) -> None:
        """Sends a request; `head` waits for the answer.

        Args:
            method: Method of the request.
            data: Head and body of the request.
            idle_seconds: Silence that ends the answer while it is waited for; None for no limit.
            gathers: The answer is a stream of small things that may be read a few at a time.
            upgrades: It asks for another protocol.
        """
        assert self._transport is not None
        self._gathers = gathers
        self._response = ResponseParser(method, upgrades=upgrades)
        self._heard_at = 0.0
        self._idle_seconds = idle_seconds
        if idle_seconds is not None:
            self._watch_silence(idle_seconds)
        self._transport.write(data)

    async def head(self) -> ResponseParser:
        """The answer, once its head is there."""
        response = self._response
        assert response is not None
        while not response.status:
            await self._more()
        return response

    async def read(self) -> bytes:
        """Returns the bytes of the body since the last call, at least one; ``b""`` at its end."""
        if not await self._something():
            return b""
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._took(len(data))
        return data

    async def read_upgraded(self, limit: int) -> bytes:
        """At most `limit` bytes of what came after an upgrade; ``b""`` at the end."""
        if not await self._something():
            return b""
        data = self._pieces.popleft()
        if len(data) > limit:
            self._pieces.appendleft(data[limit:])
            data = data[:limit]
        self._took(len(data))
        return data

    async def write(self, data: bytes) -> None:
        """Sends bytes after an upgrade; waits while the peer does not take them."""
        if self._failure is not None or self._transport is None or self._transport.is_closing():
            raise httpx.WriteError("the connection is closed") from self._failure
        self._transport.write(data)
        while self._writable is not None:
            await asyncio.shield(self._writable)
            if self._failure is not None:
                raise httpx.WriteError("the connection is closed") from self._failure

    def release(self) -> bool:
        """Ends the answer; True when the connection is good for another, otherwise it is closed."""
        response, self._response = self._response, None
        if self._gathering is not None:
            self._gathering.cancel()
            self._read_on()
        self._pieces.clear()
        self._took(self._size)
        if response is not None and response.reusable and self._failure is None and self.usable:
            self.idle_since = self._loop.time()
            return True
        self.abort()
        return False

    def abort(self) -> None:
        """Closes the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def abandon(self) -> None:
        """Closes the connection soon; from any thread, also the one that collects garbage."""
        with suppress(RuntimeError):  # the loop is closed, and its sockets close with their own collection
            self._loop.call_soon_threadsafe(self.abort)

    async def wait_closed(self) -> None:
        """Waits until the socket is closed; call `abort` first."""
        if self._transport is not None:
            await asyncio.shield(self._lost)

    def on_closed(self, call: Callable[[Connection], object]) -> None:
        """Calls when the socket is closed."""
        self._lost.add_done_callback(lambda _: call(self))

    def extra_info(self, name: str) -> Any:
        """Returns a fact about the socket's transport: ``"ssl_object"``, ``"socket"``."""
        return self._transport.get_extra_info(name) if self._transport else None

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        self._transport = self._socket = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        response = self._response
        if response is None:  # no request is open
            self.abort()
            return
        before, self._heard_at = self._heard_at, self._loop.time()
        try:
            pieces = response.feed(data)
        except httpx.RemoteProtocolError as error:
            self._fail(error)
            self.abort()
            return
        if self._gathers and self._heard_at - before < _BUSY_SECONDS * len(pieces) and len(data) < _GATHERED_BYTES:
            self._gather()
        if pieces:
            self._pieces += pieces
            self._size += sum(map(len, pieces))
            if self._size > _HIGH_WATER and not self._paused and not response.done:
                self._paused = True
                assert self._transport is not None
                self._transport.pause_reading()
        if pieces or response.status:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        if not self._lost.done():
            self._lost.set_result(None)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        response = self._response
        try:
            if exc is None and response is not None:
                response.finish()
        except httpx.RemoteProtocolError as error:
            self._fail(error)
        if exc is not None:
            failure = httpx.ReadError(str(exc) or type(exc).__name__)
            failure.__cause__ = exc
            self._fail(failure)
        self.resume_writing()
        self._wake()

    def pause_writing(self) -> None:
        """The peer does not take what is sent."""
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """Resumes writing after the socket's buffer has room again."""
        waiting, self._writable = self._writable, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _gather(self) -> None:
        if self._socket is not None and self._gathering is None:
            self._socket.pause_reading()
            self._gathering = self._loop.call_later(_GATHER_SECONDS, self._read_on)

    def _read_on(self) -> None:
        self._gathering = None
        if self._socket is not None and not self._socket.is_closing() and not self._paused:
            self._socket.resume_reading()

    async def _something(self) -> bool:
        """Waits for a piece of the body; False at its end."""
        while not self._pieces:
            if self._response is None or self._response.done:
                return False
            await self._more()
        return True

    async def _more(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._lost.done():
            raise httpx.ReadError("the connection is closed")
        self._waiter = self._loop.create_future()
        self._waits_since = self._loop.time()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
        self._wake()

    def _took(self, size: int) -> None:
        self._size -= size
        if self._paused and self._size <= _LOW_WATER:
            self._paused = False
            if self._transport is not None and not self._transport.is_closing():
                self._transport.resume_reading()
            if self._gathering is None:
                self._read_on()

    def _watch_silence(self, seconds: float) -> None:
        # A timer of the answer before is left alone where it comes in time: it looks then, and again if it must.
        if self._idle_timer is not None:
            if self._idle_timer.when() <= self._loop.time() + seconds:
                return
            self._idle_timer.cancel()
        self._idle_timer = self._loop.call_later(seconds, self._check_silence)

    def _check_silence(self) -> None:
        self._idle_timer = None
        if self._response is None or self._idle_seconds is None:
            return
        now = self._loop.time()
        # Without a reader the silence may be our own.
        since = now if self._waiter is None else max(self._waits_since, self._heard_at)
        if (left := self._idle_seconds - (now - since)) > 0:
            self._watch_silence(left)
            return
        self._fail(httpx.ReadTimeout(f"nothing came for {self._idle_seconds:g} s"))
        self.abort()


class UpgradedStream(httpcore.AsyncNetworkStream):
    """The raw bytes of a connection after an upgrade, in the form that WebSocket libraries take."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection = connection

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """At most so many bytes; ``b""`` at the end."""
        try:
            with anyio.fail_after(timeout):
                return await self._connection.read_upgraded(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except httpx.TransportError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends bytes."""
        try:
            with anyio.fail_after(timeout):
                await self._connection.write(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error
        except httpx.TransportError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Closes the connection."""
        self._connection.abort()

    def get_extra_info(self, info: str) -> Any:
        """Returns a fact as httpcore's streams do: ``"ssl_object"``, ``"socket"``."""
        return self._connection.extra_info(info)


async def connect(
    host: str,
    port: int,
    *,
    context: ssl.SSLContext | None,
    server_name: str,
    seconds: float | None,
    options: Iterable[tuple[int, int, int]],
) -> Connection:
    """Opens a connection, TLS included.

    Args:
        host: Name or address of the server.
        port: Port of the server.
        context: None for plain HTTP.
        server_name: Name that the certificate must have.
        seconds: Limit for the whole connect; None for no limit.
        options: Options of the socket.

    Raises:
        httpx.ConnectTimeout: It took longer.
        httpx.ConnectError: It failed; its cause says how.
    """
    loop = asyncio.get_running_loop()
    connection: Connection | None = None
    try:
        with anyio.fail_after(seconds):
            _, connection = await loop.create_connection(Connection, host, port, happy_eyeballs_delay=_delay(host))
            connection.set_options(options)
            if context is not None:
                # The deadline above covers the handshake; asyncio's own must not end it first with other words.
                handshake_seconds = None if seconds is None else 2 * seconds
                await connection.start_tls(context, server_name, handshake_seconds=handshake_seconds)
    except BaseException as error:
        if connection is not None:
            connection.abort()
        if isinstance(error, TimeoutError):
            raise httpx.ConnectTimeout("no connection in time") from error
        if isinstance(error, OSError):  # TLS errors are of this class too
            raise httpx.ConnectError(str(error) or type(error).__name__) from error
        raise
    return connection


def _delay(host: str) -> float | None:
    """Seconds before the next address of a name is tried beside the last; None for an address.

    asyncio's race of addresses loses the winner's socket when it is cancelled in the same moment, so there is no race.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return 0.25
    return None
