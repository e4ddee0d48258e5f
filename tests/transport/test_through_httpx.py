"""Requests through an HTTP proxy, as httpx makes them."""

from __future__ import annotations

import asyncio
import contextlib
import os

import msgspec

from kmagic.config.client_config import ClientConfig
from kmagic.config.loader import load_config
from kmagic.rest.request import Request
from kmagic.transport.http import Transport
from kmagic.transport.through_httpx import HttpxConnections
from tests.cluster.fixture import ExternalCluster


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
            assert isinstance(await transport.connections(), HttpxConnections)
    assert asked[0].startswith(b"GET http://cluster.example/version HTTP/1.1\r\n")
    assert (answer.status, answer.body, answer.headers["x-a"]) == (200, b"ok", "1, 2")


async def test_a_tunnel_through_a_proxy_leads_to_the_server_itself(cluster: ExternalCluster) -> None:
    asked = []

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split()[:2])
        host, _, port = head.split()[1].rpartition(":")
        there, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(copy(reader, back), copy(there, writer))

    config = load_config(cluster.kubeconfig, env=os.environ)
    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listener:
        proxied = msgspec.structs.replace(config, proxy_url=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        async with Transport(proxied, environ={}) as transport:
            answer = await transport.send(Request("GET", "/version"))
    assert answer.status == 200
    assert asked == [["CONNECT", config.server.removeprefix("https://")]]
