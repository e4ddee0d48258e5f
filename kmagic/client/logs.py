"""Container logs: all of it at once, or followed line by line through cuts and restarts.

Source: k8s.io/client-go/kubernetes/typed/core/v1/pod_expansion.go (GetLogs), kubectl logs.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import msgspec

from kmagic.api.door import read_object
from kmagic.errors import KubeError, NotFoundError, StatusError, TransportError
from kmagic.rest import verbs
from kmagic.rest.log_lines import LogPosition, split_timestamp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from kmagic.api.types import JSONObject
    from kmagic.client.rest import RESTClient
    from kmagic.rest.request import Query
    from kmagic.rest.resource import APIResource

__all__ = ("LogOptions", "follow", "follow_lines", "read", "waits")

# Between two attempts to go on with a log that was cut.
_AGAIN_SECONDS = 1.0
# What comes of a stream first, before any line.
_OPENED: list[tuple[str, bytes]] = []


class LogOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a log request.

    Attributes:
        container: "" for the Pod's only one.
        previous: The instance before the last restart.
        since_seconds: Only lines of the last seconds.
        since_time: Only lines since this RFC 3339 time.
        tail_lines: Only the last lines.
        limit_bytes: Stop after this many bytes.
        timestamps: Begin each line with its time.
    """

    container: str = ""
    previous: bool = False
    since_seconds: int | None = None
    since_time: str = ""
    tail_lines: int | None = None
    limit_bytes: int | None = None
    timestamps: bool = False

    def query(self) -> Query:
        """The query parameters; zero values are left out, except a tail of 0 lines."""
        pairs = [
            ("container", self.container),
            ("previous", "true" if self.previous else ""),
            ("sinceSeconds", str(self.since_seconds) if self.since_seconds else ""),
            ("sinceTime", self.since_time),
            ("tailLines", "" if self.tail_lines is None else str(self.tail_lines)),
            ("limitBytes", str(self.limit_bytes) if self.limit_bytes else ""),
            ("timestamps", "true" if self.timestamps else ""),
        ]
        return tuple((name, value) for name, value in pairs if value)


async def read(rest: RESTClient, resource: APIResource, namespace: str | None, pod: str, options: LogOptions) -> bytes:
    """The log as it is now."""
    request = verbs.get(resource, namespace, pod, subresource="log", query=options.query(), accept="*/*")
    return (await rest.execute(request)).body


async def follow(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    pod: str,
    options: LogOptions,
    *,
    patient: bool = False,
) -> AsyncGenerator[bytes, None]:
    """The log's lines (without their newline) as they come, until the container has ended for good.

    A connection that is cut, by a load balancer or after the server's four hours, is opened again where it
    stopped: no line is lost or doubled. A container that restarts is followed into its new instance. With `patient`
    a container that has not started yet is waited for.

    Raises:
        StatusError: There is no such log, or you may not read it.
    """
    found = follow_lines(rest, resource, namespace, pod, options, patient=patient)
    async with aclosing(found) as batches:
        async for batch in batches:
            for stamp, line in batch:
                yield _shown(stamp, line, options)


async def follow_lines(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    pod: str,
    options: LogOptions,
    *,
    patient: bool = False,
    position: LogPosition | None = None,
    on_cut: Callable[[TransportError], object] = lambda error: None,
    on_open: Callable[[], object] = lambda: None,
) -> AsyncGenerator[list[tuple[str, bytes]], None]:
    """The log's lines with their times, as many at once as came at once; as `follow`.

    Args:
        rest: The way to the server.
        resource: The Pods' type.
        namespace: Namespace of the Pod.
        pod: Name of the Pod.
        options: Of the request.
        patient: Wait for a container that has not started yet.
        position: The place to go on from, which is kept up to date; a used one is a log that was left before.
        on_cut: Called when a connection was lost that will be opened again.
        on_open: Called when a connection is there.

    Raises:
        StatusError: There is no such log, or you may not read it.
    """
    position = position or LogPosition()
    torn, started = bytearray(), bool(position.last)
    while True:
        position.resume()
        torn.clear()
        try:
            async with aclosing(_stream(rest, resource, namespace, pod, _from(position, options), torn)) as batches:
                async for batch in batches:
                    started = True
                    if batch is _OPENED:
                        on_open()
                    fresh = [(stamp, line) for stamp, line in batch if position.is_new(stamp)]
                    if fresh:
                        yield fresh
        except TransportError as error:
            if not started:
                raise
            torn.clear()
            on_cut(error)
        except StatusError as error:
            if not (started or patient) or not waits(error):
                raise
        started = True
        if await _ended(rest, resource, namespace, pod, options):
            break
        await rest.clock.sleep(_AGAIN_SECONDS)
    # A torn line comes again as a whole after a cut; only at the end of the log it is the last one.
    stamp, line = split_timestamp(bytes(torn))
    if line and position.is_new(stamp):
        yield [(stamp, line)]


def _from(position: LogPosition, options: LogOptions) -> LogOptions:
    if not position.since:
        return options
    return msgspec.structs.replace(options, since_time=position.since, since_seconds=None, tail_lines=None)


def _shown(stamp: str, line: bytes, options: LogOptions) -> bytes:
    return f"{stamp} ".encode() + line if options.timestamps and stamp else line


async def _stream(
    rest: RESTClient, resource: APIResource, namespace: str | None, pod: str, options: LogOptions, torn: bytearray
) -> AsyncGenerator[list[tuple[str, bytes]], None]:
    query = (*msgspec.structs.replace(options, timestamps=True).query(), ("follow", "true"))
    request = verbs.connect(resource, namespace, pod, "log", query)
    request = request.with_headers([("Accept-Encoding", "identity")])
    async with rest.stream(request) as answer, aclosing(answer.chunks()) as chunks:
        yield _OPENED
        async for chunk in chunks:
            torn += chunk
            if b"\n" not in chunk:
                continue
            *lines, left = bytes(torn).split(b"\n")
            torn[:] = left
            yield [split_timestamp(line) for line in lines]


def waits(error: StatusError) -> bool:
    """Returns whether a refusal only means that the container is about to start, or to start again."""
    return any(word in error.message for word in ("waiting to start", "ContainerCreating", "PodInitializing"))


async def _ended(rest: RESTClient, resource: APIResource, namespace: str | None, pod: str, options: LogOptions) -> bool:
    if options.previous or options.limit_bytes:
        return True
    try:
        found = read_object((await rest.execute(verbs.get(resource, namespace, pod))).body, "the server's Pod")
    except NotFoundError:
        return True
    except KubeError:
        # The server may be away for a moment; the next attempt tells.
        return False
    status = found.get("status") or {}
    if status.get("phase") in ("Succeeded", "Failed"):
        return True
    ended = _state(status, options.container).get("terminated")
    if not ended:
        return False
    policy = _restart_policy(found.get("spec") or {}, options.container)
    return policy == "Never" or (policy == "OnFailure" and ended.get("exitCode") == 0)


def _state(status: JSONObject, container: str) -> dict[str, Any]:
    for kind in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for item in status.get(kind) or ():
            if not container or item.get("name") == container:
                state: dict[str, Any] = item.get("state") or {}
                return state
    return {}


def _restart_policy(spec: JSONObject, container: str) -> str:
    policy = str(spec.get("restartPolicy") or "Always")
    if any(item.get("name") == container for item in spec.get("ephemeralContainers") or ()):
        return "Never"
    for item in spec.get("initContainers") or ():
        if item.get("name") == container:
            # An init container has to succeed once; a sidecar is one that is kept running.
            return str(item.get("restartPolicy") or ("Never" if policy == "Never" else "OnFailure"))
    return policy
