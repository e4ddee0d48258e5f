import asyncio
import ssl

import anyio
import httpx
import pytest

from kmagic.transport.network import ClosingTransport


async def open_connections(work):
    """Runs `work` with the URL of a TLS server that never answers; how many connections it then still has."""
    left = set()

    async def accept(reader, writer):
        left.add(writer)
        await reader.read(-1)
        left.discard(writer)
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        await work(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        with anyio.move_on_after(2):
            while left:
                await anyio.lowlevel.checkpoint()
        found = len(left)
        for writer in left:
            writer.transport.abort()
    return found


async def request(transport, url, *, connect=None):
    timeouts = {"connect": connect, "read": None, "write": None, "pool": None}
    async with httpx.AsyncClient(transport=transport) as client:
        await client.send(httpx.Request("GET", url, extensions={"timeout": timeouts}))


async def test_a_cancelled_handshake_leaves_no_connection():
    async def work(url):
        transport = ClosingTransport(verify=ssl.create_default_context())
        with anyio.move_on_after(0.2) as scope:
            await request(transport, url)
        assert scope.cancelled_caught

    assert await open_connections(work) == 0


async def test_a_handshake_that_takes_too_long_leaves_no_connection():
    async def work(url):
        with pytest.raises(httpx.ConnectTimeout):
            await request(ClosingTransport(verify=ssl.create_default_context()), url, connect=0.2)

    assert await open_connections(work) == 0


async def test_plain_requests_work_as_before():
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with httpx.AsyncClient(transport=ClosingTransport()) as client:
            assert (await client.get(url)).text == "ok"
