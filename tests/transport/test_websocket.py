from contextlib import asynccontextmanager

import anyio
import anyio.abc
import httpx
import pytest
import wsproto

from kmagic import errors
from kmagic.config.client_config import ClientConfig, Impersonation
from kmagic.rest import verbs
from kmagic.rest.resource import APIResource
from kmagic.transport import websocket
from kmagic.transport.auth import FixedHeader
from kmagic.transport.http import Transport
from tests.transport.servers import ScriptedServer, status

EXEC = verbs.connect(APIResource("", "v1", "pods", "Pod", True), "a", "x", "exec", [("command", "id")])
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


async def open_(server):
    async with websocket.connect(server.transport(), EXEC, PROTOCOLS):
        pytest.fail("it is not open")


async def test_RC_01_the_upgrade_is_asked_for_with_all_protocols():
    server = ScriptedServer(status("Forbidden", 403))
    with pytest.raises(errors.ForbiddenError):
        await open_(server)
    headers = server.requests[0].headers
    assert headers["sec-websocket-protocol"] == "v5.channel.k8s.io, v4.channel.k8s.io"
    assert (headers["upgrade"], headers["connection"]) == ("websocket", "Upgrade")
    assert len(headers["sec-websocket-key"]) == 24


async def test_RC_11_a_refusal_carries_the_servers_reason():
    server = ScriptedServer(status("NotFound", 404, 'pods "x" not found'))
    with pytest.raises(errors.NotFoundError, match='pods "x" not found'):
        await open_(server)


async def test_a_server_that_does_not_speak_websocket():
    with pytest.raises(errors.StreamError, match="does not speak WebSocket"):
        await open_(ScriptedServer(httpx.Response(200, text="hi")))


async def test_a_protocol_that_was_not_asked_for_is_refused():
    answer = httpx.Response(101, headers={"sec-websocket-protocol": "v1.channel.k8s.io"})
    with pytest.raises(errors.StreamError, match=r"no usable stream protocol \(\"v1.channel.k8s.io\"\)"):
        await open_(ScriptedServer(answer))


class Peer:
    """A WebSocket server for one connection that counts pings, answers them or not, and says something at the end."""

    def __init__(self, *, answers=True):
        self.answers = answers
        self.pings = 0
        self.pinged = anyio.Event()
        self.headers = {}

    async def serve(self, stream):
        connection = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        async with stream:
            try:
                while True:
                    connection.receive_data(await stream.receive())
                    for event in connection.events():
                        await self.handle(connection, event, stream)
            except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                return

    async def handle(self, connection, event, stream):
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
async def connected(peer, **more):
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    config = ClientConfig(
        server=f"http://127.0.0.1:{port}", user_agent="tester", impersonate=Impersonation(user="jane")
    )
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, peer.serve)
        who = FixedHeader("Bearer t")
        async with Transport(config, authenticator=who) as transport:
            async with websocket.connect(transport, EXEC, PROTOCOLS, **more) as socket:
                yield socket
        group.cancel_scope.cancel()


async def test_RC_04_a_silent_peer_is_pinged():
    peer = Peer()
    with anyio.fail_after(10):
        async with connected(peer, ping_seconds=0.02) as socket:
            assert await socket.receive() == b"\x01pong"
            assert await socket.receive() == b"\x01pong"
    assert peer.pings >= 2


async def test_RC_04_a_peer_that_does_not_answer_is_gone():
    with anyio.fail_after(10):
        async with connected(Peer(answers=False), ping_seconds=0.02, pong_seconds=0.02) as socket:
            with pytest.raises(errors.StreamError, match="the connection broke"):
                await socket.receive()


async def test_RC_04_nobody_is_pinged_while_messages_wait_to_be_taken():
    peer = Peer()
    with anyio.fail_after(10):
        async with connected(peer, ping_seconds=0.02) as socket:
            # Nobody receives, so nothing is known of what the peer has sent: ten times the interval passes.
            with anyio.move_on_after(0.2):
                await peer.pinged.wait()
            assert peer.pings == 0
            await socket.send(b"\x01x")
            assert await socket.receive() == b"\x01x"


async def test_RC_12_credentials_user_agent_and_impersonation_are_those_of_any_request():
    peer = Peer()
    async with connected(peer):
        pass
    assert peer.headers["authorization"] == "Bearer t"
    assert peer.headers["user-agent"] == "tester"
    assert peer.headers["impersonate-user"] == "jane"
