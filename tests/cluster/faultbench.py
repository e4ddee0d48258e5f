"""A client behind a proxy that breaks answers, for the fault tests."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import msgspec

from kmagic.client.client import AsyncClient
from kmagic.config.loader import load_config
from tests.cluster.fixture import ExternalCluster
from tests.faultproxy import Fault, FaultProxy

BOUND = 30.0  # seconds any of these may take on a busy machine; most take milliseconds
RETRIES = 10


@dataclass
class HastyClock:
    """The real time, but pauses are only written down."""

    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await anyio.lowlevel.checkpoint()


@dataclass
class Bench:
    """A client behind a proxy that breaks things."""

    proxy: FaultProxy
    client: AsyncClient
    clock: HastyClock

    @property
    def sent(self) -> int:
        """How many requests were made, discovery left out."""
        return len([seen for seen in self.proxy.seen if "namespaces/" in seen.path])

    def breaks(self, fault: Fault | Callable[[int], Fault | None]) -> None:
        """From now on every request is broken so, or by its number counted from now."""
        first = len(self.proxy.seen)
        self.proxy.rule = lambda seen: fault(seen.number - first) if callable(fault) else fault


@asynccontextmanager
async def bench(
    cluster: ExternalCluster, tmp_path: Path, *, tls: bool = False, change: dict[str, Any] | None = None
) -> AsyncIterator[Bench]:
    """Yields a client that already knows the server's resources, so that only the broken request is sent."""
    clock = HastyClock()
    async with FaultProxy(cluster.kubeconfig, tls=tls) as proxy:
        config = load_config(proxy.write_kubeconfig(tmp_path))
        config = msgspec.structs.replace(config, **(change or {}))
        async with AsyncClient(config=config, clock=clock) as client:
            await client.mapper.resource_for("configmaps")
            clock.pauses.clear()
            yield Bench(proxy, client, clock)
        await disconnected(proxy)  # nothing of the client's stays connected


async def disconnected(proxy: FaultProxy) -> None:
    """Returns when the proxy has no connection any more; it has no event for that."""
    with anyio.fail_after(BOUND):
        while proxy.open_connections:
            await anyio.lowlevel.checkpoint()


async def get(client: AsyncClient) -> Any:
    return await client.resource("configmaps", namespace="default").get("kube-root-ca.crt")


async def create(client: AsyncClient) -> Any:
    return await client.resource("configmaps", namespace="default").create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "never"}, "data": {"x": "y" * 2000}},
        dry_run=True,
    )


async def replace(client: AsyncClient) -> Any:
    return await client.resource("configmaps", namespace="default").update(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt"}}, dry_run=True
    )


async def remove(client: AsyncClient) -> Any:
    return await client.resource("configmaps", namespace="default").delete("never", dry_run=True)


async def list_all(client: AsyncClient) -> Any:
    return await client.resource("configmaps", namespace="default").list()


def answer(body: bytes, *head: str, status: str = "200 OK", length: int | None = None) -> Fault:
    """A whole answer made by hand."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *head]
    return Fault(reply="\r\n".join([*lines, "Connection: close"]).encode() + b"\r\n\r\n" + body)


JSON_TYPE = "Content-Type: application/json"
OBJECT = b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}'
PAGE = b"<html><body><h1>502 Bad Gateway</h1> nginx</body></html>"
