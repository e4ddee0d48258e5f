"""Local ports that lead into a Pod, or into a ready one behind a Service or Deployment.

Theory of operation. Every accepted connection opens a WebSocket of its own with one data and one error channel
for the port, so a broken connection costs only itself and the next one works again as soon as the Pod does.
The protocol knows no half-close: when the local side has sent everything, the stream stays until the Pod closes
it or is silent for a minute. Before the first port opens, the server is asked whether it would forward at all: by
a request that is no WebSocket, which it refuses for that reason alone and without touching the Pod.

Source: k8s.io/client-go/tools/portforward; the channel protocol is kubelet's v4.channel.k8s.io.
"""

from __future__ import annotations

import errno
import logging
import math
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import anyio
import anyio.abc

from kmagic.aio.signal import Signal
from kmagic.aio.tasks import task_group
from kmagic.errors import (
    ForbiddenError,
    KubeError,
    MethodNotAllowedError,
    NotFoundError,
    StatusError,
    StreamError,
    UnauthorizedError,
)
from kmagic.rest import channels, verbs
from kmagic.rest.ports import PortPair, parse_addresses, parse_ports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from kmagic.client.forward_target import ForwardTarget
    from kmagic.client.rest import RESTClient
    from kmagic.rest.request import Request
    from kmagic.rest.resource import APIResource
    from kmagic.transport.websocket import WebSocket

    Opener = Callable[[], Awaitable[Request]]

__all__ = ("PortForward", "port_forward")

_log = logging.getLogger("kmagic.portforward")

_DATA, _ERROR = 0, 1
_SILENCE_SECONDS = 60.0
_READ_BYTES = 32 * 1024
# Answers that no WebSocket would change; any other is left to the first connection.
_REFUSALS = (UnauthorizedError, ForbiddenError, NotFoundError, MethodNotAllowedError)
_NOT_IMPLEMENTED = 501


class PortForward:
    """Local ports that are open now.

    Attributes:
        ports: Local and remote port of each; a local 0 has become the real port.
        addresses: The local addresses listened on.
        connections: Number of open connections.
        errors: The last errors of single connections, newest last; they do not end the forwarding.
        changed: Notified when `connections` or `errors` change.
    """

    def __init__(self, ports: tuple[PortPair, ...], addresses: tuple[str, ...]) -> None:
        self.ports = ports
        self.addresses = addresses
        self.connections: int = 0
        self.errors: list[str] = []
        self.changed: Signal = Signal()

    def _count(self, more: int) -> None:
        self.connections += more
        self.changed.notify()

    def _fail(self, message: str) -> None:
        self.errors = [*self.errors[-9:], message]
        self.changed.notify()

    @property
    def local_port(self) -> int:
        """The first local port."""
        return self.ports[0].local

    @property
    def url(self) -> str:
        """The first local port as an ``http`` URL, for convenience."""
        host = self.addresses[0]
        return f"http://[{host}]:{self.local_port}" if ":" in host else f"http://{host}:{self.local_port}"

    def __repr__(self) -> str:
        pairs = ", ".join(f"{pair.local} -> {pair.remote}" for pair in self.ports)
        return f"<PortForward {self.addresses[0]} {pairs}>"


@asynccontextmanager
async def port_forward(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    target: ForwardTarget,
    ports: Iterable[str | int],
    *,
    addresses: Iterable[str] = ("localhost",),
    allow_remote: bool = False,
    silence_seconds: float = _SILENCE_SECONDS,
) -> AsyncIterator[PortForward]:
    """Listens until the block ends, which closes all connections.

    Args:
        rest: Client that sends the requests.
        resource: The Pods' resource.
        namespace: Namespace of the Pod.
        target: Chooses the Pod of each connection.
        ports: ``8080``, ``"8888:80"``, ``":80"`` (any free local port), ``":http"`` (a port's name).
        addresses: Local addresses; ``"localhost"`` is 127.0.0.1 and ::1.
        allow_remote: Listen on addresses, too, that other machines can reach.
        silence_seconds: Longest wait for an answer after the local side has ended its input.

    Raises:
        ValueError: No such port or address.
        NotFoundError: There is no such Pod, or no ready one.
        StatusError: The server does not forward, or not for this user.
        StreamError: No local port could be opened, or the Pod does not run.
    """
    locals_ = parse_addresses(addresses, allow_remote=allow_remote)
    wanted = parse_ports(await target.prepare(tuple(ports)))
    pod, port = await target.pick(wanted[0].remote)
    await _ask(rest, verbs.connect(resource, namespace, pod, "portforward", [("ports", str(port))]))
    async with AsyncExitStack() as stack:
        used: dict[str, None] = {}
        opened = [await _listen(stack, pair, locals_, used) for pair in wanted]
        forward = PortForward(tuple(listeners[0][0] for listeners in opened), tuple(used))

        async with task_group() as group:
            for pair, listener in chain.from_iterable(opened):

                async def request(remote: int = pair.remote) -> Request:
                    pod, port = await target.pick(remote)
                    return verbs.connect(resource, namespace, pod, "portforward", [("ports", str(port))])

                async def serve(
                    connection: anyio.abc.SocketStream, pair: PortPair = pair, request: Opener = request
                ) -> None:
                    _log.info("Handling connection for %s", pair.local)
                    await _serve(rest, request, connection, pair.remote, forward, silence_seconds)

                group.start_soon(listener.serve, serve)
                host, port = listener.extra(anyio.abc.SocketAttribute.local_address)[:2]
                _log.info("Forwarding from %s:%s -> %s", f"[{host}]" if ":" in host else host, port, pair.remote)
            yield forward
            group.cancel_scope.cancel()


async def _ask(rest: RESTClient, request: Request) -> None:
    try:
        await rest.execute(request)
    except StatusError as error:
        if isinstance(error, _REFUSALS) or error.status.get("code") == _NOT_IMPLEMENTED:
            raise


async def _listen(
    stack: AsyncExitStack, pair: PortPair, addresses: Iterable[tuple[str, bool]], used: dict[str, None]
) -> list[tuple[PortPair, Any]]:
    opened: list[tuple[PortPair, Any]] = []
    failures: list[str] = []
    why = "is another program using the port?"
    local = pair.local
    for address, must_work in addresses:
        try:
            listener = await anyio.create_tcp_listener(local_host=address, local_port=local)
        except OSError as error:
            failures.append(f"{address}:{local}: {error.strerror or error}")
            if error.errno == errno.EACCES:
                why = "ports below 1024 are for the administrator;"
            if must_work:
                opened = []
                break
            continue
        await stack.enter_async_context(listener)
        # The other addresses get the same port that the first one was given.
        local = listener.extra(anyio.abc.SocketAttribute.local_port)
        used[address] = None
        opened.append((PortPair(local, pair.remote), listener))
    if not opened:
        raise StreamError(
            f"unable to listen on any of the requested ports: {'; '.join(failures)}",
            hint=f"{why} :{pair.remote} takes any free one",
        )
    return opened


async def _serve(
    rest: RESTClient,
    request: Opener,
    connection: anyio.abc.SocketStream,
    port: int,
    forward: PortForward,
    silence_seconds: float,
) -> None:
    forward._count(+1)
    try:
        async with connection:
            from kmagic.transport import websocket  # its library is imported by the first stream

            async with websocket.connect(rest.transport, await request(), channels.FORWARD_PROTOCOLS) as socket:
                await _pump(socket, connection, silence_seconds)
    except (KubeError, ValueError, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
        # The next connection may do better: the forwarding goes on.
        broke = isinstance(error, anyio.BrokenResourceError | anyio.ClosedResourceError)
        message = "the local connection broke" if broke else str(error)
        # Browsers break connections as they like.
        _log.log(logging.INFO if broke else logging.WARNING, "port-forward to %s: %s", port, message)
        forward._fail(message)
    finally:
        forward._count(-1)


async def _pump(socket: WebSocket, connection: anyio.abc.SocketStream, silence_seconds: float) -> None:
    sent_all = anyio.Event()
    silence = anyio.CancelScope()

    def listen() -> None:
        if sent_all.is_set():
            silence.deadline = anyio.current_time() + silence_seconds

    async def upward() -> None:
        try:
            while True:
                await socket.send(bytes([_DATA]) + await connection.receive(_READ_BYTES))
        except anyio.EndOfStream:
            sent_all.set()
            listen()

    async def downward() -> None:
        # The first message of each channel only repeats the port.
        greeted: set[int] = set()
        while True:
            listen()
            message = await socket.receive()
            # A local side that takes its time to read is not silence.
            silence.deadline = math.inf
            if message is None:
                return
            channel, data = channels.split(message)
            if channel not in greeted:
                greeted.add(channel)
                data = data[2:]
            if channel == _ERROR and data:
                raise StreamError(f"error forwarding: {data.decode(errors='replace').strip()}")
            if channel == _DATA and data:
                await connection.send(data)

    async with task_group() as group:
        group.start_soon(upward)
        with silence:
            await downward()
        group.cancel_scope.cancel()
