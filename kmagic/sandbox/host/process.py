"""A sandbox in a child process: started, awaited, stopped, and gone when its parent is gone."""

from __future__ import annotations

import contextlib
import math
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kmagic.errors import KubeError

__all__ = ("SandboxProcess", "start")

READY = re.compile(r"kmagic sandbox ready: (\S+) kubeconfig=(.*)")
STOP_SECONDS = 5.0


class SandboxProcess:
    """A running sandbox.

    Attributes:
        server: Its URL.
        kubeconfig: The kubeconfig's path; the current context is the admin's, ``sandbox-readonly`` is the viewer's.
        pid: The child's process id.
    """

    def __init__(self, child: subprocess.Popen[str], server: str, kubeconfig: Path, folder: Path | None) -> None:
        self.server = server
        self.kubeconfig = kubeconfig
        self.pid: int = child.pid
        self._child = child
        self._folder = folder

    @property
    def running(self) -> bool:
        """Whether the child is alive."""
        return self._child.poll() is None

    def stop(self) -> None:
        """End the child and remove the files made for it; stopping twice is fine."""
        _end(self._child)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

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
    """Start a sandbox and wait until it answers.

    Args:
        port: 0 takes a free one.
        kubeconfig: Where to write the kubeconfig; None: into a folder of its own, removed by ``stop``.
        nodes: Simulated nodes.
        pods: Pods made at the start, without controllers.
        churn: Changes a second to those Pods.
        churn_seconds: After which they rest.
        timeout: Seconds to wait.

    Raises:
        KubeError: It did not come up; the message holds what it wrote.
    """
    folder = None if kubeconfig else Path(tempfile.mkdtemp(prefix="kmagic-sandbox-"))
    path = Path(kubeconfig) if kubeconfig else (folder or Path()) / "kubeconfig"
    command = [sys.executable, "-m", "kmagic", "sandbox", "--exit-with-parent", f"--port={port}"]
    command += [f"--kubeconfig={path}", f"--nodes={nodes}", f"--pods={pods}", f"--churn={churn}"]
    command += [f"--churn-seconds={churn_seconds}"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = _first_line(child, timeout)
    match = READY.match(line)
    if match is None:
        _end(child)
        raise KubeError(f"the sandbox did not start: {line.strip() or 'no answer in time'}")
    return SandboxProcess(child, match[1], Path(match[2]), folder)


def _first_line(child: subprocess.Popen[str], timeout: float) -> str:
    """The ready line, or what the child wrote to standard error when it ended or was silent."""
    assert child.stdout is not None
    assert child.stderr is not None
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            line = child.stdout.readline()
            if not line:
                break
            if READY.match(line):
                return line
    child.kill()
    return child.stderr.read()


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)
        if child.poll() is None:
            child.kill()
            child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()
