"""Pods: the verbs every resource has, and those only Pods have (logs, exec, attach, port-forward, copy, evict).

Where no container is named, the Pod's default one is meant, as kubectl does: the one its
``kubectl.kubernetes.io/default-container`` annotation names, else its first.

Source: k8s.io/client-go/kubernetes/typed/core/v1/pod_expansion.go, eviction_expansion.go.
"""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import msgspec

from kmagic.aio.held import Held
from kmagic.client import attach as attaching
from kmagic.client import copy as copying
from kmagic.client import exec as executing
from kmagic.client import logs as logging
from kmagic.client import portforward
from kmagic.client.all_logs import container_names, follow_all, read_all
from kmagic.client.containers import DEFAULT_CONTAINER
from kmagic.client.forward_target import forward_target
from kmagic.client.logs import LogOptions
from kmagic.client.pods_of import pod_named
from kmagic.client.resource import AsyncResource
from kmagic.errors import ArgumentError, BadRequestError

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


class AsyncPods(AsyncResource["Pod"]):
    """Pods in one namespace."""

    @overload
    def logs(
        self,
        name: str,
        *,
        container: str | None = None,
        all_containers: bool = False,
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
        all_containers: bool = False,
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
        all_containers: bool = False,
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
            name: Name of the Pod.
            container: One of its containers, init and ephemeral ones too; None: the default one.
            all_containers: All of them, merged by time; each line begins with ``[pod/<name>/<container>]``.
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
        if all_containers and container:
            raise ArgumentError("container and all_containers exclude each other")
        if follow:
            return self._follow_logs(name, options, all_containers)
        return self._read_all_logs(name, options) if all_containers else self._read_logs(name, options)

    async def exec(
        self, name: str, command: Sequence[str], *, container: str | None = None, stdin: bytes | str | None = None
    ) -> ExecResult:
        """Runs a command to its end.

        Args:
            name: The Pod, or what selects Pods, such as ``"deploy/web"``: then the most active of them.
            command: Words, not a shell line: ``["sh", "-c", "id"]``.
            container: None: the default one.
            stdin: Input of the command.

        Raises:
            StreamError: The command could not be run; one that ran and failed has its exit code in the result.
        """
        resource = await self.resolve()
        name = await self._chosen(name, "exec into a container in")
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
        """A command's streams, to talk with it while it runs; `name` as for `exec`, `tty` gives it a terminal."""
        resource = await self.resolve()
        name = await self._chosen(name, "exec into a container in")
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
        """The streams of a container's own process; `name` as for `exec`."""
        resource = await self.resolve()
        name = await self._chosen(name, "attach a container in")
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
    ) -> Held[PortForward]:
        """Local ports that lead into a Pod while the block lasts, or from ``start()`` to ``stop()``.

        Behind a Service or Deployment, each connection goes to a ready Pod: when one goes, another takes over.

        Args:
            name: The Pod, or what selects Pods as kubectl names it: ``"svc/web"``, ``"deploy/web"``.
            ports: ``8080``, ``"8888:80"``, ``":80"`` (any free local port; see `.local_port`), ``":http"``; a
                Service's own ports where it is one.
            addresses: Local addresses to listen on.
            allow_remote: Also addresses that other machines can reach.

        Raises:
            ArgumentError: No such port or address, or nothing that selects Pods.
            NotFoundError: No such Pod, or no ready one.
            StatusError: The server does not forward, or not for this user.
            StreamError: No local port could be opened, or the Pod does not run.
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

        return Held(forwarding, f"port-forward to {name}")

    async def copy_from(
        self, name: str, path: str, to: str | os.PathLike[str], *, container: str | None = None
    ) -> tuple[str, ...]:
        """Copies a file or folder out of a container; a folder needs ``tar`` there, a file at least ``cat``.

        Symlinks and devices are left out, as kubectl does, and named in one warning of the logger ``kmagic.copy``.

        Returns:
            The files written: into `to` if it is a folder, else under this name.

        Raises:
            NotFoundError: No such Pod, or the container lacks the programs.
            StreamError: No such file, or the container tries to write elsewhere.
        """
        return await copying.copy_from(await self._runner(name, container), path, to)

    async def copy_to(
        self, name: str, source: str | os.PathLike[str], path: str, *, container: str | None = None
    ) -> None:
        """Copies a local file or folder into a container, to this path; a folder needs ``tar`` there, a file ``cat``.

        Raises:
            NotFoundError: No such Pod, or the container lacks the programs.
            StreamError: The container could not write it.
        """
        await copying.copy_to(await self._runner(name, container), source, path)

    async def evict(self, name: str, *, grace_seconds: int | None = None, uid: str = "", dry_run: bool = False) -> None:
        """Deletes a Pod if its disruption budgets allow it.

        Args:
            name: Name of the Pod.
            grace_seconds: Time to stop; None for the Pod's own.
            uid: Only this very Pod, no other that took its name.
            dry_run: Answer as if, but keep nothing.

        Raises:
            ConflictError: The Pod of that name is another one.
            TooManyRequestsError: A budget does not allow it now.
        """
        body: JSONObject = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": self.namespace},
        }
        options: JSONObject = {} if grace_seconds is None else {"gracePeriodSeconds": grace_seconds}
        if uid:
            options["preconditions"] = {"uid": uid}
        if options:
            body["deleteOptions"] = options
        await self.create_subresource(name, "eviction", body, dry_run=dry_run)

    async def default_container(self, name: str) -> str:
        """The container that is meant where none is named."""
        pod = await self.get(name)
        names = [item.name or "" for item in pod.spec.containers]
        chosen = (pod.metadata.annotations or {}).get(DEFAULT_CONTAINER, "")
        return chosen if chosen in names or not names else names[0]

    async def _read_logs(self, name: str, options: LogOptions) -> str:
        resource = await self.resolve()

        async def read(container: str) -> bytes:
            asked = msgspec.structs.replace(options, container=container)
            return await logging.read(self.rest, resource, self.namespace, name, asked)

        return (await self._with_container(name, options.container, read)).decode(errors="replace")

    async def _read_all_logs(self, name: str, options: LogOptions) -> str:
        resource, containers = await self.resolve(), container_names(await self.get(name))
        log = await read_all(self.rest, resource, self.namespace, name, containers, options)
        return log.decode(errors="replace")

    async def _follow_logs(
        self, name: str, options: LogOptions, all_containers: bool = False
    ) -> AsyncGenerator[str, None]:
        where = self.rest, await self.resolve(), self.namespace, name
        if all_containers:
            found = follow_all(*where, container_names(await self.get(name)), options)
        else:
            container = options.container or await self.default_container(name)
            found = logging.follow(*where, msgspec.structs.replace(options, container=container))
        async with aclosing(found) as lines:
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

    async def _chosen(self, name: str, doing: str) -> str:
        return await pod_named(self.rest, self.namespace, name, doing)

    async def _runner(self, name: str, container: str | None) -> copying.Run:
        # One Pod for the whole copy, which runs several commands.
        pod = await self._chosen(name, "exec into a container in")

        async def run(command: list[str], stdin: bytes | None) -> ExecResult:
            return await self.exec(pod, command, container=container, stdin=stdin)

        return run
