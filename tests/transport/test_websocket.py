from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.abc
import httpx
import pytest
import wsproto
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto import WSConnection

from kmagic import errors
from kmagic.aio.tasks import task_group
from kmagic.config.client_config import ClientConfig, Impersonation
from kmagic.errors import StreamError
from kmagic.rest import verbs
from kmagic.rest.resource import APIResource
from kmagic.transport import websocket
from kmagic.transport.auth import FixedHeader
from kmagic.transport.http import Transport
from tests.transport.servers import ScriptedServer, status

EXEC = verbs.connect(APIResource("", "v1", "pods", "Pod", True), "a", "x", "exec", [("command", "id")])
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


async def open_(server: ScriptedServer) -> None:
    async with websocket.connect(server.transport(), EXEC, PROTOCOLS):
        pytest.fail("it is not open")


async def test_RC_01_the_upgrade_is_asked_for_with_all_protocols() -> None:
    server = ScriptedServer(status("Forbidden", 403))
    with pytest.raises(errors.ForbiddenError):
        await open_(server)
    headers = server.requests[0].headers
    assert headers["sec-websocket-protocol"] == "v5.channel.k8s.io, v4.channel.k8s.io"
    assert (headers["upgrade"], headers["connection"]) == ("websocket", "Upgrade")
    assert len(headers["sec-websocket-key"]) == 24


async def test_RC_11_a_refusal_carries_the_servers_reason() -> None:
    server = ScriptedServer(status("NotFound", 404, 'pods "x" not found'))
    with pytest.raises(errors.NotFoundError, match='pods "x" not found'):
        await open_(server)


async def test_a_server_that_does_not_speak_websocket() -> None:
    with pytest.raises(errors.StreamError, match="does not speak WebSocket"):
        await open_(ScriptedServer(httpx.Response(200, text="hi")))


async def test_a_protocol_that_was_not_asked_for_is_refused() -> None:
    answer = httpx.Response(101, headers={"sec-websocket-protocol": "v1.channel.k8s.io"})
    with pytest.raises(errors.StreamError, match=r"no usable stream protocol \(\"v1.channel.k8s.io\"\)"):
        await open_(ScriptedServer(answer))


class Peer:
    """A WebSocket server for one connection that counts pings, answers them or not, and says something at the end."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.pings = 0
        self.pinged = anyio.Event()
        self.headers = {}

    async def serve(self, stream: Any) -> None:
        connection = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        async with stream:
            try:
                while True:
                    connection.receive_data(await stream.receive())
                    for event in connection.events():
                        await self.handle(connection, event, stream)
            except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                return

    async def handle(self, connection: WSConnection, event: Any, stream: Any) -> None:
        if isinstance(event, wsproto.events.Request):
            self.headers = {name.decode(): value.decode() for name, value in event.extra_headers}
            await stream.send(connection.send(wsproto.events.AcceptConnection(subprotocol=PROTOCOLS[0])))
        elif isinstance(event, wsproto.events.Ping):
            self.pings += 1
            self.pinged.set()
            if self.answers:
                await stream.send(connection.send(event.response()))
                await stream.send(connection.send(wsproto.events.BytesMessage(b"\x01pong")))
        elif isinstance(event, wsproto.events.BytesMessage):
            await stream.send(connection.send(wsproto.events.BytesMessage(event.data)))


@asynccontextmanager
async def connected(peer: Any, **more: Any) -> AsyncIterator[Any]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    config = ClientConfig(
        server=f"http://127.0.0.1:{port}", user_agent="tester", impersonate=Impersonation(user="jane")
    )
    async with listener, task_group() as group:
        group.start_soon(listener.serve, peer.serve)
        who = FixedHeader("Bearer t")
        async with Transport(config, authenticator=who) as transport:
            async with websocket.connect(transport, EXEC, PROTOCOLS, **more) as socket:
                yield socket
        group.cancel_scope.cancel()


async def test_RC_04_a_silent_peer_is_pinged() -> None:
    peer = Peer()
    with anyio.fail_after(10):
        async with connected(peer, ping_seconds=0.02) as socket:
            assert await socket.receive() == b"\x01pong"
            assert await socket.receive() == b"\x01pong"
    assert peer.pings >= 2


async def test_RC_04_a_peer_that_does_not_answer_is_gone() -> None:
    with anyio.fail_after(10):
        async with connected(Peer(answers=False), ping_seconds=0.02, pong_seconds=0.02) as socket:
            with pytest.raises(errors.StreamError, match="the connection broke"):
                await socket.receive()


async def test_RC_04_nobody_is_pinged_while_messages_wait_to_be_taken() -> None:
    peer = Peer()
    with anyio.fail_after(10):
        async with connected(peer, ping_seconds=0.02) as socket:
            # Nobody receives, so nothing is known of what the peer has sent: ten times the interval passes.
            with anyio.move_on_after(0.2):
                await peer.pinged.wait()
            assert peer.pings == 0
            await socket.send(b"\x01x")
            assert await socket.receive() == b"\x01x"


async def test_RC_12_credentials_user_agent_and_impersonation_are_those_of_any_request() -> None:
    peer = Peer()
    async with connected(peer):
        pass
    assert peer.headers["authorization"] == "Bearer t"
    assert peer.headers["user-agent"] == "tester"
    assert peer.headers["impersonate-user"] == "jane"


def frame(opcode: int, payload: bytes, *, last: bool = True) -> bytes:
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7f" + len(payload).to_bytes(8)
    return bytes([opcode | 0x80 * last]) + length + payload


async def told(*pieces: Any, closes: bool = True) -> list[StreamError | bytes | None]:
    """What a receiver gets from a server that says this after the handshake; the last is None or an error."""

    class Says(Peer):
        async def handle(self, connection: Any, event: Any, stream: Any) -> None:
            await super().handle(connection, event, stream)
            if isinstance(event, wsproto.events.Request):
                for piece in pieces:
                    await stream.send(piece)
                if closes:
                    await stream.send_eof()

    found = []
    with anyio.fail_after(20):
        async with connected(Says()) as socket:
            try:
                while (message := await socket.receive()) is not None:
                    found.append(message)
            except errors.StreamError as error:
                return [*found, error]
    return [*found, None]


async def test_a_message_in_fragments_comes_as_one() -> None:
    pieces = frame(2, b"a", last=False), frame(9, b"ping"), frame(0, b"b", last=False), frame(0, b"c"), frame(2, b"d")
    assert await told(*pieces, frame(8, b"\x03\xe8")) == [b"abc", b"d", None]


@pytest.mark.parametrize("size", [1 << 20, 1 << 16])
async def test_a_message_beyond_16_MiB_is_an_error_however_it_comes(size: Any) -> None:
    pieces = [frame(2 * (not at), b"x" * size, last=False) for at in range((17 << 20) // size)]
    (error,) = await told(*pieces, closes=False)
    assert "more than 16 MiB" in error.message


async def test_a_message_of_16_MiB_comes_whole() -> None:
    (message, end) = await told(frame(2, b"x" * (16 << 20)), frame(8, b""))
    assert (len(message), end) == (16 << 20, None)


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        pytest.param(frame(8, b"\x03\xf3bad luck"), "1011 bad luck", id="closed with a reason"),
        pytest.param(frame(1, b"text"), "unexpected message type: 1", id="text"),
        pytest.param(frame(3, b""), "1002", id="a reserved opcode"),
        pytest.param(b"\xf2\x00", "1002", id="reserved bits"),
        pytest.param(frame(0, b"x"), "1002", id="a fragment of nothing"),
        pytest.param(frame(9, b"x" * 126), "1002", id="a long ping"),
        pytest.param(frame(2, b"half a frame")[:-1], "the connection broke", id="half a frame"),
        pytest.param(b"", "the connection broke", id="nothing"),
    ],
)
async def test_a_stream_that_ends_in_another_way_is_an_error(piece: Any, why: str) -> None:
    (error,) = await told(piece)
    assert why in error.message


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=12) | st.builds(frame, st.integers(0, 15), st.binary(max_size=4)), max_size=5))
def test_any_bytes_are_messages_or_an_error_of_ours(pieces: Any) -> None:
    *messages, end = anyio.run(lambda: told(*filter(None, pieces)))
    assert all(isinstance(message, bytes) for message in messages)
    assert end is None or isinstance(end, errors.StreamError)


async def test_an_answer_to_another_handshake_is_refused() -> None:
    answer = httpx.Response(101, headers={"sec-websocket-protocol": PROTOCOLS[0], "sec-websocket-accept": "x"})
    with pytest.raises(errors.StreamError, match="is not an answer to ours"):
        await open_(ScriptedServer(answer))


async def test_what_the_body_raises_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        async with connected(Peer()):
            raise ZeroDivisionError
