import anyio
import httpx
import pytest

from kmagic import errors
from tests.cluster.kwok_config import REFUSED_PORT


async def get(url):
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).text


async def test_PF_05_http_through_a_free_local_port(pods):
    async with pods.port_forward("web-0", ":80") as forward:
        assert forward.local_port > 0
        assert await get(forward.url) == "hello from kwok\n"
        # One connection after the other, and at once.
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(get, forward.url)
        assert repr(forward) == f"<PortForward 127.0.0.1 {forward.local_port} -> 80>"


async def test_several_ports(pods):
    async with pods.port_forward("web-0", ":80", ":8080") as forward:
        for pair in forward.ports:
            assert await get(f"http://127.0.0.1:{pair.local}") == "hello from kwok\n"


async def test_PF_02_localhost_is_both_families(pods):
    async with pods.port_forward("web-0", ":80") as forward:
        assert forward.addresses == ("127.0.0.1", "::1")
        assert await get(f"http://[::1]:{forward.local_port}") == "hello from kwok\n"


async def test_bytes_both_ways(pods):
    async with pods.port_forward("web-0", ":5000", addresses=["127.0.0.1"]) as forward:
        async with await anyio.connect_tcp("127.0.0.1", forward.local_port) as stream:
            data = bytes(range(256)) * 1000
            async with anyio.create_task_group() as group:
                group.start_soon(stream.send, data)
                received = b""
                while len(received) < len(data):
                    received += await stream.receive()
    assert received == data


async def test_PF_04_a_broken_connection_costs_only_itself(pods, caplog):
    async with pods.port_forward("web-0", f":{REFUSED_PORT}", ":80", addresses=["127.0.0.1"]) as forward:
        async with await anyio.connect_tcp("127.0.0.1", forward.ports[0].local) as stream:
            with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                await stream.receive()
        assert await get(f"http://127.0.0.1:{forward.ports[1].local}") == "hello from kwok\n"
    assert "error forwarding port" in forward.errors[0]


async def test_PF_06_leaving_frees_the_ports(pods):
    async with pods.port_forward("web-0", ":80", addresses=["127.0.0.1"]) as forward:
        port = forward.local_port
        async with await anyio.connect_tcp("127.0.0.1", port):
            pass
    with pytest.raises(OSError):
        await anyio.connect_tcp("127.0.0.1", port)


async def test_PF_06_a_port_that_is_taken(pods):
    async with pods.port_forward("web-0", ":80", addresses=["127.0.0.1"]) as forward:
        with pytest.raises(errors.StreamError, match="unable to listen on any of the requested ports"):
            async with pods.port_forward("web-0", f"{forward.local_port}:80", addresses=["127.0.0.1"]):
                pytest.fail("the port is taken")


async def test_a_pod_that_is_not_there_opens_no_port(pods):
    with pytest.raises(errors.NotFoundError):
        async with pods.port_forward("missing", ":80"):
            pytest.fail("there is no such Pod")


async def test_PF_01_bad_ports(pods):
    with pytest.raises(ValueError, match="at least 1 port"):
        async with pods.port_forward("web-0"):
            pytest.fail("no port")
