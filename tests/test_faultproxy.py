"""The fault proxy passes answers on whole, and breaks exactly what its rule says."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx
import pytest

from tests.faultproxy import Fault, FaultProxy, Seen, status_reply

if TYPE_CHECKING:
    from tests.cluster.fixture import ExternalCluster

_PATH = "/api/v1/namespaces/default"


def _client(proxy: FaultProxy) -> httpx.AsyncClient:
    verify: ssl.SSLContext | bool = False
    if proxy.tls:
        verify = ssl.create_default_context(cafile=str(Path(proxy.kubeconfig).with_name("ca.crt")))
    return httpx.AsyncClient(base_url=proxy.url, verify=verify, trust_env=False, timeout=10)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_passes_requests_on(cluster: ExternalCluster, tls: bool) -> None:
    async with FaultProxy(cluster.kubeconfig, tls=tls) as proxy, _client(proxy) as client:
        for _ in range(2):
            assert (await client.get(_PATH, params={"pretty": "true"})).json()["metadata"]["name"] == "default"
        bad = await client.post("/api/v1/namespaces", json={"kind": "Namespace"})
    assert bad.status_code == 422
    assert [(s.method, s.path, s.query, s.number) for s in proxy.seen] == [
        ("GET", _PATH, "pretty=true", 0),
        ("GET", _PATH, "pretty=true", 1),
        ("POST", "/api/v1/namespaces", "", 2),
    ]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_cut_resets_a_running_watch(cluster: ExternalCluster, tls: bool) -> None:
    async with FaultProxy(cluster.kubeconfig, tls=tls) as proxy, _client(proxy) as client:
        with pytest.raises(httpx.TransportError):
            async with client.stream("GET", "/api/v1/namespaces", params={"watch": "1"}) as response:
                async for _ in response.aiter_bytes():
                    assert proxy.cut() == 1
    assert proxy.seen[0].is_watch


@pytest.mark.parametrize(
    "fault",
    [Fault(after=40, end="reset"), Fault(after=40, end="close"), Fault(after=600, end="close")],
    ids=["reset in the head", "close in the head", "close in the body"],
)
async def test_an_answer_that_ends_early(cluster: ExternalCluster, fault: Fault) -> None:
    async with FaultProxy(cluster.kubeconfig, rule=lambda seen: fault) as proxy, _client(proxy) as client:
        with pytest.raises(httpx.TransportError):
            await client.get(_PATH)


async def test_stalls_until_the_client_leaves(cluster: ExternalCluster) -> None:
    stalled = Fault(after=10, stall=True)
    async with FaultProxy(cluster.kubeconfig, rule=lambda seen: stalled) as proxy, _client(proxy) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(_PATH, timeout=0.3)
        with anyio.fail_after(5):
            while proxy.open_connections:
                await anyio.lowlevel.checkpoint()


async def test_replies_inserts_and_slows_by_rule(cluster: ExternalCluster) -> None:
    def rule(seen: Seen) -> Fault | None:
        return {
            0: status_reply(429, "TooManyRequests", "later", retry_after=1),
            1: Fault(after=0, insert=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"),
            2: Fault(bytes_per_second=4000),
        }.get(seen.number)

    async with FaultProxy(cluster.kubeconfig, rule=rule) as proxy, _client(proxy) as client:
        first = await client.get(_PATH)
        assert (first.status_code, first.headers["retry-after"], first.json()["code"]) == (429, "1", 429)
        assert (await client.get(_PATH)).json() == {}
        started = anyio.current_time()
        assert (await client.get(_PATH)).json()["metadata"]["name"] == "default"
        assert anyio.current_time() - started > 0.1
        proxy.refusing = True
        with pytest.raises(httpx.TransportError):
            await client.get(_PATH)
