from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import anyio
import httpx
import pytest

from kmagic import errors
from kmagic.client import wait
from kmagic.client.codec import DictCodec
from kmagic.client.forward_target import forward_target
from kmagic.client.pods import AsyncPods
from kmagic.client.portforward import port_forward
from kmagic.client.resource import AsyncResource
from kmagic.client.rest import RESTClient
from kmagic.models.core_v1 import Pod
from kmagic.rest.resource import APIResource
from tests.cluster.kwok_config import REFUSED_PORT
from tests.transport.servers import InstantClock, ScriptedServer, status

SERVICES = APIResource("", "v1", "services", "Service", True)


async def get(url: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).text


async def test_PF_05_http_through_a_free_local_port(pods: AsyncPods) -> None:
    async with pods.port_forward("web-0", ":80") as forward:
        assert forward.local_port > 0
        assert await get(forward.url) == "hello from kwok\n"
        # One connection after the other, and at once.
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(get, forward.url)
        assert repr(forward) == f"<PortForward 127.0.0.1 {forward.local_port} -> 80>"


async def test_several_ports(pods: AsyncPods) -> None:
    async with pods.port_forward("web-0", ":80", ":8080") as forward:
        for pair in forward.ports:
            assert await get(f"http://127.0.0.1:{pair.local}") == "hello from kwok\n"


async def test_PF_02_localhost_is_both_families(pods: AsyncPods) -> None:
    async with pods.port_forward("web-0", ":80") as forward:
        assert forward.addresses == ("127.0.0.1", "::1")
        assert await get(f"http://[::1]:{forward.local_port}") == "hello from kwok\n"


async def test_bytes_both_ways(pods: AsyncPods) -> None:
    async with pods.port_forward("web-0", ":5000", addresses=["127.0.0.1"]) as forward:
        async with await anyio.connect_tcp("127.0.0.1", forward.local_port) as stream:
            data = bytes(range(256)) * 1000
            async with anyio.create_task_group() as group:
                group.start_soon(stream.send, data)
                received = b""
                while len(received) < len(data):
                    received += await stream.receive()
    assert received == data


async def test_PF_04_a_broken_connection_costs_only_itself(pods: AsyncPods, caplog: pytest.LogCaptureFixture) -> None:
    async with pods.port_forward("web-0", f":{REFUSED_PORT}", ":80", addresses=["127.0.0.1"]) as forward:
        async with await anyio.connect_tcp("127.0.0.1", forward.ports[0].local) as stream:
            with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                await stream.receive()
        assert await get(f"http://127.0.0.1:{forward.ports[1].local}") == "hello from kwok\n"
    assert "error forwarding port" in forward.errors[0]


async def test_PF_06_leaving_frees_the_ports(pods: AsyncPods) -> None:
    async with pods.port_forward("web-0", ":80", addresses=["127.0.0.1"]) as forward:
        port = forward.local_port
        async with await anyio.connect_tcp("127.0.0.1", port):
            pass
    with pytest.raises(OSError):
        await anyio.connect_tcp("127.0.0.1", port)


async def test_PF_06_a_port_that_is_taken(pods: AsyncPods) -> None:
    async with pods.port_forward("web-0", ":80", addresses=["127.0.0.1"]) as forward:
        with pytest.raises(errors.StreamError, match="unable to listen on any of the requested ports"):
            async with pods.port_forward("web-0", f"{forward.local_port}:80", addresses=["127.0.0.1"]):
                pytest.fail("the port is taken")


async def test_PF_02_each_address_that_is_named_must_work(pods: AsyncPods) -> None:
    async with pods.port_forward("web-0", ":80", addresses=["127.0.0.2"]) as forward:
        with pytest.raises(errors.StreamError, match=r"127\.0\.0\.2:.*in use"):
            where = ["127.0.0.1", "127.0.0.2"]
            async with pods.port_forward("web-0", f"{forward.local_port}:80", addresses=where):
                pytest.fail("the port of one is taken")


async def test_a_pod_that_is_not_there_opens_no_port(pods: AsyncPods) -> None:
    with pytest.raises(errors.NotFoundError):
        async with pods.port_forward("missing", ":80"):
            pytest.fail("there is no such Pod")


async def test_PF_01_bad_ports(pods: AsyncPods) -> None:
    with pytest.raises(ValueError, match="at least 1 port"):
        async with pods.port_forward("web-0"):
            pytest.fail("no port")


async def test_a_service_goes_on_with_another_pod_when_its_pod_goes(pods: AsyncPods) -> None:
    def body(name: str) -> Any:
        return Pod.from_dict(
            {
                "metadata": {"name": name, "labels": {"app": "fw"}},
                "spec": {"containers": [{"name": "c", "image": "x", "ports": [{"name": "http", "containerPort": 80}]}]},
            }
        )

    services = AsyncResource(pods.rest, SERVICES, DictCodec(), pods.namespace)
    ports = [{"name": "web", "port": 8080, "targetPort": "http"}]
    await services.create({"metadata": {"name": "fw"}, "spec": {"selector": {"app": "fw"}, "ports": ports}})
    for name in ("fw-0", "fw-1"):
        await pods.create(body(name))
        await wait.until(pods, name, wait.condition("Ready"), timeout=60)
    async with pods.port_forward("svc/fw", ":web", addresses=["127.0.0.1"]) as forward:
        assert await get(forward.url) == "hello from kwok\n"
        for name in ("fw-0", "fw-1"):
            await pods.delete(name, grace_seconds=0)
            await wait.until_deleted(pods, name, timeout=60)
            if name == "fw-0":
                assert await get(forward.url) == "hello from kwok\n"
        with pytest.raises(httpx.HTTPError):
            await get(forward.url)
        assert "none of the 0 Pods" in forward.errors[-1]
        await pods.create(body("fw-2"))
        await wait.until(pods, "fw-2", wait.condition("Ready"), timeout=60)
        assert await get(forward.url) == "hello from kwok\n"


@pytest.mark.parametrize(
    ("reason", "code", "opens"),
    [
        ("BadRequest", 400, True),  # "Upgrade request required": what a server says that would forward
        ("InternalError", 500, True),
        ("Unauthorized", 401, False),
        ("Forbidden", 403, False),
        ("NotFound", 404, False),
        ("MethodNotAllowed", 405, False),
        ("NotImplemented", 501, False),
    ],
)
async def test_a_server_that_will_not_forward_opens_no_port(reason: str, code: int, opens: bool) -> None:
    def answer(request: Any) -> Any:
        if request.url.path.endswith("/portforward"):
            return status(reason, code)
        return httpx.Response(200, json={"metadata": {"name": "web-0"}, "status": {"phase": "Running"}})

    server = ScriptedServer(answer)
    resource = APIResource("", "v1", "pods", "Pod", True)
    rest = RESTClient(server.transport(), clock=InstantClock())
    refused = nullcontext() if opens else pytest.raises(errors.StatusError)
    with refused:
        target = forward_target(rest, "shop", "web-0")
        async with port_forward(rest, resource, "shop", target, [":80"], addresses=["127.0.0.1"]) as forward:
            assert opens
            assert forward.local_port
    asked = server.requests[-1]
    assert (asked.method, asked.url.params["ports"], asked.headers.get("upgrade")) == ("GET", "80", None)


@pytest.mark.parametrize("said", [b"", b"hello"])
async def test_a_local_side_that_left_is_let_go_when_the_pod_stays_silent(pods: AsyncPods, said: bytes) -> None:
    target = forward_target(pods.rest, pods.namespace, "web-0")
    where = (pods.rest, await pods.resolve(), pods.namespace, target, [":5000"])
    async with port_forward(*where, addresses=["127.0.0.1"], silence_seconds=0.1) as forward:
        opened = forward.changed
        async with await anyio.connect_tcp("127.0.0.1", forward.local_port) as stream:
            await opened.wait()
            assert forward.connections == 1
            closed = forward.changed
            if said:
                await stream.send(said)
                assert await stream.receive() == said
        with anyio.fail_after(60):
            await closed.wait()
        assert (forward.connections, forward.errors) == (0, [])


async def test_PF_07_the_log_says_what_kubectl_prints(pods: AsyncPods, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "kmagic.portforward")
    async with pods.port_forward("web-0", ":80", addresses=["127.0.0.1"]) as forward:
        await get(forward.url)
    port = forward.local_port
    assert caplog.messages[:2] == [f"Forwarding from 127.0.0.1:{port} -> 80", f"Handling connection for {port}"]


async def test_other_machines_are_kept_out(pods: AsyncPods) -> None:
    with pytest.raises(ValueError, match="can be reached from other machines"):
        async with pods.port_forward("web-0", ":80", addresses=["0.0.0.0"]):
            pytest.fail("open to everybody")
