"""Connections through HTTP and SOCKS proxies, as httpx makes them; what is cancelled leaves none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import msgspec
import pytest

from kmagic.config.client_config import ClientConfig
from kmagic.config.loader import load_config
from kmagic.errors import TransportError
from kmagic.rest.request import Request
from kmagic.transport.http import Transport
from kmagic.transport.network import ClosingTransport
from tests.cluster.fixture import ExternalCluster

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def join(one: Ends, other: Ends) -> None:
    """Copies between two connections until both have ended."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    await asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))


async def open_connections(work: Callable[..., Any]) -> int:
    """Runs `work` with the URL of a TLS server that never answers; how many connections it then still has."""
    left = set()

    async def accept(reader: Any, writer: Any) -> None:
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


async def request(transport: ClosingTransport, url: str, *, connect: float | None = None) -> None:
    timeouts = {"connect": connect, "read": None, "write": None, "pool": None}
    async with httpx.AsyncClient(transport=transport) as client:
        await client.send(httpx.Request("GET", url, extensions={"timeout": timeouts}))


async def test_a_cancelled_handshake_leaves_no_connection() -> None:
    async def work(url: Any) -> None:
        transport = ClosingTransport(verify=ssl.create_default_context())
        with anyio.move_on_after(0.2) as scope:
            await request(transport, url)
        assert scope.cancelled_caught

    assert await open_connections(work) == 0


async def test_a_handshake_that_takes_too_long_leaves_no_connection() -> None:
    async def work(url: Any) -> None:
        with pytest.raises(httpx.ConnectTimeout):
            await request(ClosingTransport(verify=ssl.create_default_context()), url, connect=0.2)

    assert await open_connections(work) == 0


async def test_plain_requests_work_as_before() -> None:
    async def answer(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with httpx.AsyncClient(transport=ClosingTransport()) as client:
            assert (await client.get(url)).text == "ok"


async def test_a_proxy_is_asked_for_what_the_server_has() -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        config = ClientConfig(server="http://cluster.example", proxy_url=f"http://127.0.0.1:{port}")
        async with Transport(config, environ={}) as transport:
            answer = await transport.send(Request("GET", "/version"))
            assert isinstance(await transport.current(), ClosingTransport)
    assert asked[0].startswith(b"GET http://cluster.example/version HTTP/1.1\r\n")
    assert (answer.status, answer.body, answer.headers["x-a"]) == (200, b"ok", "1, 2")


async def test_a_proxy_that_answers_without_end_and_opens_no_tunnel_is_an_error() -> None:
    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)
                await writer.drain()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        config = ClientConfig(server="https://cluster.example", proxy_url=f"http://127.0.0.1:{port}")
        async with Transport(config, environ={}) as transport:
            with anyio.fail_after(60), pytest.raises(TransportError, match="opens no tunnel"):
                await transport.send(Request("GET", "/version"))


async def test_a_tunnel_through_a_proxy_leads_to_the_server_itself(cluster: ExternalCluster) -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split()[:2])
        host, _, port = head.split()[1].rpartition(":")
        there, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await join((reader, writer), (there, back))

    config = load_config(cluster.kubeconfig, env=os.environ)
    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listener:
        proxied = msgspec.structs.replace(config, proxy_url=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        async with Transport(proxied, environ={}) as transport:
            answer = await transport.send(Request("GET", "/version"))
    assert answer.status == 200
    assert asked == [["CONNECT", config.server.removeprefix("https://")]]


async def test_a_socks_proxy_leads_to_the_server(cluster: ExternalCluster) -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")  # no authentication
        _, _, _, kind = await reader.readexactly(4)
        if kind == 1:
            host = socket.inet_ntoa(await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        port = int.from_bytes(await reader.readexactly(2), "big")
        asked.append(f"{host}:{port}")
        ends = await asyncio.open_connection(host, port)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await join((reader, writer), ends)

    config = load_config(cluster.kubeconfig, env=os.environ)
    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        proxied = msgspec.structs.replace(config, proxy_url=f"socks5://127.0.0.1:{port}")
        async with Transport(proxied, environ={}) as transport:
            assert (await transport.send(Request("GET", "/version"))).status == 200
    assert asked == [config.server.removeprefix("https://")]
