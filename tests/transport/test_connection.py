"""A connection against servers that misbehave in every way a socket allows."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from unittest.mock import Mock

import anyio
import httpcore
import httpx
import pytest

from kmagic.transport.connection import Connection, UpgradedStream, connect
from kmagic.transport.http1 import request_head

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = request_head("GET", b"/", [(b"Host", b"h")])
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@asynccontextmanager
async def connected(serve: Serve) -> AsyncIterator[Connection]:
    """Yields a connection to a server that handles it with `serve`, after it has read a request's head."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        made = await connect("127.0.0.1", port, context=None, server_name="", seconds=5, options=())
        try:
            yield made
        finally:
            made.abort()
            await made.wait_closed()


async def test_a_connection_is_good_for_one_answer_after_the_other() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"2\r\nab\r\n0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nc")
        await reader.read()

    async with connected(serve) as connection:
        for status, body in ((200, b"ab"), (404, b"c")):
            connection.send("GET", HEAD, 5)
            assert (await connection.head()).status == status
            assert await connection.read() == body
            assert await connection.read() == b""
            assert connection.release()


async def test_an_answer_that_is_left_in_the_middle_closes_the_connection() -> None:
    closed = anyio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"2\r\nab\r\n")
        with suppress(ConnectionError):
            await reader.read()
        closed.set()

    async with connected(serve) as connection:
        connection.send("GET", HEAD, None)
        assert await connection.read() == b"ab"
        assert not connection.release()
        assert not connection.usable
        with anyio.fail_after(5):
            await closed.wait()


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 2", CHUNKED + b"5\r\nhe"], ids=["nothing", "half a head", "half a body"]
)
async def test_a_server_that_hangs_up_is_an_error(said: bytes) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    async with connected(serve) as connection:
        connection.send("GET", HEAD, 5)
        with pytest.raises(httpx.RemoteProtocolError, match="closed the connection"):
            while await connection.read():
                pass
        assert not connection.release()


async def test_what_is_no_http_is_an_error() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0\r\n\r\n")
        await reader.read()

    async with connected(serve) as connection:
        connection.send("GET", HEAD, 5)
        with pytest.raises(httpx.RemoteProtocolError, match=r"no HTTP/1\.1"):
            await connection.head()


async def test_silence_ends_an_answer_only_while_somebody_waits() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"1\r\na\r\n")
        await reader.read()

    async with connected(serve) as connection:
        connection.send("GET", HEAD, 0.5)
        await connection.head()
        await anyio.sleep(0.8)  # longer than the silence that would end it: nobody waits
        assert await connection.read() == b"a"
        with pytest.raises(httpx.ReadTimeout, match="nothing came"):
            await connection.read()
        assert not connection.usable


@pytest.mark.parametrize(
    ("gathers", "first"), [(False, 0), (True, 0), (True, 1)], ids=["a list", "a watch", "a late watch"]
)
async def test_a_slow_reader_stops_the_server_and_loses_nothing(gathers: bool, first: int) -> None:
    size, piece = 24 << 20, b"x" * (1 << 16)
    sent = 0

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (first + size))
        await anyio.sleep(0.001)  # a read of its own, so that the others fall differently into the gathering
        writer.write(b"x" * first)
        await anyio.sleep(0.001 * first)
        while sent < size:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)

    async with connected(serve) as connection:
        connection.send("GET", HEAD, 5, gathers=gathers)
        await connection.head()
        before = -1
        while before != sent:  # until the server cannot send more
            before = sent
            await anyio.sleep(0.05)  # the server's time to fill what the system holds
        assert sent < size
        got = 0
        while data := await connection.read():
            got += len(data)
        assert got == first + size
        assert connection.release()


async def test_events_that_follow_closely_are_read_a_few_at_a_time() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        for _ in range(100):
            writer.write(b"1\r\na\r\n")
            await anyio.sleep(0.001)  # the events' rate
        writer.write(b"0\r\n\r\n")
        await reader.read()

    async with connected(serve) as connection:
        connection.send("GET", HEAD, 5, gathers=True)
        reads = []
        while data := await connection.read():
            reads.append(data)
        assert b"".join(reads) == b"a" * 100
        assert len(reads) < 50
        assert connection.release()


@pytest.mark.parametrize(("size", "left_alone"), [(100, True), (200_000, False)], ids=["few", "many"])
async def test_a_watch_that_brings_much_at_once_is_read_on_at_once(size: int, left_alone: bool) -> None:
    below = Mock(spec=asyncio.Transport)
    connection = Connection()
    connection.connection_made(below)
    connection.send("GET", HEAD, None, gathers=True)
    connection.data_received(CHUNKED)
    for _ in range(2):
        connection.data_received(b"%x\r\n%s\r\n" % (size, b"x" * size))
    assert below.pause_reading.called is left_alone
    connection.release()


async def test_bytes_that_nobody_asked_for_close_the_connection() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await reader.read(1)
        writer.write(b"more")
        await reader.read()

    async with connected(serve) as connection:
        connection.send("GET", HEAD, 5)
        await connection.head()
        assert connection.release()
        await connection.write(b"!")
        with anyio.fail_after(5):
            await connection.wait_closed()
        assert not connection.usable


async def test_a_cancelled_reader_can_read_on() -> None:
    go = anyio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        await go.wait()
        writer.write(b"1\r\na\r\n0\r\n\r\n")
        await reader.read()

    async with connected(serve) as connection:
        connection.send("GET", HEAD, 5)
        await connection.head()
        with anyio.move_on_after(0.05):
            await connection.read()
        go.set()
        assert await connection.read() == b"a"


async def test_an_upgraded_connection_reads_and_writes_raw_bytes() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello")
        while data := await reader.read(1 << 16):
            writer.write(data)

    async with connected(serve) as connection:
        connection.send("GET", HEAD, None, upgrades=True)
        assert (await connection.head()).status == 101
        stream = UpgradedStream(connection)
        assert await stream.read(2) + await stream.read(100) == b"hello"
        await stream.write(b"x" * (8 << 20))
        got = 0
        while got < 8 << 20:
            got += len(await stream.read(1 << 16))
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(1, timeout=0.05)
        await stream.aclose()
        await connection.wait_closed()
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"x")


async def test_a_connection_that_takes_too_long() -> None:
    with pytest.raises(httpx.ConnectTimeout):
        # The backlog of a listener that accepts nothing is full, so the next handshake gets no answer.
        async with full_listener() as port:
            await connect("127.0.0.1", port, context=None, server_name="", seconds=0.1, options=())


@asynccontextmanager
async def full_listener() -> AsyncIterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for client in waiting:
                client.close()
