"""What a test left behind: threads, open files and sockets, child processes, tasks on the loop."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
import psutil

from tests.cluster.process import running_pids

__all__ = ("Snapshot", "connections", "left_since", "snapshot", "tasks", "tasks_left_since")

_PATIENCE = 20.0  # seconds a thread or a socket that is on its way out may take
# Started once: what starts the clusters of the run, and the workers of a loop's default executor, which it keeps.
_STAYING_THREADS = ("cluster-spawner", "asyncio_")
_HARMLESS_FILES = ("/dev/null", "/dev/urandom", "/proc/")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was there at one moment."""

    threads: frozenset[int]
    files: frozenset[tuple[int, str]]
    children: frozenset[int]


def snapshot() -> Snapshot:
    """The threads, open files and child processes of this process now."""
    return Snapshot(frozenset(_threads()), frozenset(_files()), frozenset(_children()))


def left_since(before: Snapshot) -> list[str]:
    """What is there now and was not `before`, in words; waits for what is just ending."""
    end = time.monotonic() + _PATIENCE
    while True:
        left = _difference(before)
        if not left or time.monotonic() > end:
            return left
        gc.collect()  # an object in a cycle holds its socket until it is collected: late, but no leak
        time.sleep(0.02)


def connections(url: str) -> int:
    """How many connections to a server this process has open."""
    port = urlsplit(url).port
    gc.collect()
    return sum(bool(each.raddr) and each.raddr.port == port for each in psutil.Process().net_connections("tcp"))


def tasks() -> set[asyncio.Task[object]]:
    """The tasks of the running loop."""
    return {t for t in asyncio.all_tasks() if not _is_runner(t)}


async def tasks_left_since(before: set[asyncio.Task[object]]) -> list[str]:
    """The tasks that run now and did not `before`, by name and coroutine."""
    end = time.monotonic() + _PATIENCE
    while True:
        left = tasks() - before - {asyncio.current_task()}
        if not left or time.monotonic() > end:
            return [f"{task.get_name()} {task.get_coro()!r}" for task in left]
        await anyio.sleep(0.01)


def _is_runner(task: asyncio.Task[object]) -> bool:
    """Whether it is the task anyio's plugin runs the tests and their fixtures in."""
    return getattr(task.get_coro(), "__qualname__", "").startswith("TestRunner.")


def _difference(before: Snapshot) -> list[str]:
    threads = [f"thread {name!r}" for ident, name in _threads().items() if ident not in before.threads]
    files = [f"file {number} -> {target}" for number, target in _files() - before.files]
    children = [f"child process {pid} {name}" for pid, name in _children().items() if pid not in before.children]
    return threads + files + children


def _threads() -> dict[int, str]:
    alive = {t.ident or 0: t.name for t in threading.enumerate()}
    return {ident: name for ident, name in alive.items() if not name.startswith(_STAYING_THREADS)}


def _files() -> set[tuple[int, str]]:
    found = set()
    for number in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:  # the descriptor of the listing itself
            continue
        if not target.startswith(_HARMLESS_FILES):
            found.add((int(number), target))
    return found


def _children() -> dict[int, str]:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)  # reaps nothing
    except ChildProcessError:
        return {}  # no child at all: spares the walk over every process
    found = {}
    expected = running_pids()
    for child in psutil.Process().children():
        try:
            if child.pid not in expected:
                found[child.pid] = child.name()
        except psutil.NoSuchProcess:
            continue
    return found
