"""Connections are kept while they are good, and what is asked on a stale one is asked again where that is safe."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest

from kmagic.transport.direct import DirectTransport

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers every request with `OK`; hangs up after so many answers on a connection."""

    def __init__(self, answers: int = 100) -> None:
        self.answers = answers
        self.connections = 0
        self.requests: list[bytes] = []
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            for _ in range(self.answers):
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(OK)
            await reader.readuntil(b"\r\n\r\n")  # and hangs up without an answer
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(answers: int = 100) -> AsyncIterator[tuple[Server, DirectTransport]]:
    server = Server(answers)
    async with await asyncio.start_server(server.handle, "127.0.0.1", 0) as listener:
        server.port = listener.sockets[0].getsockname()[1]
        connections = DirectTransport(f"http://127.0.0.1:{server.port}", CONTEXT)
        try:
            yield server, connections
        finally:
            await connections.aclose()


def request(method: str = "GET", path: str = "/x?y=1") -> httpx.Request:
    timeout = {"connect": 5.0, "read": 5.0}
    return httpx.Request(method, f"http://127.0.0.1{path}", headers=[("Host", "h")], extensions={"timeout": timeout})


async def read(response: httpx.Response) -> bytes:
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        return b"".join([piece async for piece in response.stream])
    finally:
        await response.stream.aclose()


async def ask(connections: DirectTransport, method: str = "GET") -> bytes:
    return await read(await connections.handle_async_request(request(method)))


async def test_a_connection_is_used_again() -> None:
    async with serving() as (server, connections):
        for _ in range(3):
            assert await ask(connections) == b"ok"
        assert server.connections == 1
        assert server.requests[0] == b"GET /x?y=1 HTTP/1.1\r\nHost: h\r\n\r\n"


async def test_answers_at_the_same_time_have_connections_of_their_own() -> None:
    async with serving() as (server, connections):
        first = await connections.handle_async_request(request())
        second = await connections.handle_async_request(request())
        assert server.connections == 2
        for response in (first, second):
            assert await read(response) == b"ok"
            await response.stream.aclose()  # nothing happens
        await ask(connections)
        assert server.connections == 2


async def test_a_get_on_a_connection_that_was_closed_meanwhile_is_asked_again() -> None:
    async with serving(answers=1) as (server, connections):
        assert await ask(connections) == b"ok"
        assert await ask(connections) == b"ok"
        assert server.connections == 2


async def test_a_create_on_such_a_connection_is_not_sent_twice() -> None:
    async with serving(answers=1) as (server, connections):
        assert await ask(connections) == b"ok"
        with pytest.raises(httpx.RemoteProtocolError):
            await ask(connections, "POST")
        assert server.connections == 1


async def test_closing_ends_what_is_under_way() -> None:
    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(begin, "127.0.0.1", 0) as listener:
        connections = DirectTransport(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", CONTEXT)
        response = await connections.handle_async_request(request())
        async with anyio.create_task_group() as group:
            group.start_soon(connections.aclose)
            with pytest.raises(httpx.TransportError, match="closed"):
                await read(response)


@pytest.mark.parametrize("server", ["ftp://host", "host:1", "https://", "https://host:port", "https://host:99999"])
def test_a_server_address_that_is_none(server: str) -> None:
    with pytest.raises((httpx.InvalidURL, httpx.UnsupportedProtocol)):
        DirectTransport(server, CONTEXT)


async def test_connections_close_with_the_garbage_collector() -> None:
    closed = anyio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.read()
        closed.set()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listener:
        connections = DirectTransport(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", CONTEXT)
        assert await ask(connections) == b"ok"
        del connections
        gc.collect()
        with anyio.fail_after(5):
            await closed.wait()
