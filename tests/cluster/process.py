"""Programs of a test cluster: started, stopped, killed, paused; none outlives the test process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

__all__ = ("Process", "StartError", "running_pids", "wait_for")

# Runs in the child before the program itself: the kernel ends the program when the thread that started it is gone.
_DIE_WITH_PARENT = """
import os, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""

# PR_SET_PDEATHSIG looks at the thread, not at the process: every child is started from one thread that stays.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cluster-spawner")
_started: list[subprocess.Popen[bytes]] = []


class StartError(RuntimeError):
    """A program ended, or was not ready in time; the message ends with its last lines."""


class Process:
    """One program of the cluster.

    All methods block; async tests call them through `anyio.to_thread.run_sync`.

    Args:
        command: The program and its arguments.
        log: The file its output is appended to.
        ready: Says whether it serves; None when running is enough.
    """

    def __init__(self, command: Sequence[str], log: Path, ready: Callable[[], bool] | None = None) -> None:
        self.name = Path(command[0]).name
        self.log = log
        self._command = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]
        self._ready = ready
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None while it does not run."""
        return self._popen.pid if self._popen is not None and self._popen.poll() is None else None

    def start(self, *, timeout: float = 30.0) -> None:
        """Starts the program and waits until it is ready.

        Raises:
            StartError: It ended or was not ready within `timeout` seconds.
        """
        self.launch()
        self.wait_ready(timeout=timeout)

    def launch(self) -> None:
        """Starts the program without waiting for it."""
        assert self.pid is None, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self._popen = _spawner.submit(_spawn, self._command, log, self.log.parent).result()
        _started.append(self._popen)

    def wait_ready(self, *, timeout: float = 30.0) -> None:
        """Waits until the program serves, at most `timeout` seconds.

        Raises:
            StartError: It ended, or the time is over.
        """
        if self._ready is None:
            return
        if not wait_for(lambda: self.pid is None or bool(self._ready and self._ready()), timeout):
            raise StartError(f"{self.name} was not ready after {timeout:.0f} s\n{self.tail()}")
        if self.pid is None:
            raise StartError(f"{self.name} ended while it started\n{self.tail()}")

    def stop(self, *, timeout: float = 20.0) -> None:
        """Asks it to end (SIGTERM) and waits; kills it when it does not."""
        if self.pid is not None:
            assert self._popen is not None
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Ends it at once (SIGKILL): connections are cut, nothing is flushed."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait()

    def pause(self) -> None:
        """Freezes it (SIGSTOP): connections stay open and silent."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """`kill`, then `start`."""
        self.kill()
        self.start()

    def tail(self, lines: int = 20) -> str:
        """The last lines of its output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def _signal(self, number: int) -> None:
        assert self.pid is not None, f"{self.name} does not run"
        os.kill(self.pid, number)


def running_pids() -> frozenset[int]:
    """The clusters' programs that run now: their owners are fixtures wider than a test."""
    _started[:] = [popen for popen in _started if popen.poll() is None]
    return frozenset(popen.pid for popen in _started)


def wait_for(condition: Callable[[], bool], timeout: float, *, interval: float = 0.05) -> bool:
    """Asks `condition` every `interval` seconds until it holds; False when `timeout` seconds are over."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(interval)
    return True


def _spawn(command: Sequence[str], log: IO[bytes], folder: Path) -> subprocess.Popen[bytes]:
    # Its own session: Ctrl-C in the terminal ends the tests first, which then end the cluster in order.
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=folder, start_new_session=True
    )
