"""Any bytes from a peer, over a real socket: an answer or an error of ours, never a hang or a second use of what broke."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import h11
from hypothesis import example, given
from hypothesis import strategies as st

from kmagic.config.client_config import ClientConfig
from kmagic.errors import KubeError
from kmagic.rest.request import Request
from kmagic.transport.http import Response, Transport
from tests.strange import bounded

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"

status_lines = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 404",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 101 X",
        b"HTTP/2 200",
    ]
)
names = st.sampled_from(
    [
        b"Content-Length",
        b"Transfer-Encoding",
        b"Connection",
        b"Content-Encoding",
        b"Upgrade",
        b"Retry-After",
        b"A",
        b" B",
    ]
)
values = st.sampled_from(
    [b"0", b"3", b"18446744073709551616", b"-1", b"chunked", b"gzip", b"close", b"keep-alive", b"x", b"\xff", b"a\x00"]
)
chunks = st.builds(
    lambda size, body: size + b"\r\n" + body + b"\r\n",
    st.sampled_from([b"0", b"1", b"3", b"3;a=b", b"03", b"-1", b"fffffffffffffffff", b"x"]),
    st.binary(max_size=4),
)
heads = st.builds(
    lambda line, fields: b"\r\n".join([line, *(name + b": " + value for name, value in fields), b"", b""]),
    status_lines,
    st.lists(st.tuples(names, values), max_size=4),
)
answers = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda parts: b"".join(parts), st.lists(st.one_of(heads, chunks, st.binary(max_size=6)), max_size=5)),
    st.builds(lambda head, body: head + b"".join(body), heads, st.lists(chunks, max_size=4)),
)


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[begin:end] for begin, end in itertools.pairwise(places)]


async def asked(pieces: list[bytes], *, hang: bool) -> tuple[Response | KubeError, bool]:
    """What comes of a request that is answered with these bytes, and whether its connection was used once more."""
    connections, again = 0, False

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections, again
        connections += 1
        first = connections == 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces if first else [SECOND]:
                writer.write(piece)
                await asyncio.sleep(0)  # a read of its own, if the loop likes
            if first and hang:
                await reader.readuntil(b"\r\n\r\n")
                again = True
                writer.write(SECOND)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listener:
        config = ClientConfig(server=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        async with Transport(config, environ={}) as transport:
            found: Response | KubeError
            try:
                async with asyncio.timeout(20):
                    found = await transport.send(Request("GET", "/", idle_timeout=0.1 if hang else 5))
            except KubeError as error:
                found = error
            assert (await transport.send(Request("GET", "/", idle_timeout=5))).body == b"second"
    return found, again


def opinion(data: bytes) -> tuple[int, bytes] | None:
    """Status and body by h11, or None where it finds no whole answer."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
    client.send(h11.EndOfMessage())
    status, body = 0, b""
    try:
        for piece in (data, b"") if data else (b"",):
            client.receive_data(piece)
            while (event := client.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                match event:
                    case h11.Response():
                        status = event.status_code
                    case h11.Data():
                        body += event.data
                    case h11.EndOfMessage():
                        return status, body
                    case h11.ConnectionClosed():
                        return None
    except h11.RemoteProtocolError:
        return None
    return None


@bounded(120)
@given(answers, st.lists(st.integers(min_value=0), max_size=4))
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n", [])
@example(b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", [])
@example(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", [])
def test_a_peer_that_says_anything_and_hangs_up(data: bytes, cuts: list[int]) -> None:
    found, _ = asyncio.run(asked(pieces_of(data, cuts), hang=False))
    if isinstance(found, Response) and "content-encoding" not in found.headers and (other := opinion(data)):
        assert (found.status, found.body) == other


@bounded(40)
@given(answers, st.lists(st.integers(min_value=0), max_size=4))
def test_a_peer_that_says_anything_and_waits(data: bytes, cuts: list[int]) -> None:
    found, again = asyncio.run(asked(pieces_of(data, cuts), hang=True))
    if isinstance(found, KubeError):
        assert not again


@bounded(60)
@given(
    st.integers(200, 599).filter(lambda code: code not in (204, 304)),
    st.lists(st.binary(min_size=1, max_size=50), max_size=5),
    st.sampled_from(["chunked", "sized", "until close"]),
    st.lists(st.integers(min_value=0), max_size=5),
)
def test_what_h11_writes_is_read_as_it_was_meant(code: int, body: list[bytes], framing: str, cuts: list[int]) -> None:
    server = h11.Connection(h11.SERVER)
    server.receive_data(
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"Connection: close\r\n" * (framing == "until close") + b"\r\n"
    )
    server.next_event()
    headers: dict[str, list[tuple[str, str]]] = {
        "chunked": [("transfer-encoding", "chunked")],
        "sized": [("content-length", str(len(b"".join(body))))],
        "until close": [("connection", "close")],
    }
    send: Callable[[h11.Event], bytes | None] = server.send
    data = send(h11.Response(status_code=code, headers=headers[framing])) or b""
    data += b"".join(send(h11.Data(data=piece)) or b"" for piece in body)
    data += send(h11.EndOfMessage()) or b""
    found, _ = asyncio.run(asked(pieces_of(data, cuts), hang=False))
    assert isinstance(found, Response)
    assert (found.status, found.body) == (code, b"".join(body))


def test_the_second_opinion_has_one() -> None:
    assert opinion(SECOND) == (200, b"second")
    assert opinion(b"nonsense\r\n\r\n") is None
