"""Watches that are broken on the way, and servers or users whose certificates and tokens are not good.

As in test_transport_faults.py: the class of the error, its sentence, how often it was sent, and that it ended in time.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from kmagic import errors
from kmagic.api.options import ListOptions
from kmagic.client.client import AsyncClient
from kmagic.config.client_config import AuthConfig, ClientConfig, TLSConfig
from kmagic.config.loader import load_config
from kmagic.errors import KubeError
from tests.cluster.faultbench import BOUND, Bench, HastyClock, bench, create, disconnected, get, list_all
from tests.cluster.fixture import ExternalCluster
from tests.faultproxy import Fault, status_reply

# -- watches --------------------------------------------------------------------------------------------------------


def frames(*events: object, ending: bytes = b"", end: str = "") -> Fault:
    """A watch that answers with these events."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    body = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    return Fault(reply=head + body + ending, end=end)


def event(kind: str, name: str = "a", version: str = "1") -> dict[str, Any]:
    head = {"name": name, "resourceVersion": version}
    return {"type": kind, "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": head}}


async def watched(b: Bench) -> tuple[list[str], Exception | None]:
    """The names a watch delivered before it ended, and how it ended."""
    found: list[str] = []
    stream = b.client.resource("configmaps", namespace="default").watch(options=ListOptions(resource_version="1"))
    try:
        with anyio.fail_after(BOUND):
            async with aclosing(stream) as events:
                async for item in events:
                    found.append(item.object["metadata"]["name"])
    except errors.KubeError as error:
        return found, error
    return found, None


GONE = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (9)"}
BROKEN = {"kind": "Status", "code": 500, "reason": "InternalError", "message": "the store is broken"}
UNKNOWN = {"type": "RENAMED", "object": {}}


@pytest.mark.parametrize(
    ("fault", "names", "kind", "message"),
    [
        pytest.param(frames(event("ADDED")), ["a"], None, "", id="WS-03 a clean end"),
        pytest.param(frames(), [], None, "", id="WS-03 nothing at all"),
        pytest.param(frames(event("ADDED"), {"type": "ERROR", "object": GONE}), ["a"], errors.ExpiredError, "too old", id="WS-05 too old"),
        pytest.param(frames({"type": "ERROR", "object": BROKEN}), [], errors.InternalServerError, "store is broken", id="WS-05 an error"),
        pytest.param(frames(event("ADDED"), UNKNOWN), ["a"], errors.DecodeError, "got invalid watch event type: RENAMED", id="WS-02 unknown type"),
        pytest.param(frames(event("ADDED"), ending=b"garbage\n"), ["a"], errors.DecodeError, "unable to decode watch event", id="WS-03 garbage"),
        pytest.param(frames(event("ADDED"), ending=b'{"type":"ADDED","obj'), ["a"], None, "", id="WS-03 a torn last frame"),
        pytest.param(frames(event("ADDED"), [1, 2]), ["a"], errors.DecodeError, "unable to decode watch event", id="WS-02 no event"),
        pytest.param(frames(event("ADDED"), {"type": "ADDED", "object": 7}), ["a"], errors.DecodeError, "unable to decode", id="WS-02 no object"),
        pytest.param(status_reply(403, "Forbidden", "not you"), [], errors.ForbiddenError, "not you", id="WS-01 refused"),
        pytest.param(status_reply(410, "Expired", "too old"), [], errors.ExpiredError, "too old", id="WS-01 expired at once"),
    ],
)  # fmt: skip
async def test_a_watch_ends_as_it_was_broken(
    cluster: ExternalCluster, tmp_path: Path, fault: Any, names: list[str], kind: type[KubeError], message: str
) -> None:
    async with bench(cluster, tmp_path) as b:
        b.breaks(fault)
        found, error = await watched(b)
        assert found[: len(names)] == names
        assert (type(error) is kind) if kind else (error is None)
        assert message in str(error or "")
        assert b.sent == 1


async def test_WS_03_a_watch_that_is_cut_is_a_broken_connection(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        # After the events are through: bytes that a reset overtakes are lost on any network.
        cutting = b.client.resource("configmaps", namespace="default").watch()
        found = []
        with anyio.fail_after(BOUND), pytest.raises(errors.TransportError, match="broke during: watch configmaps"):
            async with aclosing(cutting) as events:
                async for item in events:
                    found.append(item)
                    b.proxy.cut()
        assert found


async def test_a_slow_watch_delivers(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        many = [event("ADDED", f"n-{number}") for number in range(50)]
        b.breaks(Fault(**{**_fields(frames(*many)), "bytes_per_second": 20_000}))
        found, error = await watched(b)
        assert error is None
        assert found == [f"n-{number}" for number in range(50)]


async def test_a_very_big_event_delivers(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        big = event("ADDED")
        big["object"]["data"] = {"x": "y" * 3_000_000}
        b.breaks(frames(big, event("DELETED", "b")))
        assert await watched(b) == (["a", "b"], None)


async def test_leaving_a_watch_closes_its_connection(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        stream = b.client.resource("configmaps", namespace="default").watch()
        with anyio.fail_after(BOUND):
            async with aclosing(stream) as events:
                async for _ in events:
                    break
            await disconnected(b.proxy)


async def test_closing_the_client_ends_its_watches(cluster: ExternalCluster, tmp_path: Path) -> None:
    async with bench(cluster, tmp_path) as b:
        ends: list[BaseException | None] = []

        async def follow() -> None:
            ends.append((await watched(b))[1])

        with anyio.fail_after(BOUND):
            async with anyio.create_task_group() as group:
                group.start_soon(follow)
                while not b.sent:
                    await anyio.lowlevel.checkpoint()
                await b.client.aclose()
        assert ends == [None] or isinstance(ends[0], errors.TransportError)


def _fields(fault: Fault) -> dict[str, Any]:
    return {"reply": fault.reply, "end": fault.end}


# -- TLS and identity -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def tls_server(certificate: Path, key: Path) -> AsyncIterator[str]:
    """A server that shows this certificate and answers nothing; yields its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def version(config: ClientConfig) -> Any:
    clock = HastyClock()
    async with AsyncClient(config=config, clock=clock) as client:
        with anyio.fail_after(BOUND):
            return await client.discovery.version()


def beside(cluster: ExternalCluster, name: str) -> str:
    return str(Path(cluster.kubeconfig).with_name(name))


async def test_a_server_of_a_strange_authority_is_not_trusted(cluster: ExternalCluster) -> None:
    config = load_config(cluster.kubeconfig)
    strange = msgspec.structs.replace(config.tls, ca_file=beside(cluster, "stranger.crt"), ca_data=None)
    with pytest.raises(errors.ConnectError, match="is not trusted") as caught:
        await version(msgspec.structs.replace(config, tls=strange))
    assert "certificate-authority" in caught.value.hint


async def test_a_server_of_the_systems_authorities_only_is_not_trusted(cluster: ExternalCluster) -> None:
    with pytest.raises(errors.ConnectError, match="is not trusted"):
        await version(ClientConfig(server=cluster.server))


async def test_a_server_of_another_name_is_not_trusted(cluster: ExternalCluster) -> None:
    config = load_config(cluster.kubeconfig)
    other = msgspec.structs.replace(config.tls, server_name="api.example.com")
    with pytest.raises(errors.ConnectError, match=r"(?i)is not trusted: hostname mismatch"):
        await version(msgspec.structs.replace(config, tls=other))


async def test_a_server_name_of_the_certificate_is_trusted(cluster: ExternalCluster) -> None:
    config = load_config(cluster.kubeconfig)
    named = msgspec.structs.replace(config.tls, server_name="kubernetes.default.svc")
    assert (await version(msgspec.structs.replace(config, tls=named))).git_version


async def test_an_expired_certificate_of_the_server_is_not_trusted(cluster: ExternalCluster) -> None:
    async with tls_server(Path(beside(cluster, "expired.crt")), Path(beside(cluster, "expired.key"))) as url:
        config = ClientConfig(server=url, tls=TLSConfig(ca_file=beside(cluster, "ca.crt")))
        with pytest.raises(errors.ConnectError, match="is not trusted"):
            await version(config)


async def test_an_insecure_client_trusts_everybody(cluster: ExternalCluster) -> None:
    config = load_config(cluster.kubeconfig)
    careless = msgspec.structs.replace(config.tls, insecure=True, ca_file=None, ca_data=None)
    assert (await version(msgspec.structs.replace(config, tls=careless))).git_version


async def test_plain_http_where_tls_is_expected(cluster: ExternalCluster) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(errors.ConnectError, match="no TLS connection") as caught:
            await version(msgspec.structs.replace(load_config(cluster.kubeconfig), server=url))
    assert "plain HTTP" in caught.value.hint


async def test_tls_where_plain_http_is_expected(cluster: ExternalCluster) -> None:
    config = ClientConfig(server=cluster.server.replace("https:", "http:"))
    with pytest.raises(errors.BadRequestError, match="HTTP request to an HTTPS server"):
        await version(config)


async def test_an_expired_client_certificate_is_unauthorized(cluster: ExternalCluster) -> None:
    config = load_config(cluster.kubeconfig)
    files = {"cert_file": beside(cluster, "expired.crt"), "key_file": beside(cluster, "expired.key")}
    old = msgspec.structs.replace(config.tls, cert_data=None, key_data=None, **files)
    # The server lets the connection come up and then knows nobody: a request that anybody may make still works.
    async with AsyncClient(config=msgspec.structs.replace(config, tls=old)) as client:
        with anyio.fail_after(BOUND), pytest.raises(errors.UnauthorizedError, match="Unauthorized") as caught:
            await client.discovery.all()
    assert "expired" in caught.value.hint
    assert "log in again" in caught.value.hint


@pytest.mark.parametrize("call", [get, create, list_all])
async def test_an_expired_token_is_unauthorized(cluster: ExternalCluster, call: Any) -> None:
    async with AsyncClient(cluster.expired_kubeconfig) as client:
        with anyio.fail_after(BOUND), pytest.raises(errors.UnauthorizedError) as caught:
            await call(client)
    assert 'the credentials of user "expired" are wrong or expired' in caught.value.hint
    assert "a-token-the-server" not in str(caught.value) + repr(caught.value) + repr(client)


async def test_a_token_file_that_is_renewed_is_read_again(cluster: ExternalCluster, tmp_path: Path) -> None:
    good = load_config(cluster.readonly_kubeconfig).auth.token
    assert good
    path = tmp_path / "token"
    path.write_text("an-old-token")
    config = msgspec.structs.replace(load_config(cluster.readonly_kubeconfig), auth=AuthConfig(token_file=str(path)))
    async with AsyncClient(config=config) as client:
        with anyio.fail_after(BOUND), pytest.raises(errors.UnauthorizedError):
            await get(client)
        path.write_text(good)
        with anyio.fail_after(BOUND):
            assert await get(client)


@pytest.mark.parametrize("missing", ["ca_file", "cert_file"])
async def test_a_file_that_is_missing_is_named(cluster: ExternalCluster, tmp_path: Path, missing: str) -> None:
    config = load_config(cluster.kubeconfig)
    path = str(tmp_path / "nothing.crt")
    broken = msgspec.structs.replace(config.tls, **{missing: path, missing.replace("file", "data"): None})
    with pytest.raises(errors.ConfigError, match=r"nothing\.crt"):
        await version(msgspec.structs.replace(config, tls=broken))


async def test_a_file_that_is_no_certificate_is_named(cluster: ExternalCluster, tmp_path: Path) -> None:
    config = load_config(cluster.kubeconfig)
    path = tmp_path / "ca.crt"
    path.write_text("nonsense")
    broken = msgspec.structs.replace(config.tls, ca_file=str(path), ca_data=None)
    with pytest.raises(errors.ConfigError, match=r"ca\.crt"):
        await version(msgspec.structs.replace(config, tls=broken))
