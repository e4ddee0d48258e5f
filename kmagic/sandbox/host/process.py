"""A sandbox in a child process: started, awaited, stopped, and gone when its parent is gone.

Theory of operation. The child has a session of its own, so a signal to the parent's process group (the kernel's ■,
Ctrl-C in a terminal) does not reach it. What ties it to its parent is its standard input: a pipe whose other end the
parent holds, and which closes however the parent ends; the child then removes its files and leaves. A thread reads
what the child writes, all its life, so that the child never waits for a reader.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from collections import deque
from pathlib import Path
from typing import IO

from kmagic.errors import KubeError
from kmagic.sandbox.host import needs

__all__ = ("SandboxProcess", "start")

READY = re.compile(r"kmagic sandbox ready: (\S+) kubeconfig=(.*)")
STOP_SECONDS = 5.0
_KEPT_LINES = 200
_LONGEST_LINE = 8192


class SandboxProcess:
    """A running sandbox.

    Attributes:
        server: URL of the sandbox.
        kubeconfig: The kubeconfig's path; the current context is the admin's, ``sandbox-readonly`` is the viewer's.
        pid: The child's process id.
    """

    def __init__(
        self, child: subprocess.Popen[str], output: _Output, server: str, kubeconfig: Path, folder: Path | None
    ) -> None:
        self.server = server
        self.kubeconfig = kubeconfig
        self.pid: int = child.pid
        self._child = child
        self._output = output
        self._folder = folder
        self._owner = os.getpid()
        _held.add(self)

    @property
    def running(self) -> bool:
        """True if the child is alive."""
        return self._child.poll() is None

    @property
    def log(self) -> str:
        """The last lines the child wrote: its internal errors."""
        return self._output.text

    def stop(self) -> None:
        """Ends the child and removes the files made for it; stopping twice is fine, and a forked process stops nothing."""
        if os.getpid() != self._owner:
            return
        _end(self._child, self._output)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _let_go(self) -> None:
        """Closes a forked process's copy of the pipe: the sandbox ends with the one that started it."""
        if self._child.stdin is not None:
            self._child.stdin.close()

    def __enter__(self) -> SandboxProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"SandboxProcess({self.server}, {'running' if self.running else 'stopped'})"


def start(
    *,
    port: int = 0,
    kubeconfig: Path | str | None = None,
    nodes: int = 3,
    pods: int = 0,
    churn: float = 0.0,
    churn_seconds: float = math.inf,
    timeout: float = 30.0,
) -> SandboxProcess:
    """Starts a sandbox and waits until it answers.

    Args:
        port: 0 takes a free one.
        kubeconfig: Path of the kubeconfig; None: in a folder of its own, removed by ``stop``.
        nodes: Number of simulated nodes.
        pods: Pods made at the start, without controllers.
        churn: Changes a second to those Pods.
        churn_seconds: After which they rest.
        timeout: Seconds to wait.

    Raises:
        KubeError: Its packages are not installed, or it did not come up; the message holds what it wrote.
    """
    needs.check()
    # Only named here: the child makes it, so that whatever ends this process leaves none without its sandbox.
    folder = None if kubeconfig else Path(tempfile.gettempdir(), f"kmagic-sandbox-{secrets.token_hex(8)}")
    path = Path(kubeconfig) if kubeconfig else (folder or Path()) / "kubeconfig"
    command = [sys.executable, "-m", "kmagic", "sandbox", "--exit-with-parent", f"--port={port}"]
    command += [f"--kubeconfig={path}", f"--nodes={nodes}", f"--pods={pods}", f"--churn={churn}"]
    command += [f"--churn-seconds={churn_seconds}"]
    if folder is not None:
        command.append("--own-folder")
    child = output = None
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        assert child.stdout is not None
        output = _Output(child.stdout)
        match = output.ready(timeout)
        if match is None:
            child.kill()
            output.join()
            raise KubeError(f"the sandbox did not start: {output.text or 'no answer in time'}")
        return SandboxProcess(child, output, match[1], Path(match[2]), folder)
    except BaseException:  # an interrupt comes between any two lines
        if child is not None:
            _end(child, output)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise


class _Output:
    """The output of a child, read as it comes until it ends; the last lines are kept."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._match: re.Match[str] | None = None
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._read, name="sandbox-output", daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """The kept lines."""
        return "".join(tuple(self._lines)).strip()

    def ready(self, timeout: float) -> re.Match[str] | None:
        """Waits for the ready line; None when the child ended before or was silent."""
        self._settled.wait(timeout)
        return self._match

    def join(self) -> None:
        """Waits until everything is read from a child that ended."""
        self._thread.join(STOP_SECONDS)

    def _read(self) -> None:
        with self._stream as stream:
            while line := stream.readline(_LONGEST_LINE):
                if self._match is None and (match := READY.match(line)):
                    self._match = match
                    self._settled.set()
                else:
                    self._lines.append(line)
        self._settled.set()


def _end(child: subprocess.Popen[str], output: _Output | None) -> None:
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)
        if child.poll() is None:
            child.kill()
            child.wait()
    if output is not None:
        output.join()
    if child.stdin is not None:
        child.stdin.close()


# The sandboxes of this process, for the moment it forks.
_held: weakref.WeakSet[SandboxProcess] = weakref.WeakSet()


def _let_go_of_all() -> None:
    for each in tuple(_held):
        each._let_go()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_of_all)
