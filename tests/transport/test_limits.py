"""What a peer may cost, limit by limit: what is within comes whole, what is beyond is one error, and its connection ends.

The table is that of docs/decisions/http.md. Each row goes over a real socket through the client that users have.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kmagic.client.client import AsyncClient
from kmagic.client.hooks import Hooks
from kmagic.client.rest import RESTClient
from kmagic.config.client_config import ClientConfig
from kmagic.errors import KubeError, ProtocolError, ServiceUnavailableError
from kmagic.rest.request import Request
from kmagic.transport.http import Transport
from tests.transport.servers import InstantClock

KIB, MIB = 1 << 10, 1 << 20
OK = b"HTTP/1.1 200 OK\r\n"
GET = Request("GET", "/x", idle_timeout=20)


def answer(*headers: bytes, body: bytes = b"{}") -> bytes:
    return OK + b"".join(header + b"\r\n" for header in headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(*parts: bytes, trailers: bytes = b"") -> bytes:
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(parts) + b"0\r\n" + trailers + b"\r\n"


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


def zipped(size: int) -> bytes:
    return answer(b"Content-Encoding: gzip", body=gzip.compress(b" " * size, 9))


# Which of two limits of a head is met first depends on how the bytes are cut on their way.
LONG_HEADERS = "headers of the answer are too long|head of the answer has no end"
BEYOND: dict[str, tuple[Callable[[], bytes], str]] = {
    "bytes of headers": (lambda: answer(b"A: " + b"x" * 140 * KIB), LONG_HEADERS),
    "bytes of a head without an end": (lambda: OK + b"A: " + b"x" * MIB, "too long|has no end"),
    "bytes of a status line": (lambda: b"HTTP/1.1 200 " + b"x" * 140 * KIB + b"\r\n\r\n", "status line|has no end"),
    "count of headers": (lambda: answer(*[b"A: x"] * 501), "more than 500 headers"),
    "trailers": (lambda: chunked(chunk(b"{}"), trailers=b"A: x\r\n" * 200_000), "too much between the pieces"),
    "one long trailer": (lambda: chunked(chunk(b"{}"), trailers=b"A: " + b"x" * MIB + b"\r\n"), "too much between"),
    "chunk extensions": (lambda: chunked(*[chunk(b"{", b";" + b"x" * 1000)] * 1_000), "too much between the pieces"),
    "one long chunk extension": (lambda: chunked(chunk(b"{}", b";" + b"x" * MIB)), "too much between the pieces"),
    "zeros before a chunk's size": (lambda: chunked(b"0" * MIB + chunk(b"{}")), "too much between|no HTTP/1.1"),
    "interim answers": (lambda: b"HTTP/1.1 103 Early Hints\r\n\r\n" * 11 + answer(), "one interim answer after the other"),
    "headers of interim answers": (
        lambda: (b"HTTP/1.1 103 Early Hints\r\nA: " + b"x" * 20 * KIB + b"\r\n\r\n") * 9 + answer(),
        LONG_HEADERS,
    ),
    "a change of protocol": (lambda: b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", "another protocol"),
    "inflation": (lambda: zipped(300 * MIB), "200 times larger"),
}  # fmt: skip
WITHIN: dict[str, Callable[[], bytes]] = {
    "bytes of headers": lambda: answer(b"A: " + b"x" * 120 * KIB),
    "count of headers": lambda: answer(*[b"A: x"] * 490),
    "trailers": lambda: chunked(chunk(b"{}"), trailers=b"A: x\r\n" * 100),
    "chunk extensions": lambda: chunked(*[chunk(b"{", b";x=y")] * 5_000),
    "small chunks": lambda: chunked(*[chunk(b"{")] * 50_000),
    "interim answers": lambda: b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10 + answer(),
    "inflation": lambda: zipped(64 * MIB),
}


class Peer:
    """Says what it is told to every request; remembers how many came, and whether the first connection was closed."""

    def __init__(self, says: Callable[[int], bytes], piece: int) -> None:
        self.requests = 0
        self.hung_up = asyncio.Event()
        self._says = says
        self._piece = piece

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.requests += 1
                data = self._says(self.requests)
                for at in range(0, len(data), self._piece):
                    writer.write(data[at : at + self._piece])
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()


@asynccontextmanager
async def peer(says: Callable[[int], bytes], piece: int = 1 << 20) -> AsyncIterator[tuple[Peer, ClientConfig]]:
    speaking = Peer(says, piece)
    async with await asyncio.start_server(speaking.handle, "127.0.0.1", 0) as listener, asyncio.timeout(60):
        yield speaking, ClientConfig(server=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize("piece", [1 << 20, 997])
@pytest.mark.parametrize("what", BEYOND)
async def test_beyond_a_limit_is_an_error_and_the_end_of_the_connection(what: str, piece: int) -> None:
    data, why = BEYOND[what]
    said = data()
    async with peer(lambda _: said, piece) as (speaking, config), Transport(config, environ={}) as transport:
        with pytest.raises(ProtocolError, match=why):
            await RESTClient(transport, clock=InstantClock()).execute(GET)
        await speaking.hung_up.wait()
    assert speaking.requests == 1, "it is not asked again"


@pytest.mark.parametrize("what", WITHIN)
async def test_within_a_limit_the_answer_comes_whole_and_the_connection_stays(what: str) -> None:
    said = WITHIN[what]()
    async with peer(lambda _: said, 4096) as (speaking, config), Transport(config, environ={}) as transport:
        rest = RESTClient(transport, clock=InstantClock())
        first, second = await rest.execute(GET), await rest.execute(GET)
        assert first.body == second.body
        assert first.body
        assert not speaking.hung_up.is_set()


@pytest.mark.parametrize(("size", "fits"), [(16 * MIB - 100, True), (16 * MIB + 100, False)])
async def test_an_event_of_a_watch_has_16_MiB(size: int, fits: bool) -> None:
    start, end = b'{"type":"ADDED","object":{"kind":"ConfigMap","data":{"k":"', b'"}}}\n'
    frame = start + b"x" * (size - len(start + end)) + end
    said = OK + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(frame) + b"0\r\n\r\n"
    async with peer(lambda _: said) as (_, config), AsyncClient(config=config) as client:
        maps = client.core_v1.configmaps("a")
        if fits:
            assert [event.type async for event in maps.watch()] == ["ADDED"]
        else:
            with pytest.raises(ProtocolError, match="16 MiB"):
                async for _ in maps.watch():
                    pass


@pytest.mark.parametrize(
    ("header", "slept"),
    [("3", [3.0]), ("120", [120.0]), ("121", []), ("9" * 5000, []), ("-1", []), ("Tue, 24 Nov 2026 10:00:00 GMT", [])],
)
async def test_a_wait_by_retry_after_has_two_minutes(header: str, slept: list[float]) -> None:
    def says(number: int) -> bytes:
        busy = answer(b"Retry-After: " + header.encode()).replace(b"200 OK", b"503 X")
        return busy if number == 1 else answer()

    clock = InstantClock()
    async with peer(says) as (_, config), Transport(config, environ={}) as transport:
        rest = RESTClient(transport, clock=clock)
        if slept:
            await rest.execute(GET)
        else:
            with pytest.raises(ServiceUnavailableError):
                await rest.execute(GET)
    assert clock.slept == slept


@pytest.mark.parametrize(
    ("token", "items", "why"),
    [
        pytest.param(lambda _: "again", [{}], "sent a continue token twice", id="the same token"),
        pytest.param(lambda n: f"t{n % 7}", [{}], "sent a continue token twice", id="a circle of tokens"),
        pytest.param(lambda n: f"t{n}", [], "one empty page after the other", id="new tokens, nothing in the pages"),
    ],
)
async def test_a_list_whose_pages_never_end_is_an_error(token: Any, items: list[Any], why: str) -> None:
    def says(number: int) -> bytes:
        page = {
            "kind": "ConfigMapList",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": "1", "continue": token(number)},
            "items": items,
        }
        return answer(body=json.dumps(page).encode())

    async with peer(says) as (speaking, config), AsyncClient(config=config) as client:
        with pytest.raises(ProtocolError, match=why):
            await client.core_v1.configmaps("a").list(limit=1)
    assert speaking.requests < 1_100


async def test_the_body_of_a_refusal_is_read_for_4_MiB() -> None:
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    said = head + chunk(b"x" * 64 * KIB) * 1_000
    heard: list[int] = []
    async with peer(lambda _: said) as (speaking, config), Transport(config, environ={}) as transport:
        hooks = Hooks(on_body=lambda _, body: heard.append(len(body)))
        with pytest.raises(KubeError, match="does not allow access"):
            await RESTClient(transport, hooks=hooks).execute(GET)
        await speaking.hung_up.wait()
    assert heard[0] <= 5 * MIB


def test_the_decisions_table_and_this_file_are_about_the_same_limits() -> None:
    page = (Path(__file__).parents[2] / "docs/decisions/http.md").read_text()
    for limit in ("128 KiB, 500 headers", "| 10 |", "200 times", "16 MiB", "2 minutes", "1,000 empty pages", "4 MiB"):
        assert limit in page
