"""What a peer may send to a connection, and how slowly; the same limits on the real server are in tests/conformance."""

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
import uvicorn

from kmagic.sandbox.host.connections import MAX_HEADER, BoundedProtocol


class Quick(BoundedProtocol):
    header_seconds = 0.2


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextlib.asynccontextmanager
async def serving(protocol: Any) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=protocol, ws="none", lifespan="off", log_level="critical"))
    with listener:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            yield listener.getsockname()[1]
            server.should_exit = True


async def everything(stream: Any) -> bytes:
    found = b""
    with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError), anyio.fail_after(20):
        while True:
            found += await stream.receive()
    return found


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n", b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET"])
async def test_headers_that_do_not_end_close_the_connection(begun: bytes) -> None:
    async with serving(Quick) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        if begun:
            await stream.send(begun)
        answer = await everything(stream)
        assert answer.count(b"HTTP/1.1 200") == begun.count(b"\r\n\r\n")


async def test_a_slow_body_is_not_the_connections_matter() -> None:
    async with serving(Quick) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\nab")
        await anyio.sleep(3 * Quick.header_seconds)  # no event says that a timer does not run
        await stream.send(b"cd")
        assert b"HTTP/1.1 200" in await everything(stream)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /%s HTTP/1.1\r\nhost: x\r\n\r\n" % (b"x" * (MAX_HEADER + 1)),
        b"GET / HTTP/1.1\r\nhost: %s\r\n\r\n" % (b"x" * (MAX_HEADER + 1)),
        b"GET / HTTP/1.1\r\n%s\r\n" % (b"x: y\r\n" * (MAX_HEADER // 2)),
        b"GET / HTTP/1.1\r\n%s" % (b"x: yyyyyyyyyyyyyyyyyyyy\r\n" * (MAX_HEADER // 16)),
    ],
    ids=["path", "value", "count", "endless"],
)
async def test_headers_that_are_too_large_are_refused(head: Any) -> None:
    async with serving(BoundedProtocol) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        with contextlib.suppress(anyio.BrokenResourceError):
            await stream.send(head)
        assert b" 200 " not in (answer := await everything(stream))
        assert answer.startswith(b"HTTP/1.1 431 ") or not answer  # a reset may overtake the answer


async def test_trailers_that_do_not_end_close_the_connection() -> None:
    async with serving(BoundedProtocol) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        with contextlib.suppress(anyio.BrokenResourceError):
            await stream.send(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")
            await stream.send(b"x: " + b"y" * (2 * MAX_HEADER))
        assert b" 200 " not in await everything(stream)


async def test_small_chunks_of_a_body_are_no_headers() -> None:
    async with serving(BoundedProtocol) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n")
        await stream.send(b"1\r\na\r\n" * (MAX_HEADER // 4) + b"0\r\n\r\n")
        assert b"HTTP/1.1 200" in await everything(stream)
