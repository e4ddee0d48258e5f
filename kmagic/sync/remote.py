"""The streams of a running command or process, blocking: composition over `RemoteSession`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType

from kmagic.client import remote
from kmagic.client.remote import RemoteOutput
from kmagic.sync.documentation import documented_by
from kmagic.sync.runtime import Runtime

__all__ = ("OpenSession", "RemoteSession")


@documented_by(remote.RemoteSession)
class RemoteSession:
    """The streams of one command. Read its output in one thread; others may write meanwhile."""

    def __init__(self, session: remote.RemoteSession, runtime: Runtime) -> None:
        self._async = session
        self._runtime = runtime

    def write(self, data: bytes) -> None:
        self._runtime.run(self._async.write(data))

    def close_stdin(self) -> None:
        self._runtime.run(self._async.close_stdin())

    def resize(self, width: int, height: int) -> None:
        self._runtime.run(self._async.resize(width, height))

    def output(self) -> Iterator[RemoteOutput]:
        return self._runtime.iterate(self._async.output())

    def collect(self, stdout: bytearray, stderr: bytearray) -> int:
        return self._runtime.run(self._async.collect(stdout, stderr))

    @property
    def told(self) -> bool:
        """True if the server has said how the command ended; every server does, so without it the output is cut."""
        return self._async.told

    def code(self) -> int:
        return self._async.code()

    def wait(self) -> int:
        return self._runtime.run(self._async.wait())


class OpenSession:
    """A session that ``with`` opens and closes."""

    def __init__(self, inner: AbstractContextManager[remote.RemoteSession], runtime: Runtime) -> None:
        self._inner = inner
        self._runtime = runtime

    def __enter__(self) -> RemoteSession:
        return RemoteSession(self._inner.__enter__(), self._runtime)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._inner.__exit__(kind, error, trace)
