"""The logs of all containers of a Pod as one: each line says whose it is.

Read at once they are merged by time; followed, lines come as the containers write them, and a container that has
not started yet is waited for.

Source: kubectl logs --all-containers --prefix.
"""

from __future__ import annotations

import contextlib
import heapq
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

import anyio
import msgspec

from kmagic.aio.tasks import first_error
from kmagic.client import logs
from kmagic.errors import BadRequestError, KubeError
from kmagic.rest.log_lines import split_timestamp, time_key

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from anyio.streams.memory import MemoryObjectSendStream

    from kmagic.client.logs import LogOptions
    from kmagic.client.rest import RESTClient
    from kmagic.models.core_v1 import Pod
    from kmagic.rest.resource import APIResource

__all__ = ("container_names", "follow_all", "read_all")

# Lines that wait for their reader; more, and the servers' streams are read no further.
_BUFFERED_LINES = 100


def container_names(pod: Pod) -> tuple[str, ...]:
    """Init containers, containers and ephemeral ones, in the order they start."""
    spec = pod.spec
    groups = (spec.init_containers, spec.containers, spec.ephemeral_containers)
    return tuple(item.name or "" for group in groups for item in group)


async def read_all(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    pod: str,
    containers: Sequence[str],
    options: LogOptions,
) -> bytes:
    """The logs as they are now, merged by time; a container that did not start yet has none."""
    read: dict[str, bytes] = {}

    async def one(container: str) -> None:
        asked = msgspec.structs.replace(options, container=container, timestamps=True)
        try:
            read[container] = await logs.read(rest, resource, namespace, pod, asked)
        except BadRequestError as error:
            if not logs.waits(error):
                raise

    await first_error(partial(one, container) for container in containers)
    sides = [_stamped(pod, container, read[container], options) for container in containers if container in read]
    return b"".join(line + b"\n" for _, line in heapq.merge(*sides, key=lambda side: side[0]))


async def follow_all(
    rest: RESTClient,
    resource: APIResource,
    namespace: str | None,
    pod: str,
    containers: Sequence[str],
    options: LogOptions,
) -> AsyncGenerator[bytes, None]:
    """The lines of all as they come, until the last container has ended for good.

    Raises:
        StatusError: One of the logs may not be read.
    """
    failed: list[KubeError] = []
    sender, receiver = anyio.create_memory_object_stream[bytes](_BUFFERED_LINES)

    async def one(container: str, lines: MemoryObjectSendStream[bytes]) -> None:
        asked = msgspec.structs.replace(options, container=container)
        mark = _mark(pod, container)
        with lines:
            try:
                async with aclosing(logs.follow(rest, resource, namespace, pod, asked, patient=True)) as found:
                    async for line in found:
                        await lines.send(mark + line)
            except KubeError as error:
                failed.append(error)
                group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        with receiver:
            with sender:
                for container in containers:
                    group.start_soon(one, container, sender.clone())
            # The reader's leaving must not come out of the group as a failure.
            with contextlib.suppress(GeneratorExit):
                async for line in receiver:
                    yield line
            group.cancel_scope.cancel()
    if failed:
        raise failed[0]


def _stamped(pod: str, container: str, log: bytes, options: LogOptions) -> Iterable[tuple[tuple[str, int], bytes]]:
    mark = _mark(pod, container)
    last = ("", 0)
    for line in log.split(b"\n")[: -1 if log.endswith(b"\n") else None]:
        stamp, text = split_timestamp(line)
        # A line without a time stays behind the one before it.
        last = max(last, time_key(stamp)) if stamp else last
        yield last, mark + (line if options.timestamps else text)


def _mark(pod: str, container: str) -> bytes:
    return f"[pod/{pod}/{container}] ".encode()
