import httpx
import pytest

from kmagic import errors
from kmagic.rest import verbs
from kmagic.rest.resource import APIResource
from kmagic.transport import websocket
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
