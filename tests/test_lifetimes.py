"""What lives longer than a call: started here, stopped there, and forgotten without harm."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

import kmagic
from kmagic.controller import Controller, EventRecorder, LeaderElector
from kmagic.controller.events_v1 import SeriesRecorder
from kmagic.models.core_v1 import ConfigMap
from kmagic.sync.runtime import stop_shared_runtime
from tests.conftest import Server

NAMESPACE = "default"


async def nothing(key: object) -> None:
    """Reconciles nothing."""


def name() -> str:
    return f"life-{uuid.uuid4().hex[:8]}"


ASYNC: dict[str, Callable[[kmagic.AsyncClient], Any]] = {
    "client": lambda client: client,
    "factory": lambda client: client.informers(namespace=NAMESPACE),
    "informer": lambda client: client.informers(namespace=NAMESPACE).core_v1.configmaps.informer,
    "controller": lambda client: Controller(client, nothing, [ConfigMap], namespace=NAMESPACE),
    "elector": lambda client: LeaderElector(client.coordination_v1.leases(NAMESPACE), name(), identity="me"),
    "recorder": lambda client: EventRecorder(client.core_v1.events, "me"),
    "series recorder": lambda client: SeriesRecorder(client.events_v1.events, "me"),
}
SYNC: dict[str, Callable[[kmagic.Client], Any]] = {
    "client": lambda client: client,
    "factory": lambda client: client.informers(namespace=NAMESPACE),
    "controller": lambda client: client.controller(nothing, [ConfigMap], name="life", namespace=NAMESPACE),
    "elector": lambda client: client.elector(name(), identity="me", namespace=NAMESPACE),
    "recorder": lambda client: client.recorder("me"),
}


@pytest.fixture
async def client(sandbox: Server) -> AsyncIterator[kmagic.AsyncClient]:
    async with kmagic.AsyncClient(sandbox.kubeconfig) as made:
        yield made


async def awaited(answer: Any) -> None:
    if hasattr(answer, "__await__"):
        await answer


@pytest.mark.parametrize("kind", ASYNC)
async def test_what_one_task_starts_another_stops(client: kmagic.AsyncClient, kind: str) -> None:
    made = ASYNC[kind](client)
    await asyncio.create_task(awaited(made.start()))
    await asyncio.create_task(awaited(made.stop()))
    if kind != "client":
        assert not [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith(kind)]


@pytest.mark.parametrize("kind", ASYNC)
async def test_what_one_task_enters_another_leaves(client: kmagic.AsyncClient, kind: str) -> None:
    made = ASYNC[kind](client)
    await asyncio.create_task(made.__aenter__())
    await asyncio.create_task(made.__aexit__(None, None, None))


@pytest.mark.parametrize("kind", SYNC)
def test_blocking_ones_are_started_and_stopped(sandbox: Server, kind: str) -> None:
    client = kmagic.Client(sandbox.kubeconfig)
    made = SYNC[kind](client)
    for begin, end in [(made.start, made.stop), (None, made.stop)]:
        if begin is not None:
            begin()
        end()
    client.close()
    stop_shared_runtime()


ENTERED = """
import asyncio, sys, anyio
sys.path.insert(0, sys.argv[2])
import kmagic
from tests.test_lifetimes import ASYNC, SYNC
"""
ENTERED_SYNC = (
    ENTERED
    + """
client = kmagic.Client(sys.argv[1])
made = SYNC[sys.argv[3]](client)
made.__enter__()
print("entered")
"""
)
ENTERED_ASYNC = (
    ENTERED
    + """
async def main():
    made = ASYNC[sys.argv[3]](kmagic.AsyncClient(sys.argv[1]))
    await made.__aenter__()
    await anyio.wait_all_tasks_blocked()
    print("entered")
asyncio.run(main())
"""
)


def run(script: str, sandbox: Server, kind: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", script, sandbox.kubeconfig, ".", kind],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize("kind", SYNC)
def test_a_blocking_one_that_is_never_left_does_not_keep_the_interpreter(sandbox: Server, kind: str) -> None:
    assert run(ENTERED_SYNC, sandbox, kind) == ("entered\n", "")


@pytest.mark.parametrize("kind", ASYNC)
def test_an_async_one_that_is_never_left_does_not_keep_the_interpreter(sandbox: Server, kind: str) -> None:
    assert run(ENTERED_ASYNC, sandbox, kind) == ("entered\n", "")


def test_an_edit_that_is_never_left_does_not_keep_the_interpreter(sandbox: Server) -> None:
    script = ENTERED + (
        "client = kmagic.Client(sys.argv[1])\n"
        "entered = client.core_v1.namespaces.edit('default')\n"
        "entered.__enter__()\n"
        "print('entered')\n"
    )
    assert run(script, sandbox, "edit") == ("entered\n", "")


async def test_an_interrupted_start_leaves_nothing_running(client: kmagic.AsyncClient) -> None:
    lease = name()
    leader = LeaderElector(client.coordination_v1.leases(NAMESPACE), lease, identity="first")
    second = LeaderElector(client.coordination_v1.leases(NAMESPACE), lease, identity="second")
    async with leader:
        waiting = asyncio.create_task(second.start())
        await anyio.lowlevel.checkpoint()
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
    await second.start()
    assert second.is_leader
    await second.stop()
