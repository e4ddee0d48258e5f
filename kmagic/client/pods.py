"""Pods: the verbs every resource has, and those only Pods have (logs, exec, attach, port-forward, copy, evict).

Where no container is named, the Pod's default one is meant, as kubectl does: the one its
``kubectl.kubernetes.io/default-container`` annotation names, else its first.

Source: k8s.io/client-go/kubernetes/typed/core/v1/pod_expansion.go, eviction_expansion.go.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import msgspec

from kmagic.client import attach as attaching
from kmagic.client import copy as copying
from kmagic.client import exec as executing
from kmagic.client import logs as logging
from kmagic.client import portforward
from kmagic.client.forward_target import forward_target
from kmagic.client.logs import LogOptions
from kmagic.client.resource import AsyncResource
from kmagic.errors import BadRequestError, NotFoundError

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence

    from kmagic.api.types import JSONObject
    from kmagic.client.exec import ExecResult
    from kmagic.client.portforward import PortForward
    from kmagic.client.remote import RemoteSession
    from kmagic.models.core_v1 import Pod  # noqa: F401  # named in the base class's text

__all__ = ("AsyncPods",)

T = TypeVar("T")

_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class AsyncPods(AsyncResource["Pod"]):
    """Pods in one namespace."""

    @overload
    def logs(
        self,
        name: str,
        *,
        container: str | None = None,
        follow: Literal[False] = False,
        previous: bool = False,
        since_seconds: int | None = None,
        since_time: str = "",
        tail_lines: int | None = None,
        limit_bytes: int | None = None,
        timestamps: bool = False,
    ) -> Coroutine[Any, Any, str]: ...
    @overload
    def logs(
        self,
        name: str,
        *,
        container: str | None = None,
        follow: Literal[True],
        previous: bool = False,
        since_seconds: int | None = None,
        since_time: str = "",
        tail_lines: int | None = None,
        limit_bytes: int | None = None,
        timestamps: bool = False,
    ) -> AsyncGenerator[str, None]: ...
    def logs(
        self,
        name: str,
        *,
        container: str | None = None,
        follow: bool = False,
        previous: bool = False,
        since_seconds: int | None = None,
        since_time: str = "",
        tail_lines: int | None = None,
        limit_bytes: int | None = None,
        timestamps: bool = False,
    ) -> Coroutine[Any, Any, str] | AsyncGenerator[str, None]:
        """A container's log: as one text to await, or with `follow` its lines to iterate as they come.

        Followed, it goes on until the container has ended for good: a cut connection is opened again where it
        stopped, without a lost or doubled line, and a container that restarts is followed.

        Args:
            name: The Pod.
            container: One of its containers, init and ephemeral ones too; None: the default one.
            follow: Lines as they come.
            previous: The instance before the last restart.
            since_seconds: Only lines of the last seconds.
            since_time: Only lines since this RFC 3339 time.
            tail_lines: Only the last lines.
            limit_bytes: Stop after this many bytes.
            timestamps: Begin each line with its time.
        """
        options = LogOptions(
            container=container or "",
            previous=previous,
            since_seconds=since_seconds,
            since_time=since_time,
            tail_lines=tail_lines,
            limit_bytes=limit_bytes,
            timestamps=timestamps,
        )
        return self._follow_logs(name, options) if follow else self._read_logs(name, options)

    async def exec(
        self, name: str, command: Sequence[str], *, container: str | None = None, stdin: bytes | str | None = None
    ) -> ExecResult:
        """Runs a command to its end.

        Args:
            name: The Pod.
            command: Words, not a shell line: ``["sh", "-c", "id"]``.
            container: None: the default one.
            stdin: What the command reads.

        Raises:
            StreamError: The command could not be run; one that ran and failed has its exit code in the result.
        """
        resource = await self.resolve()
        data = stdin.encode() if isinstance(stdin, str) else stdin

        async def run(container: str) -> ExecResult:
            return await executing.run(
                self.rest, resource, self.namespace, name, command, container=container or None, stdin=data
            )

        return await self._with_container(name, container, run)

    @asynccontextmanager
    async def exec_session(
        self,
        name: str,
        command: Sequence[str],
        *,
        container: str | None = None,
        stdin: bool = True,
        tty: bool = False,
    ) -> AsyncIterator[RemoteSession]:
        """A command's streams, to talk with it while it runs; `tty` gives it a terminal."""
        resource = await self.resolve()
        if container is None:
            container = await self.default_container(name)
        async with executing.exec_session(
            self.rest, resource, self.namespace, name, command, container=container, stdin=stdin, tty=tty
        ) as session:
            yield session

    @asynccontextmanager
    async def attach(
        self, name: str, *, container: str | None = None, stdin: bool = False, tty: bool = False
    ) -> AsyncIterator[RemoteSession]:
        """The streams of a container's own process."""
        resource = await self.resolve()
        if container is None:
            container = await self.default_container(name)
        async with attaching.attach_session(
            self.rest, resource, self.namespace, name, container=container, stdin=stdin, tty=tty
        ) as session:
            yield session

    def port_forward(
        self,
        name: str,
        *ports: str | int,
        addresses: Iterable[str] = ("localhost",),
        allow_remote: bool = False,
    ) -> AbstractAsyncContextManager[PortForward]:
        """Local ports that lead into a Pod while the block lasts.

        Behind a Service or Deployment, each connection goes to a ready Pod: when one goes, another takes over.

        Args:
            name: The Pod, or what selects Pods as kubectl names it: ``"svc/web"``, ``"deploy/web"``.
            ports: ``8080``, ``"8888:80"``, ``":80"`` (any free local port; see `.local_port`), ``":http"``; a
                Service's own ports where it is one.
            addresses: Local addresses to listen on.
            allow_remote: Also addresses that other machines can reach.

        Raises:
            ValueError: No such port or address, or nothing that selects Pods.
            NotFoundError: No such Pod, or no ready one.
            StreamError: No local port could be opened.
        """

        @asynccontextmanager
        async def forwarding() -> AsyncIterator[PortForward]:
            target = forward_target(self.rest, self.namespace, name)
            async with portforward.port_forward(
                self.rest,
                await self.resolve(),
                self.namespace,
                target,
                ports,
                addresses=addresses,
                allow_remote=allow_remote,
            ) as forward:
                yield forward

        return forwarding()

    async def copy_from(
        self, name: str, path: str, to: str | os.PathLike[str], *, container: str | None = None
    ) -> tuple[str, ...]:
        """Copies a file or folder out of a container; it needs ``tar`` there. Returns the files written."""
        archive = await self._tar(name, container, copying.pack_command(path), None)
        return copying.unpack(archive, path, to)

    async def copy_to(
        self, name: str, source: str | os.PathLike[str], path: str, *, container: str | None = None
    ) -> None:
        """Copies a local file or folder into a container, to this path; it needs ``tar`` there."""
        await self._tar(name, container, copying.unpack_command(path), copying.pack(source, path))

    async def evict(self, name: str, *, grace_seconds: int | None = None, dry_run: bool = False) -> None:
        """Deletes a Pod if its disruption budgets allow it.

        Raises:
            TooManyRequestsError: A budget does not allow it now.
        """
        body: JSONObject = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": self.namespace},
        }
        if grace_seconds is not None:
            body["deleteOptions"] = {"gracePeriodSeconds": grace_seconds}
        await self.create_subresource(name, "eviction", body, dry_run=dry_run)

    async def default_container(self, name: str) -> str:
        """The container that is meant where none is named."""
        pod = await self.get(name)
        names = [item.name or "" for item in pod.spec.containers]
        chosen = (pod.metadata.annotations or {}).get(_DEFAULT_CONTAINER, "")
        return chosen if chosen in names or not names else names[0]

    async def _read_logs(self, name: str, options: LogOptions) -> str:
        resource = await self.resolve()

        async def read(container: str) -> bytes:
            asked = msgspec.structs.replace(options, container=container)
            return await logging.read(self.rest, resource, self.namespace, name, asked)

        return (await self._with_container(name, options.container, read)).decode(errors="replace")

    async def _follow_logs(self, name: str, options: LogOptions) -> AsyncGenerator[str, None]:
        resource = await self.resolve()
        if not options.container:
            options = msgspec.structs.replace(options, container=await self.default_container(name))
        async with aclosing(logging.follow(self.rest, resource, self.namespace, name, options)) as lines:
            async for line in lines:
                yield line.decode(errors="replace")

    async def _with_container(self, name: str, container: str | None, call: Callable[[str], Awaitable[T]]) -> T:
        # Most Pods have one container, which the server knows: ask for the Pod only if it wants a name.
        try:
            return await call(container or "")
        except BadRequestError as error:
            if container or "container name must be specified" not in error.message:
                raise
        return await call(await self.default_container(name))

    async def _tar(self, name: str, container: str | None, command: Sequence[str], stdin: bytes | None) -> bytes:
        result = await self.exec(name, command, container=container, stdin=stdin)
        if result.code in (126, 127) or "executable file not found" in result.stderr:
            raise NotFoundError(f"the container has no tar, which copying needs: {result.stderr.strip()[-200:]}")
        return result.check().stdout_bytes
