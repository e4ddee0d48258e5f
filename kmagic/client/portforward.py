"""Local ports that lead into a Pod, or into a ready one behind a Service or Deployment.

Theory of operation. Every accepted connection opens a WebSocket of its own with one data and one error channel
for the port, so a broken connection costs only itself and the next one works again as soon as the Pod does.
The protocol knows no half-close: when the local side has sent everything, the stream stays until the Pod closes
it or is silent for a minute.

Source: k8s.io/client-go/tools/portforward; the channel protocol is kubelet's v4.channel.k8s.io.
"""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.abc

from kmagic.errors import KubeError, StreamError
from kmagic.rest import channels, verbs
from kmagic.rest.ports import PortPair, parse_addresses, parse_ports
from kmagic.transport import websocket

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
# How long an answer may take after the local side has said all it had to say.
_SILENCE_SECONDS = 60.0
_READ_BYTES = 32 * 1024


class PortForward:
    """Local ports that are open now.

    Attributes:
        ports: Local and remote port of each; a local 0 has become the real port.
        addresses: The local addresses listened on.
        connections: How many connections there are at the moment.
        errors: The last errors of single connections, newest last; they do not end the forwarding.
    """

    def __init__(self, ports: tuple[PortPair, ...], addresses: tuple[str, ...]) -> None:
        self.ports = ports
        self.addresses = addresses
        self.connections = 0
        self.errors: list[str] = []

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
) -> AsyncIterator[PortForward]:
    """Listens until the block ends, which closes all connections.

    Args:
        rest: Sends the requests.
        resource: The Pods' resource.
        namespace: The Pod's.
        target: Says which Pod, for each connection anew.
        ports: ``8080``, ``"8888:80"``, ``":80"`` (any free local port), ``":http"`` (a port's name).
        addresses: Local addresses; ``"localhost"`` is 127.0.0.1 and ::1.
        allow_remote: Listen on addresses, too, that other machines can reach.

    Raises:
        ValueError: No such port or address.
        NotFoundError: There is no such Pod, or no ready one.
        StreamError: No local port could be opened.
    """
    locals_ = parse_addresses(addresses, allow_remote=allow_remote)
    wanted = parse_ports(await target.prepare(tuple(ports)))
    first, _ = await target.pick(wanted[0].remote)
    rest.check(verbs.connect(resource, namespace, first, "portforward", ()))
    async with AsyncExitStack() as stack:
        listeners: list[tuple[PortPair, Any]] = []
        bound: list[PortPair] = []
        used: dict[str, None] = {}
        for pair in wanted:
            opened = await _listen(stack, pair, locals_, used)
            listeners += opened
            bound.append(opened[0][0])
        forward = PortForward(tuple(bound), tuple(used))

        async with anyio.create_task_group() as group:
            for pair, listener in listeners:

                async def request(remote: int = pair.remote) -> Request:
                    pod, port = await target.pick(remote)
                    return verbs.connect(resource, namespace, pod, "portforward", [("ports", str(port))])

                async def serve(
                    connection: anyio.abc.SocketStream, pair: PortPair = pair, request: Opener = request
                ) -> None:
                    _log.info("Handling connection for %s", pair.local)
                    await _serve(rest, request, connection, pair.remote, forward)

                group.start_soon(listener.serve, serve)
                host, port = listener.extra(anyio.abc.SocketAttribute.local_address)[:2]
                _log.info("Forwarding from %s:%s -> %s", f"[{host}]" if ":" in host else host, port, pair.remote)
            yield forward
            group.cancel_scope.cancel()


async def _listen(
    stack: AsyncExitStack, pair: PortPair, addresses: Iterable[tuple[str, bool]], used: dict[str, None]
) -> list[tuple[PortPair, Any]]:
    opened: list[tuple[PortPair, Any]] = []
    failures: list[str] = []
    local = pair.local
    for address, must_work in addresses:
        try:
            listener = await anyio.create_tcp_listener(local_host=address, local_port=local)
        except OSError as error:
            failures.append(f"{address}:{local}: {error.strerror or error}")
            if must_work:
                break
            continue
        await stack.enter_async_context(listener)
        # The other addresses get the same port that the first one was given.
        local = listener.extra(anyio.abc.SocketAttribute.local_port)
        used[address] = None
        opened.append((PortPair(local, pair.remote), listener))
    if not opened or (failures and len(opened) == 0):
        raise StreamError(
            f"unable to listen on any of the requested ports: {'; '.join(failures)}",
            hint="is another program using the port? :<port> takes any free one",
        )
    return opened


async def _serve(
    rest: RESTClient, request: Opener, connection: anyio.abc.SocketStream, port: int, forward: PortForward
) -> None:
    forward.connections += 1
    try:
        async with connection:
            async with websocket.connect(rest.transport, await request(), channels.FORWARD_PROTOCOLS) as socket:
                await _pump(socket, connection)
    except (KubeError, ValueError, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
        # The next connection may do better: the forwarding goes on.
        broke = isinstance(error, anyio.BrokenResourceError | anyio.ClosedResourceError)
        message = "the local connection broke" if broke else str(error)
        _log.warning("port-forward to %s: %s", port, message)
        forward.errors = [*forward.errors[-9:], message]
    finally:
        forward.connections -= 1


async def _pump(socket: WebSocket, connection: anyio.abc.SocketStream) -> None:
    sent_all = anyio.Event()

    async def upward() -> None:
        try:
            while True:
                await socket.send(bytes([_DATA]) + await connection.receive(_READ_BYTES))
        except anyio.EndOfStream:
            sent_all.set()

    async def downward() -> None:
        # The first message of each channel only repeats the port.
        greeted: set[int] = set()
        while True:
            with anyio.move_on_after(_SILENCE_SECONDS if sent_all.is_set() else None) as scope:
                message = await socket.receive()
            if scope.cancelled_caught or message is None:
                return
            channel, data = channels.split(message)
            if channel not in greeted:
                greeted.add(channel)
                data = data[2:]
            if channel == _ERROR and data:
                raise StreamError(f"error forwarding: {data.decode(errors='replace').strip()}")
            if channel == _DATA and data:
                await connection.send(data)

    failure: list[Exception] = []
    async with anyio.create_task_group() as group:

        async def guarded() -> None:
            try:
                await upward()
            except (StreamError, anyio.BrokenResourceError) as error:
                failure.append(error)
                group.cancel_scope.cancel()

        group.start_soon(guarded)
        try:
            await downward()
        except (StreamError, anyio.BrokenResourceError) as error:
            failure.append(error)
        group.cancel_scope.cancel()
    if failure:
        raise failure[0]
