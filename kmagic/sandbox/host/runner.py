"""One sandbox from start to end: certificate, cluster, socket, server; used by the command line and by tests."""

from __future__ import annotations

import contextlib
import math
import secrets
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import msgspec
import uvicorn

from kmagic.sandbox.access import roles
from kmagic.sandbox.access.authentication import MASTERS, User
from kmagic.sandbox.cluster import Cluster, system_clock
from kmagic.sandbox.endpoints.server import build_app
from kmagic.sandbox.host import load_generator, seed
from kmagic.sandbox.host.connections import BoundedProtocol
from kmagic.sandbox.host.kubeconfig import written_kubeconfig
from kmagic.transport import cert, tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

__all__ = ("Settings", "serve")

HOST = "127.0.0.1"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a sandbox.

    Attributes:
        port: 0 takes a free one.
        kubeconfig: Path of the kubeconfig, which is removed at the end.
        nodes: Number of nodes.
        pods: Pods made at the start without a controller, for views and measurements.
        churn: Changes a second to those Pods.
        churn_seconds: After which they rest.
        controllers: Whether controllers run.
    """

    port: int = 0
    kubeconfig: Path
    nodes: int = 3
    pods: int = 0
    churn: float = 0.0
    churn_seconds: float = math.inf
    controllers: bool = True


async def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Runs a sandbox until it is cancelled.

    Args:
        settings: The settings of the sandbox.
        ready: Called with the URL once requests are answered.
    """
    admin, viewer = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    listener = socket.create_server((HOST, settings.port))
    # asyncio does this only where the socket names its protocol; without it a small answer waits 40 ms for an ACK
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    url = f"https://{HOST}:{listener.getsockname()[1]}"
    pair = cert.self_signed_pair("localhost", addresses=(HOST, "::1"), now=system_clock())
    authority = pair.authority.decode()
    users = {
        admin: User("kubernetes-admin", (MASTERS,)),
        viewer: User("sandbox-viewer", (roles.VIEWERS,)),
    }
    cluster = Cluster(users, server=url.removeprefix("https://"))
    seed.seed(cluster.client, settings.nodes)
    if settings.pods:
        load_generator.add_pods(cluster.client, settings.pods)

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            if settings.controllers:
                tasks.start_soon(cluster.run, authority)
            if settings.churn:
                tasks.start_soon(load_generator.churn, cluster.client, settings.churn, settings.churn_seconds)
            with written_kubeconfig(settings.kubeconfig, server=url, certificate=authority, admin=admin, viewer=viewer):
                ready(url)
                yield
            tasks.cancel_scope.cancel()

    server = _server(cluster, lifespan, pair.chain + pair.key)
    with listener:
        try:
            await server.serve(sockets=[listener])
        except anyio.get_cancelled_exc_class():
            if server.started:
                # what the lifespan began belongs to a task of its own, which only a shutdown ends
                with anyio.CancelScope(shield=True):
                    await server.shutdown(sockets=[listener])
            raise


def _server(cluster: Cluster, lifespan: Callable[[object], object], pem: bytes) -> uvicorn.Server:
    config = uvicorn.Config(
        build_app(cluster.api, lifespan),
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=90,
        http=BoundedProtocol,
        ws="none",
        server_header=False,
    )
    config.load()
    config.ssl = _context(pem)
    return uvicorn.Server(config)


def _context(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tls.key_file(pem) as file:
        context.load_cert_chain(file)
    return context
