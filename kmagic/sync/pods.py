"""Pods, blocking: composition over `AsyncPods`, one line a verb."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from kmagic.client.exec import ExecResult
from kmagic.client.pods import AsyncPods
from kmagic.client.portforward import PortForward
from kmagic.sync.documentation import documented_by
from kmagic.sync.held import Held
from kmagic.sync.remote import OpenSession
from kmagic.sync.resource import Resource

if TYPE_CHECKING:
    from kmagic.models.core_v1 import Pod  # noqa: F401  # named in the base class's text

__all__ = ("Pods",)


@documented_by(AsyncPods)
class Pods(Resource["Pod"]):
    """Pods in one namespace; documentation and errors of each verb are those of `AsyncPods`."""

    of = AsyncPods

    @property
    def _pods(self) -> AsyncPods:
        return cast("AsyncPods", self._async)

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
    ) -> str: ...
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
    ) -> Iterator[str]: ...
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
    ) -> str | Iterator[str]:
        chosen: dict[str, Any] = {
            "container": container,
            "all_containers": all_containers,
            "previous": previous,
            "since_seconds": since_seconds,
            "since_time": since_time,
            "tail_lines": tail_lines,
            "limit_bytes": limit_bytes,
            "timestamps": timestamps,
        }
        if follow:
            return self._runtime.iterate(self._pods.logs(name, follow=True, **chosen))
        return self._runtime.run(self._pods.logs(name, follow=False, **chosen))

    def exec(
        self, name: str, command: Sequence[str], *, container: str | None = None, stdin: bytes | str | None = None
    ) -> ExecResult:
        return self._runtime.run(self._pods.exec(name, command, container=container, stdin=stdin))

    def exec_session(
        self,
        name: str,
        command: Sequence[str],
        *,
        container: str | None = None,
        stdin: bool = True,
        tty: bool = False,
    ) -> OpenSession:
        session = self._pods.exec_session(name, command, container=container, stdin=stdin, tty=tty)
        return OpenSession(self._runtime.enter(session), self._runtime)

    def attach(self, name: str, *, container: str | None = None, stdin: bool = False, tty: bool = False) -> OpenSession:
        session = self._pods.attach(name, container=container, stdin=stdin, tty=tty)
        return OpenSession(self._runtime.enter(session), self._runtime)

    def port_forward(
        self,
        name: str,
        *ports: str | int,
        addresses: Iterable[str] = ("localhost",),
        allow_remote: bool = False,
    ) -> Held[PortForward]:
        return Held(
            self._pods.port_forward(name, *ports, addresses=addresses, allow_remote=allow_remote), self._runtime
        )

    def copy_from(
        self, name: str, path: str, to: str | os.PathLike[str], *, container: str | None = None
    ) -> tuple[str, ...]:
        return self._runtime.run(self._pods.copy_from(name, path, to, container=container))

    def copy_to(self, name: str, source: str | os.PathLike[str], path: str, *, container: str | None = None) -> None:
        self._runtime.run(self._pods.copy_to(name, source, path, container=container))

    def evict(self, name: str, *, grace_seconds: int | None = None, uid: str = "", dry_run: bool = False) -> None:
        self._runtime.run(self._pods.evict(name, grace_seconds=grace_seconds, uid=uid, dry_run=dry_run))

    def default_container(self, name: str) -> str:
        return self._runtime.run(self._pods.default_container(name))
